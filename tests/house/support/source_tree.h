#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace house {

/// A source file of the project. `path` is relative to the root, with '/'.
struct SourceFile {
  std::string path;
  std::string text;

  bool is_header() const { return path.ends_with(".h"); }
  /// "base" for engine/base/error.h; empty outside the rooms.
  std::string room() const;
};

/// A line `#include` of a file.
struct Include {
  std::string name;  ///< between the quotes or angle brackets
  bool quoted = false;
  std::size_t line = 0;
};

using SourceTree = std::vector<SourceFile>;

/// All .cc and .h files below root/<folder>, sorted by path.
SourceTree read_tree(const std::string& root, const std::vector<std::string>& folders);

std::vector<Include> includes_of(const SourceFile& file);

/// The text with comments, literals and preprocessor lines turned into spaces: every byte and every
/// line stays where it was, and only code is left.
std::string code_only(std::string_view text);

/// "path:line: what", the form of all messages.
std::string at(const SourceFile& file, std::size_t line, std::string_view what);

/// Line number, from 1, of a byte offset.
std::size_t line_of(std::string_view text, std::size_t offset);

}  // namespace house
