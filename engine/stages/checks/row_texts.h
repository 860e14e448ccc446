#pragma once

#include <string>
#include <string_view>

#include "data/value_text.h"
#include "stages/checks/row_rule.h"

namespace engine::stages {

/// Calls `breaks(text)` for the text of every value that is not NULL and notes the rows for which
/// it is true; values of types that are not text are judged by their text form.
template <typename Breaks>
void judge_texts(const Judging& rows, Breaks breaks) {
  const data::Column& column = rows.column();
  if (column.type().is_variable() && column.type().kind != data::Kind::kBytes) {
    return judge_values(rows, [&](std::size_t row) { return breaks(column.bytes_at(row)); });
  }
  std::string text;
  judge_values(rows, [&](std::size_t row) {
    text.clear();
    data::append_value_text(text, column, row);
    return breaks(std::string_view(text));
  });
}

}  // namespace engine::stages
