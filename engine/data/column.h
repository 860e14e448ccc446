#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/decimal.h"
#include "data/type.h"

namespace engine::data {

/// One column of a batch, immutable once built, in Arrow's memory layout:
///   - validity: bit i (least significant bit first) set: row i is not NULL; an empty vector means
///     that no row is NULL
///   - kBool: one bit a row in `values`
///   - kInt64 kTime kTimestamp (int64), kFloat64 (IEEE double), kDecimal (little-endian 128 bits),
///     kDate (int32 days), kUuid (16 bytes): fixed-width values in `values`; the bytes under a NULL
///     are zero
///   - kText kBytes kJson kNumber kDocument: `offsets` (rows + 1 int32, first one 0) into `bytes`
/// Columns are shared by pointer and never copied when a batch passes on.
class Column {
 public:
  Type type() const { return type_; }
  std::size_t size() const { return rows_; }
  std::size_t null_count() const { return null_count_; }
  bool is_null(std::size_t row) const {
    return !validity_.empty() && ((validity_[row >> 3] >> (row & 7)) & 1) == 0;
  }

  bool bool_at(std::size_t row) const { return ((values_[row >> 3] >> (row & 7)) & 1) != 0; }
  std::int64_t int64_at(std::size_t row) const { return fixed<std::int64_t>()[row]; }
  double float64_at(std::size_t row) const { return fixed<double>()[row]; }
  Int128 decimal_at(std::size_t row) const { return fixed<Int128>()[row]; }
  std::int32_t date_at(std::size_t row) const { return fixed<std::int32_t>()[row]; }
  /// Text, bytes, json, number, document; and the 16 bytes of a uuid.
  std::string_view bytes_at(std::size_t row) const {
    if (type_.kind == Kind::kUuid) {
      return {reinterpret_cast<const char*>(values_.data()) + row * 16, 16};
    }
    const auto begin = static_cast<std::size_t>(offsets_[row]);
    return {bytes_.data() + begin, static_cast<std::size_t>(offsets_[row + 1]) - begin};
  }

  /// The raw buffers, for block files and kernels.
  const std::vector<std::uint8_t>& validity() const { return validity_; }
  const std::vector<std::uint8_t>& values() const { return values_; }
  const std::vector<std::int32_t>& offsets() const { return offsets_; }
  const std::string& bytes() const { return bytes_; }
  template <typename T>
  const T* fixed() const {
    return reinterpret_cast<const T*>(values_.data());
  }
  /// Memory held, in bytes.
  std::size_t footprint() const {
    return validity_.size() + values_.size() + offsets_.size() * 4 + bytes_.size();
  }

 private:
  friend class ColumnBuilder;
  Type type_;
  std::size_t rows_ = 0;
  std::size_t null_count_ = 0;
  std::vector<std::uint8_t> validity_;
  std::vector<std::uint8_t> values_;
  std::vector<std::int32_t> offsets_;
  std::string bytes_;
};

using ColumnPtr = std::shared_ptr<const Column>;

/// Builds one column row by row. The append that does not fit the type's layout is a bug, not a
/// conversion: callers convert first (value_text.h, expr). Variable columns hold less than 2 GiB.
/// Appends are inline: they are the hottest code of a run. Not thread safe.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type, std::size_t reserve_rows = 0);

  void append_null() {
    if (column_.rows_ == capacity_) grow();
    if (column_.validity_.empty()) start_validity();
    if (layout_ == Layout::kVariable) column_.offsets_[column_.rows_ + 1] = end_offset();
    ++column_.null_count_;
    ++column_.rows_;
  }
  void append_bool(bool value) {
    make_room(Layout::kBit);
    const auto bit = static_cast<unsigned>(value) << (column_.rows_ & 7);
    column_.values_[column_.rows_ >> 3] |= static_cast<std::uint8_t>(bit);
    set_valid();
  }
  /// kInt64 kTime kTimestamp
  void append_int64(std::int64_t value) { push(Layout::kInt64, value); }
  void append_float64(double value) { push(Layout::kFloat64, value); }
  void append_decimal(Int128 value) { push(Layout::kInt128, value); }
  void append_date(std::int32_t days) { push(Layout::kInt32, days); }
  /// Variable kinds, and kUuid with 16 bytes.
  void append_bytes(std::string_view bytes) {
    if (layout_ != Layout::kVariable) return append_uuid(bytes);
    if (bytes.size() > kMaxBytes - column_.bytes_.size()) too_long();
    if (column_.rows_ == capacity_) grow();
    column_.bytes_.append(bytes);
    column_.offsets_[column_.rows_ + 1] = end_offset();
    set_valid();
  }
  /// Row `row` of a column of the same type.
  void append_from(const Column& column, std::size_t row);

  Type type() const { return column_.type_; }
  std::size_t size() const { return column_.rows_; }
  /// Of the rows so far, as of the finished column.
  std::size_t footprint() const {
    const std::size_t offsets = layout_ == Layout::kVariable ? (column_.rows_ + 1) * 4 : 0;
    return value_bytes(column_.rows_) + offsets + column_.bytes_.size() +
           (column_.validity_.empty() ? 0 : (column_.rows_ + 7) / 8);
  }
  /// Gives the column away and starts an empty one of the same type.
  ColumnPtr finish();
  /// A column from ready buffers (block files); checks their sizes and offsets, throws E503 when
  /// they disagree.
  static ColumnPtr from_buffers(Type type, std::size_t rows, std::vector<std::uint8_t> validity,
                                std::vector<std::uint8_t> values, std::vector<std::int32_t> offsets,
                                std::string bytes);

 private:
  enum class Layout : std::uint8_t { kBit, kInt32, kInt64, kFloat64, kInt128, kUuid, kVariable };
  static constexpr std::size_t kMaxBytes = INT32_MAX;

  static Layout layout_of(Type type);
  static std::size_t width_of(Layout layout);  ///< bytes a row; 0 for bits and variable kinds

  std::int32_t end_offset() const { return static_cast<std::int32_t>(column_.bytes_.size()); }
  std::size_t value_bytes(std::size_t rows) const {
    return layout_ == Layout::kBit ? (rows + 7) / 8 : rows * width_;
  }
  void make_room(Layout wanted) {
    if (layout_ != wanted) wrong_layout();
    if (column_.rows_ == capacity_) grow();
  }
  template <typename T>
  void push(Layout wanted, T value) {
    make_room(wanted);
    std::memcpy(column_.values_.data() + column_.rows_ * sizeof(T), &value, sizeof(T));
    set_valid();
  }
  void set_valid() {
    const std::size_t row = column_.rows_++;
    if (column_.validity_.empty()) return;
    column_.validity_[row >> 3] |= static_cast<std::uint8_t>(1U << (row & 7));
  }
  void append_uuid(std::string_view bytes);
  void grow();
  void start_validity();
  [[noreturn]] void wrong_layout() const;
  [[noreturn]] static void too_long();

  Column column_;
  Layout layout_;
  std::size_t width_;
  std::size_t reserve_rows_;
  /// Rows that the buffers of column_ have room for. They are zero beyond the rows so far and cut
  /// by finish().
  std::size_t capacity_ = 0;
};

/// The rows whose numbers are given, in that order.
ColumnPtr take(const Column& column, const std::vector<std::uint32_t>& rows);

}  // namespace engine::data
