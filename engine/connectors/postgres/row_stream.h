#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgres/session.h"

namespace engine::connectors::postgres {

/// What a stream of binary rows begins with, before two numbers of 32 bits that are zero.
inline constexpr std::string_view kRowsSignature("PGCOPY\n\377\r\n\0", 11);

/// The rows of `COPY ... TO STDOUT (FORMAT binary)`
/// (https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format").
class RowStream {
 public:
  /// `statement` is what stands between the parentheses: a query, or a change that returns rows.
  RowStream(Session& session, const std::string& statement);
  /// Stops the server where not all rows were read.
  ~RowStream();
  RowStream(const RowStream&) = delete;
  RowStream& operator=(const RowStream&) = delete;

  /// Moves to the next row; false at the end.
  bool next();
  std::size_t fields() const { return fields_.size(); }
  bool is_null(std::size_t field) const { return fields_[field].data() == nullptr; }
  /// Valid until the next row.
  std::string_view field(std::size_t at) const { return fields_[at]; }
  /// Lengths and values of the fields from `first` up to `end`, as they came.
  std::string_view raw(std::size_t first, std::size_t end) const;

 private:
  bool parse_row();
  bool more();

  Session& session_;
  std::string kept_;       ///< a message that ended within a row, with what followed
  std::string_view rest_;  ///< of the message, or of kept_
  std::string_view row_;
  std::vector<std::string_view> fields_;
  std::vector<std::size_t> starts_;  ///< of each field's length within row_
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace engine::connectors::postgres
