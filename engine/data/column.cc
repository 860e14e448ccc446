#include "data/column.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/error.h"

namespace engine::data {
namespace {

constexpr std::size_t kFirstRows = 64;

void set_bit(std::vector<std::uint8_t>& bits, std::size_t row) {
  bits[row >> 3] |= static_cast<std::uint8_t>(1U << (row & 7));
}

/// Arrow's rule: the first `rows` bits, all set.
void set_first_bits(std::vector<std::uint8_t>& bits, std::size_t rows) {
  std::fill_n(bits.begin(), rows / 8, std::uint8_t{0xFF});
  for (std::size_t row = rows & ~std::size_t{7}; row < rows; ++row) set_bit(bits, row);
}

std::size_t count_bits(const std::vector<std::uint8_t>& bits, std::size_t rows) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows / 8; ++i)
    count += static_cast<std::size_t>(std::popcount(bits[i]));
  for (std::size_t row = rows & ~std::size_t{7}; row < rows; ++row) {
    count += (bits[row >> 3] >> (row & 7)) & 1U;
  }
  return count;
}

void require(bool holds, const char* what) {
  if (holds) return;
  throw base::Error(base::Fault::kState, "E503", std::string("a stored column is broken: ") + what);
}

void require_offsets(const std::vector<std::int32_t>& offsets, std::size_t rows,
                     std::size_t bytes) {
  require(offsets.size() == rows + 1, "wrong number of offsets");
  require(offsets.front() == 0, "the first offset is not zero");
  require(std::is_sorted(offsets.begin(), offsets.end()), "offsets go backwards");
  require(static_cast<std::size_t>(offsets.back()) == bytes, "offsets and bytes disagree");
}

}  // namespace

ColumnBuilder::Layout ColumnBuilder::layout_of(Type type) {
  switch (type.kind) {
    case Kind::kBool:
      return Layout::kBit;
    case Kind::kInt64:
    case Kind::kTime:
    case Kind::kTimestamp:
      return Layout::kInt64;
    case Kind::kFloat64:
      return Layout::kFloat64;
    case Kind::kDecimal:
      return Layout::kInt128;
    case Kind::kDate:
      return Layout::kInt32;
    case Kind::kUuid:
      return Layout::kUuid;
    case Kind::kNumber:
    case Kind::kText:
    case Kind::kBytes:
    case Kind::kJson:
    case Kind::kDocument:
      break;
  }
  return Layout::kVariable;
}

std::size_t ColumnBuilder::width_of(Layout layout) {
  switch (layout) {
    case Layout::kInt32:
      return 4;
    case Layout::kInt64:
    case Layout::kFloat64:
      return 8;
    case Layout::kInt128:
    case Layout::kUuid:
      return 16;
    case Layout::kBit:
    case Layout::kVariable:
      break;
  }
  return 0;
}

ColumnBuilder::ColumnBuilder(Type type, std::size_t reserve_rows)
    : layout_(layout_of(type)), width_(width_of(layout_)), reserve_rows_(reserve_rows) {
  column_.type_ = type;
}

void ColumnBuilder::grow() {
  capacity_ = std::max({capacity_ * 2, reserve_rows_, kFirstRows});
  column_.values_.resize(value_bytes(capacity_));
  if (layout_ == Layout::kVariable) column_.offsets_.resize(capacity_ + 1);
  if (!column_.validity_.empty()) column_.validity_.resize((capacity_ + 7) / 8);
}

void ColumnBuilder::start_validity() {
  column_.validity_.resize((capacity_ + 7) / 8);
  set_first_bits(column_.validity_, column_.rows_);
}

void ColumnBuilder::wrong_layout() const {
  base::bug("a value of another layout appended to a column of type " + type_name(column_.type_));
}

void ColumnBuilder::too_long() {
  base::bug("more than 2 GiB in one column of a batch");
}

void ColumnBuilder::append_uuid(std::string_view bytes) {
  make_room(Layout::kUuid);
  if (bytes.size() != 16) base::bug("a uuid that has not 16 bytes");
  std::memcpy(column_.values_.data() + column_.rows_ * 16, bytes.data(), 16);
  set_valid();
}

void ColumnBuilder::append_from(const Column& column, std::size_t row) {
  if (layout_of(column.type()) != layout_) wrong_layout();
  if (column.is_null(row)) return append_null();
  if (layout_ == Layout::kVariable) return append_bytes(column.bytes_at(row));
  if (layout_ == Layout::kBit) return append_bool(column.bool_at(row));
  if (column_.rows_ == capacity_) grow();
  std::memcpy(column_.values_.data() + column_.rows_ * width_, column.values_.data() + row * width_,
              width_);
  set_valid();
}

// The next column of a stream is about as long as this one.
ColumnPtr ColumnBuilder::finish() {
  Column empty;
  empty.type_ = column_.type_;
  empty.bytes_.reserve(column_.bytes_.size() + column_.bytes_.size() / 16);
  Column done = std::exchange(column_, std::move(empty));
  done.values_.resize(value_bytes(done.rows_));
  if (layout_ == Layout::kVariable) done.offsets_.resize(done.rows_ + 1);
  if (!done.validity_.empty()) done.validity_.resize((done.rows_ + 7) / 8);
  capacity_ = 0;
  return std::make_shared<const Column>(std::move(done));
}

ColumnPtr ColumnBuilder::from_buffers(Type type, std::size_t rows,
                                      std::vector<std::uint8_t> validity,
                                      std::vector<std::uint8_t> values,
                                      std::vector<std::int32_t> offsets, std::string bytes) {
  const ColumnBuilder shape(type);
  require(validity.empty() || validity.size() == (rows + 7) / 8, "wrong size of the validity bits");
  require(values.size() == shape.value_bytes(rows), "wrong size of the values");
  if (shape.layout_ == Layout::kVariable) {
    require_offsets(offsets, rows, bytes.size());
  } else {
    require(offsets.empty() && bytes.empty(), "bytes in a column of fixed width");
  }
  Column column;
  column.type_ = type;
  column.rows_ = rows;
  column.null_count_ = validity.empty() ? 0 : rows - count_bits(validity, rows);
  if (column.null_count_ > 0) column.validity_ = std::move(validity);
  column.values_ = std::move(values);
  column.offsets_ = std::move(offsets);
  column.bytes_ = std::move(bytes);
  return std::make_shared<const Column>(std::move(column));
}

ColumnPtr take(const Column& column, const std::vector<std::uint32_t>& rows) {
  ColumnBuilder builder(column.type(), rows.size());
  for (const auto row : rows) builder.append_from(column, row);
  return builder.finish();
}

}  // namespace engine::data
