#include "stages/masking.h"

#include <algorithm>

#include "data/value_text.h"

namespace engine::stages {

namespace {

constexpr std::size_t kShownBytes = 80;

void cut(std::string& text) {
  if (text.size() <= kShownBytes) return;
  std::size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  text += "...";
}

}  // namespace

std::string shown_value(const data::Column& column, std::size_t row) {
  if (column.is_null(row)) return "NULL";
  std::string text = data::value_text(column, row);
  cut(text);
  for (char& byte : text) {
    if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) byte = '?';
  }
  return text;
}

std::string shown_row(const data::Batch& batch, const std::vector<std::size_t>& columns,
                      std::size_t row, const std::vector<std::string>& masked) {
  std::string text;
  for (const std::size_t column : columns) {
    const std::string& name = batch.schema->fields[column].name;
    if (!text.empty()) text += ", ";
    text += name + "=";
    const bool hidden = std::find(masked.begin(), masked.end(), name) != masked.end();
    text += hidden ? std::string(kMasked) : shown_value(batch.column(column), row);
  }
  return text;
}

std::vector<std::string> masked_columns(const std::map<std::string, std::string>& classification) {
  std::vector<std::string> names;
  for (const auto& [column, kind] : classification) {
    if (kind != "public") names.push_back(column);
  }
  return names;
}

}  // namespace engine::stages
