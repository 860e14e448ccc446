#pragma once

#include <string>

#include "connect/connection.h"
#include "connectors/sqlite/stored.h"
#include "connectors/sqlite/types.h"
#include "data/column.h"

namespace engine::connectors::sqlite {

/// Whether values of `from` can be held by a column of type `to` and come back equal. Pairs that
/// may be changed by single values (an int64 beyond 2^53 in a REAL column, a fraction in NUMERIC
/// affinity) are fitting: ColumnBinding refuses those.
connect::Connection::Fit fit_of(const std::string& column, const data::Type& from,
                                const data::Type& to);

/// Turns cells of one batch column into what a table's column will hold, predicting the column's
/// affinity: store() never gives a value that the database would change. One thread.
class ColumnBinding {
 public:
  ColumnBinding(std::string name, const data::Type& from, const data::Type& to, Affinity affinity);

  /// False when the column would change the value; why_not() says how. `out` is valid until the
  /// next call and as long as the column.
  bool store(const data::Column& column, std::size_t row, Stored& out) {
    if (column.is_null(row)) {
      out = Stored{};
      return true;
    }
    return store_value(column, row, out);
  }
  const std::string& name() const { return name_; }
  const std::string& why_not() const { return why_not_; }

 private:
  enum class Path { kBool, kInteger, kReal, kIntegerAsReal, kBytes, kText, kDigits, kValueText };
  static Path path_of(const data::Type& from, const data::Type& to, Affinity affinity);
  bool store_value(const data::Column& column, std::size_t row, Stored& out);
  bool store_real(double value, Stored& out);
  bool store_integer_as_real(std::int64_t value, Stored& out);
  bool store_text(std::string_view text, Stored& out);
  bool store_digits(Stored& out);

  std::string name_;
  Path path_;
  bool guarded_;  ///< an affinity is at work: texts that look like numbers would become numbers
  bool json_;
  std::string scratch_;
  std::string why_not_;
};

}  // namespace engine::connectors::sqlite
