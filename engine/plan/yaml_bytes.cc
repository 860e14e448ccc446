#include <fmt/format.h>

#include "base/text.h"
#include "plan/yaml_events.h"

namespace engine::plan {

namespace {

base::Span place_of(const std::string& name, std::string_view text, std::size_t offset) {
  base::Span span{.file = name, .line = 1, .column = 1, .length = 1};
  std::size_t start = 0;
  for (std::size_t at = text.find('\n'); at < offset; at = text.find('\n', at + 1)) {
    span.line += 1;
    start = at + 1;
  }
  span.column = static_cast<int>(offset - start) + 1;
  return span;
}

/// Whether the line ends with the header of a block scalar (`key: |`, `- >-`): what follows,
/// deeper, is free text.
bool opens_block_text(std::string_view line) {
  const std::size_t comment = line.find(" #");
  if (comment != std::string_view::npos) line = line.substr(0, comment);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
  const auto is_indicator = [](char c) { return c == '+' || c == '-' || (c >= '1' && c <= '9'); };
  std::string_view head = line;
  for (int i = 0; i < 2 && !head.empty() && is_indicator(head.back()); ++i) head.remove_suffix(1);
  if (head.empty() || (head.back() != '|' && head.back() != '>')) return false;
  head.remove_suffix(1);
  return head.empty() || head.back() == ' ';
}

/// Walks lines and finds a tab that stands where only spaces may: before the first other character
/// of a line.
class TabFinder {
 public:
  explicit TabFinder(std::string_view text) : text_(text) {}

  std::size_t find() {
    for (std::size_t start = 0; start < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', start), text_.size());
      const std::size_t tab = tab_in(text_.substr(start, end - start));
      if (tab != std::string_view::npos) return start + tab;
      start = end + 1;
    }
    return std::string_view::npos;
  }

 private:
  std::size_t tab_in(std::string_view line) {
    const std::size_t spaces = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return first;
    if (block_indent_ >= 0 && static_cast<int>(spaces) > block_indent_) {
      return std::string_view::npos;
    }
    block_indent_ = opens_block_text(line) ? static_cast<int>(spaces) : -1;
    const bool tab = spaces < first && line[spaces] == '\t' && line[first] != '#';
    return tab ? spaces : std::string_view::npos;
  }

  std::string_view text_;
  int block_indent_ = -1;  ///< of the line that opened a block scalar, or -1
};

}  // namespace

bool check_bytes(const std::string& name, std::string_view text, base::Diagnostics& diagnostics) {
  const std::size_t bad = base::find_invalid_utf8(text);
  if (bad != std::string_view::npos) {
    diagnostics.error("E102", place_of(name, text, bad),
                      fmt::format("byte 0x{:02X} is not valid UTF-8",
                                  static_cast<unsigned>(static_cast<unsigned char>(text[bad]))),
                      "save the file as UTF-8");
    return false;
  }
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) {
    diagnostics.error("E102", place_of(name, text, nul), "a NUL byte stands in the file",
                      "remove it; a plan is plain text in UTF-8");
    return false;
  }
  const std::size_t tab = TabFinder(text).find();
  if (tab != std::string_view::npos) {
    diagnostics.error("E102", place_of(name, text, tab), "a tab stands in the indentation",
                      "YAML is indented with spaces only; replace the tab by spaces");
    return false;
  }
  return true;
}

}  // namespace engine::plan
