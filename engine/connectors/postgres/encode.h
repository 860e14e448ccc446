#pragma once

#include <string>

#include "connectors/postgres/catalog.h"
#include "data/batch.h"

namespace engine::connectors::postgres {

/// Starts a stream of binary rows, and ends it; between them rows of append_row_start() and cells.
void append_stream_start(std::string& out);
void append_stream_end(std::string& out);
void append_row_start(std::string& out, std::size_t fields);
void append_null_cell(std::string& out);
void append_int4_cell(std::string& out, std::int32_t value);

/// Writes cells of one column of a batch as the column of a table takes them.
class CellEncoder {
 public:
  CellEncoder(std::string table, const connect::ColumnInfo& info, const ShapeColumn& column);

  /// With its length. Throws E407 for a value that the column would change.
  void append(std::string& out, const data::Column& cells, std::size_t row) const;
  /// The type in which a stage holds the column, and the term that makes it the column's own.
  std::string stage_type() const;
  std::string from_stage(const std::string& term) const;

  /// Whether values of `wanted` can go to the column at all.
  static bool takes(const data::Type& column, const data::Type& wanted);

 private:
  void append_value(std::string& out, const data::Column& cells, std::size_t row) const;
  void append_integer(std::string& out, std::int64_t value) const;
  void append_exact(std::string& out, const data::Column& cells, std::size_t row) const;
  void append_text(std::string& out, std::string_view text) const;
  [[noreturn]] void refuse(const std::string& why) const;

  std::string table_;
  std::string name_;
  std::string declared_;
  data::Type type_;
  Wire wire_;
  int decimals_ = -1;  ///< digits after the point that the column keeps; -1: all
  std::int64_t tick_us_ = 1;
};

}  // namespace engine::connectors::postgres
