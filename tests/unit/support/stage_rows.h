#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "data/batch.h"
#include "data/value_text.h"
#include "stages/rows.h"

namespace engine::stages::test {

using Cell = std::optional<std::string>;
using Cells = std::vector<std::vector<Cell>>;
inline constexpr std::nullopt_t kNull = std::nullopt;

/// "id int64; name text": a schema in short.
inline data::Schema schema(const std::string& text) {
  data::Schema made;
  for (const std::string& part : base::split(text, ';')) {
    const std::string_view field = base::trim_spaces(part);
    const std::size_t space = field.find(' ');
    const auto type = data::parse_type(field.substr(space + 1));
    if (!type) throw std::invalid_argument("no type: " + part);
    made.fields.push_back({std::string(field.substr(0, space)), *type, true});
  }
  return made;
}

inline data::Batch batch(const data::Schema& columns, const Cells& rows) {
  data::Batch made;
  made.schema = std::make_shared<const data::Schema>(columns);
  made.rows = rows.size();
  for (std::size_t column = 0; column < columns.size(); ++column) {
    data::ColumnBuilder builder(columns.fields[column].type);
    for (const auto& row : rows) {
      if (!row[column]) {
        builder.append_null();
      } else if (!data::append_parsed(builder, *row[column])) {
        throw std::invalid_argument("no value of its column: " + *row[column]);
      }
    }
    made.columns.push_back(builder.finish());
  }
  return made;
}

/// "1|a|NULL" for each row.
inline std::vector<std::string> texts(const data::Batch& batch) {
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    std::string line;
    for (std::size_t column = 0; column < batch.columns.size(); ++column) {
      if (column > 0) line += "|";
      line +=
          batch.column(column).is_null(row) ? "NULL" : data::value_text(batch.column(column), row);
    }
    lines.push_back(line);
  }
  return lines;
}

/// A stream of ready batches.
class VectorRows : public Rows {
 public:
  explicit VectorRows(std::vector<data::Batch> batches) : batches_(std::move(batches)) {}
  bool next(data::Batch& out) override {
    if (at_ == batches_.size()) return false;
    out = batches_[at_++];
    return true;
  }

 private:
  std::vector<data::Batch> batches_;
  std::size_t at_ = 0;
};

}  // namespace engine::stages::test
