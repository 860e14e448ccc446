#include "plan/yaml_tree.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace engine::plan {

const YamlNode* YamlNode::find(std::string_view name) const {
  for (std::size_t i = 0; i < pairs(); ++i) {
    if (key(i).text() == name) return &value(i);
  }
  return nullptr;
}

YamlTree::YamlTree() : arena_(std::size_t{64} << 10) {}

std::uint16_t YamlTree::add_file(std::string name, std::string text) {
  files_.push_back(std::make_unique<File>(File{std::move(name), std::move(text)}));
  File& file = *files_.back();
  const std::string_view bytes = file.text.text();
  file.line_starts.push_back(0);
  for (auto at = bytes.find('\n'); at != bytes.npos; at = bytes.find('\n', at + 1)) {
    file.line_starts.push_back(static_cast<std::uint32_t>(at + 1));
  }
  return static_cast<std::uint16_t>(files_.size() - 1);
}

YamlNode* YamlTree::make_node() {
  return new (arena_.allocate(sizeof(YamlNode), alignof(YamlNode))) YamlNode;
}

std::string_view YamlTree::keep(std::string_view text) {
  if (text.empty()) return "";
  auto* bytes = static_cast<char*>(arena_.allocate(text.size(), 1));
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

const YamlNode* const* YamlTree::keep_children(std::span<const YamlNode* const> children) {
  if (children.empty()) return nullptr;
  void* place = arena_.allocate(children.size_bytes(), alignof(const YamlNode*));
  auto** out = static_cast<const YamlNode**>(place);
  std::copy(children.begin(), children.end(), out);
  return out;
}

const YamlNode* YamlTree::make_mapping(const YamlNode& like,
                                       std::span<const YamlNode* const> children) {
  YamlNode* node = make_node();
  *node = like;
  node->kind = YamlKind::kMapping;
  node->children = keep_children(children);
  node->size = static_cast<std::uint32_t>(children.size());
  return node;
}

const std::string& YamlTree::mask(const YamlNode& node) {
  File& masked = *files_[node.file];
  if (masked.shown.empty()) masked.shown = masked.text.text();
  const bool quoted = node.is_quoted();
  std::size_t end = node.offset + node.size + (quoted ? 2U : 0U);
  if (node.kind == YamlKind::kBlockText) end = masked.shown.size();
  for (std::size_t at = node.offset; at < std::min(end, masked.shown.size()); ++at) {
    if (masked.shown[at] != '\n') masked.shown[at] = '*';
  }
  return masked.shown;
}

namespace {

bool stands_at(std::string_view source, std::size_t offset, std::string_view text) {
  return offset <= source.size() && source.substr(offset, text.size()) == text;
}

bool has_line_break(std::string_view text) {
  return text.find('\n') != std::string_view::npos;
}

/// Bytes of source that one escape of a double-quoted scalar takes, from its backslash.
std::size_t escape_length(char letter) {
  switch (letter) {
    case 'x':
      return 4;
    case 'u':
      return 6;
    case 'U':
      return 10;
    default:
      return 2;
  }
}

/// Bytes that the escape at `source` stands for: one, or the UTF-8 bytes of a code point.
std::size_t escape_bytes(std::string_view source) {
  const char letter = source.size() > 1 ? source[1] : ' ';
  if (letter == 'N' || letter == '_') return 2;
  if (letter == 'L' || letter == 'P') return 3;
  if (letter != 'x' && letter != 'u' && letter != 'U') return 1;
  const std::string digits(source.substr(2, escape_length(letter) - 2));
  const unsigned long code = std::strtoul(digits.c_str(), nullptr, 16);
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

struct Piece {
  std::size_t source = 1;  ///< bytes in the file
  std::size_t text = 1;    ///< bytes of the value
};

Piece next_piece(std::string_view rest, char quote) {
  if (quote == '\'' && rest.starts_with("''")) return {2, 1};
  if (quote == '"' && rest.front() == '\\' && rest.size() > 1) {
    return {escape_length(rest[1]), escape_bytes(rest)};
  }
  return {};
}

}  // namespace

std::vector<int> quoted_columns(std::string_view source, std::string_view text, int column) {
  std::vector<int> columns;
  if (source.empty()) return columns;
  const char quote = source.front();
  std::size_t at = 1;
  while (columns.size() < text.size()) {
    if (at >= source.size() || source[at] == '\n') return {};
    const Piece piece = next_piece(source.substr(at), quote);
    columns.insert(columns.end(), piece.text, column + static_cast<int>(at));
    at += piece.source;
  }
  return columns;
}

base::Span YamlTree::span(const YamlNode& node) const {
  base::Span span{.file = file(node.file).name, .line = static_cast<int>(node.line)};
  if (node.line > 0) {
    const std::uint32_t start = file(node.file).line_starts[node.line - 1];
    span.column = static_cast<int>(node.offset - start) + 1;
  }
  if (!node.is_scalar() || node.size == 0) return span;
  const std::string_view source = file(node.file).text.text();
  if (stands_at(source, node.offset, node.text())) {
    span.length = static_cast<int>(node.size);
  } else if (node.is_quoted() && stands_at(source, node.offset + 1, node.text())) {
    span.column += 1;
    span.length = static_cast<int>(node.size);
  }
  return span;
}

base::Located YamlTree::located(const YamlNode& node) const {
  base::Located out{.text = std::string(node.text()), .span = span(node)};
  const std::string_view source = file(node.file).text.text();
  const bool plain = stands_at(source, node.offset, node.text());
  const bool exact = plain || stands_at(source, node.offset + 1, node.text());
  if (exact && !has_line_break(node.text())) return out;
  std::vector<int>& columns = out.columns.emplace();
  if (node.kind != YamlKind::kSingleQuoted && node.kind != YamlKind::kDoubleQuoted) return out;
  columns = quoted_columns(source.substr(node.offset), node.text(), out.span.column);
  if (columns.size() != node.size) columns.clear();
  if (columns.empty()) return out;
  out.span.length = columns.back() - columns.front() + 1;
  out.span.column = columns.front();
  return out;
}

}  // namespace engine::plan
