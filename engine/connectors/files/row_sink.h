#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch.h"

namespace engine::connectors::files {

/// Takes the cells of rows, in any order within a row, and makes batches of them. What cannot be
/// read as its column's type becomes NULL and a row error that names file and line. One thread.
class RowSink {
 public:
  explicit RowSink(const data::Schema& columns);

  const data::Schema& columns() const { return *schema_; }
  /// `label` and `line` are where the row stands, `bytes` what it takes there.
  void start_row(const std::string& label, std::uint64_t line, std::size_t bytes);
  /// A cell by its text; `plain`: it is known to be ASCII.
  void text(std::size_t column, std::string_view text, bool plain);
  void null(std::size_t column) { take(column).append_null(); }
  /// A cell that is no value of the column, whatever its text.
  void refuse(std::size_t column, const char* code, std::string reason, std::string_view value);
  /// The row as a whole is wrong; its cells do not count.
  void refuse_row(const char* code, std::string reason, std::string_view value);
  bool has(std::size_t column) const { return seen_[column] == rows_ + 1; }
  /// Cells not given are NULL.
  void end_row();

  bool full() const { return rows_ >= data::kMaxBatchRows || bytes_ >= data::kMaxBatchBytes; }
  std::size_t rows() const { return rows_; }
  data::Batch finish();

 private:
  data::ColumnBuilder& take(std::size_t column) {
    seen_[column] = static_cast<std::uint32_t>(rows_ + 1);
    return builders_[column];
  }
  std::string place() const;
  void bad_text(std::size_t column, std::string_view text);

  std::shared_ptr<const data::Schema> schema_;
  std::vector<data::ColumnBuilder> builders_;
  std::vector<std::uint32_t> seen_;  ///< number of the row, from 1, that has the cell
  std::vector<data::RowError> errors_;
  std::size_t rows_ = 0, bytes_ = 0;
  const std::string* label_ = nullptr;
  std::uint64_t line_ = 0;
};

}  // namespace engine::connectors::files
