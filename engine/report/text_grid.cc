#include "report/text_grid.h"

#include <algorithm>
#include <utility>

namespace engine::report {

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t have = text_width(text);
  return std::string(text) + std::string(have < width ? width - have : 0, ' ');
}

std::string padded_left(std::string_view text, std::size_t width) {
  const std::size_t have = text_width(text);
  return std::string(have < width ? width - have : 0, ' ') + std::string(text);
}

TextGrid::TextGrid(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextGrid::add(std::vector<std::string> cells) {
  rows_.push_back(std::move(cells));
}

std::string TextGrid::line(const std::vector<std::string>& cells,
                           const std::vector<std::size_t>& widths) const {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += "  ";
    out += columns_[i].align == Align::kLeft ? padded(cells[i], widths[i])
                                             : padded_left(cells[i], widths[i]);
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

std::vector<std::string> TextGrid::lines() const {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (const auto& column : columns_) {
    titles.push_back(column.title);
    widths.push_back(text_width(column.title));
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], text_width(row[i]));
    }
  }
  std::vector<std::string> out = {line(titles, widths)};
  for (const auto& row : rows_) out.push_back(line(row, widths));
  return out;
}

}  // namespace engine::report
