#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/located.h"

namespace engine::plan {

enum class YamlKind : std::uint8_t {
  kNull,
  kPlain,
  kSingleQuoted,
  kDoubleQuoted,
  kBlockText,
  kSequence,
  kMapping,
};

/// One node of a plan file: 24 bytes, for a large plan has a million of them. A scalar's bytes are
/// a view into the file wherever they stand there as they are. Children are shared where an alias
/// stands, so the tree is an acyclic graph; a node is never changed after it was built.
struct YamlNode {
  union {
    const char* bytes = nullptr;      ///< scalar
    const YamlNode* const* children;  ///< mapping: key, value, key, value, ...
  };
  std::uint32_t size = 0;    ///< bytes of the scalar, or number of children pointers
  std::uint32_t offset = 0;  ///< in the file's text, after an anchor
  std::uint32_t line = 0;    ///< 1-based
  std::uint16_t file = 0;    ///< index of the file in its tree
  YamlKind kind = YamlKind::kNull;
  std::uint8_t height = 0;  ///< levels below this node

  bool is_mapping() const { return kind == YamlKind::kMapping; }
  bool is_sequence() const { return kind == YamlKind::kSequence; }
  bool is_null() const { return kind == YamlKind::kNull; }
  bool is_scalar() const { return kind < YamlKind::kSequence; }
  bool is_quoted() const { return kind >= YamlKind::kSingleQuoted && kind <= YamlKind::kBlockText; }
  std::string_view text() const { return is_scalar() ? std::string_view(bytes, size) : ""; }
  std::span<const YamlNode* const> list() const { return {children, is_scalar() ? 0 : size}; }
  /// Pairs of a mapping; 0 for everything else.
  std::size_t pairs() const { return is_mapping() ? size / 2 : 0; }
  const YamlNode& key(std::size_t pair) const { return *children[2 * pair]; }
  const YamlNode& value(std::size_t pair) const { return *children[2 * pair + 1]; }
  /// The value under a key of a mapping, nullptr when there is none.
  const YamlNode* find(std::string_view name) const;
};

/// Owns the texts of the files of one plan and all their nodes.
class YamlTree {
 public:
  struct File {
    base::SharedText name;                        ///< as diagnostics show it
    base::SharedText text;                        ///< without a byte order mark
    std::string shown = {};                       ///< once something in it is masked
    std::vector<std::uint32_t> line_starts = {};  ///< offset of each line
  };

  YamlTree();
  YamlTree(const YamlTree&) = delete;
  YamlTree& operator=(const YamlTree&) = delete;

  /// The file stays where it is for the life of the tree: nodes view its text.
  std::uint16_t add_file(std::string name, std::string text);
  const File& file(std::uint16_t index) const { return *files_[index]; }
  std::size_t file_count() const { return files_.size(); }

  YamlNode* make_node();
  std::string_view keep(std::string_view text);
  const YamlNode* const* keep_children(std::span<const YamlNode* const> children);
  /// The file's text with the bytes of this scalar (and of those given before) as stars: what may
  /// be shown.
  const std::string& mask(const YamlNode& node);
  /// A mapping with the place of `like` and the given children (key, value, ...).
  const YamlNode* make_mapping(const YamlNode& like, std::span<const YamlNode* const> children);

  base::Span span(const YamlNode& node) const;
  /// The text with its place; columns of quoted scalars with escapes are found by reading the
  /// source again.
  base::Located located(const YamlNode& node) const;

 private:
  std::vector<std::unique_ptr<File>> files_;
  std::pmr::monotonic_buffer_resource arena_;
};

/// The columns (1-based) of every byte of a scalar that stands on one line and is written with
/// quotes: escapes are followed. `source` begins at the opening quote, in column `column`. Empty
/// when the text ends elsewhere.
std::vector<int> quoted_columns(std::string_view source, std::string_view text, int column);

}  // namespace engine::plan
