#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace engine::report {

/// Characters of UTF-8 text; what a terminal's column counts, near enough.
std::size_t text_width(std::string_view text);
/// With spaces at its end, or in front.
std::string padded(std::string_view text, std::size_t width);
std::string padded_left(std::string_view text, std::size_t width);

/// Rows of cells in aligned columns, two spaces between them.
class TextGrid {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };
  explicit TextGrid(std::vector<Column> columns);
  void add(std::vector<std::string> cells);
  /// Title and rows, without spaces at the ends of lines.
  std::vector<std::string> lines() const;

 private:
  std::string line(const std::vector<std::string>& cells,
                   const std::vector<std::size_t>& widths) const;
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace engine::report
