#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/batch.h"
#include "expr/node.h"

namespace engine::expr {

/// An argument of a call: a column with one value a row, or one value for all rows.
struct Operand {
  data::ColumnPtr column;
  bool constant = false;

  std::size_t at(std::size_t row) const { return constant ? 0 : row; }
  bool is_null(std::size_t row) const { return column->is_null(at(row)); }
  std::string_view bytes(std::size_t row) const { return column->bytes_at(at(row)); }
  std::int64_t int64(std::size_t row) const { return column->int64_at(at(row)); }
  double float64(std::size_t row) const { return column->float64_at(at(row)); }
  data::Int128 decimal(std::size_t row) const { return column->decimal_at(at(row)); }
};

/// The rows that an evaluation covers: all of a batch, or those whose numbers are listed in rising
/// order.
struct Selection {
  const std::vector<std::uint32_t>* rows = nullptr;
  std::size_t count = 0;

  std::uint32_t batch_row(std::size_t row) const {
    return rows == nullptr ? static_cast<std::uint32_t>(row) : (*rows)[row];
  }
};

/// Where refused rows are noted.
class Failures {
 public:
  Failures(std::string_view column, std::vector<data::RowError>& errors)
      : column_(column), errors_(errors) {}
  /// `value` is cut to 200 bytes.
  void add(std::uint32_t batch_row, std::string_view code, std::string reason,
           std::string_view value);

 private:
  std::string_view column_;
  std::vector<data::RowError>& errors_;
};

struct Call {
  const Node& node;
  std::span<const Operand> args;
  const Selection& selection;
  const Context& context;
  Failures& failures;

  std::size_t rows() const { return selection.count; }
  const Operand& arg(std::size_t index) const { return args[index]; }
  bool has(std::size_t index) const { return index < args.size(); }
  /// Notes that a row is refused; returns false, so that kernels can say `return call.refuse(...)`.
  bool refuse(std::size_t row, std::string_view code, std::string reason,
              std::string_view value = {}) const;
  /// The same with the text of the argument that is to blame.
  bool refuse_arg(std::size_t row, std::string_view code, std::string reason,
                  std::size_t index) const;
  template <typename T>
  const T& prepared() const {
    return static_cast<const T&>(*node.prepared);
  }
};

/// Which rows have a value. Holds no memory until one has none.
class Validity {
 public:
  explicit Validity(std::size_t rows) : rows_(rows) {}
  bool has(std::size_t row) const {
    return bits_.empty() || ((bits_[row >> 3] >> (row & 7)) & 1) != 0;
  }
  bool all() const { return bits_.empty(); }
  void clear(std::size_t row);
  void clear_all() { bits_.assign((rows_ + 7) / 8, 0); }
  /// Only rows that have a value in `operand` too.
  void require(const Operand& operand);
  std::vector<std::uint8_t> take() { return std::move(bits_); }

 private:
  std::size_t rows_;
  std::vector<std::uint8_t> bits_;
};

/// Rows in which no argument is NULL.
Validity strict_validity(const Call& call);

/// A column of fixed-width values: `body(row, value)` for each row without a NULL argument; it
/// returns false where the result is NULL (or the row was refused).
template <typename T, typename Body>
data::ColumnPtr map_fixed(const Call& call, Body body) {
  const std::size_t rows = call.rows();
  Validity validity = strict_validity(call);
  std::vector<std::uint8_t> values(rows * sizeof(T));
  T* out = reinterpret_cast<T*>(values.data());
  const bool all = validity.all();
  for (std::size_t row = 0; row < rows; ++row) {
    if (!all && !validity.has(row)) continue;
    if (!body(row, out[row])) {
      out[row] = T{};
      validity.clear(row);
    }
  }
  return data::ColumnBuilder::from_buffers(call.node.type, rows, validity.take(), std::move(values),
                                           {}, {});
}

/// The same for bool, one bit a row.
template <typename Body>
data::ColumnPtr map_bool(const Call& call, Body body) {
  const std::size_t rows = call.rows();
  Validity validity = strict_validity(call);
  std::vector<std::uint8_t> values((rows + 7) / 8);
  const bool all = validity.all();
  for (std::size_t row = 0; row < rows; ++row) {
    if (!all && !validity.has(row)) continue;
    bool value = false;
    if (!body(row, value)) {
      validity.clear(row);
    } else {
      values[row >> 3] = static_cast<std::uint8_t>(values[row >> 3] | (value << (row & 7)));
    }
  }
  return data::ColumnBuilder::from_buffers(call.node.type, rows, validity.take(), std::move(values),
                                           {}, {});
}

/// No function makes a single value larger than this.
inline constexpr std::size_t kMaxValueBytes = std::size_t{64} << 20;

/// Offsets and bytes of a column of variable length, written value by value.
class BytesOutput {
 public:
  explicit BytesOutput(std::size_t rows);
  std::string& bytes() { return bytes_; }
  /// Ends the value that was appended to bytes(); false when it or the column is too large, the
  /// value is dropped then.
  bool finish_value();
  /// Ends an empty value, dropping what was appended.
  void drop_value();
  data::ColumnPtr column(const Call& call, Validity& validity);

 private:
  std::size_t begin() const { return static_cast<std::size_t>(offsets_.back()); }
  std::vector<std::int32_t> offsets_;
  std::string bytes_;
};

/// The same for variable length: `body(row, out)` appends the value's bytes to `out`, which holds
/// earlier values already.
template <typename Body>
data::ColumnPtr map_bytes_where(const Call& call, Validity validity, Body body) {
  BytesOutput out(call.rows());
  for (std::size_t row = 0; row < call.rows(); ++row) {
    if (!validity.has(row)) {
      out.drop_value();
    } else if (!body(row, out.bytes())) {
      out.drop_value();
      validity.clear(row);
    } else if (!out.finish_value()) {
      validity.clear(row);
      call.refuse(row, "E405", call.node.name + ": the result is larger than 64 MiB");
    }
  }
  return out.column(call, validity);
}

template <typename Body>
data::ColumnPtr map_bytes(const Call& call, Body body) {
  return map_bytes_where(call, strict_validity(call), std::move(body));
}

/// Appends the text form of an argument's value.
void append_text(std::string& out, const Operand& operand, std::size_t row);

}  // namespace engine::expr
