#include "data/row_digest.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace engine::data {
namespace {

static_assert(std::endian::native == std::endian::little, "the layout is little-endian");

/// Tag and length of a cell, and room for the widest value of fixed width.
constexpr std::size_t kHeadBytes = 5;
constexpr std::size_t kMaxFixedCell = kHeadBytes + 16;

enum class Tag : std::uint8_t {
  kNull = 0,
  kBool = 1,
  kInteger = 2,
  kFloat = 3,
  kDecimal = 4,
  kUuid = 5,
  kBytes = 6,
  kText = 7,
};

char* put(char* out, Tag tag, const void* bytes, std::size_t size) {
  const auto length = static_cast<std::uint32_t>(size);
  *out = static_cast<char>(tag);
  std::memcpy(out + 1, &length, 4);
  if (size > 0) std::memcpy(out + kHeadBytes, bytes, size);
  return out + kHeadBytes + size;
}

template <typename T>
char* put_fixed(char* out, Tag tag, T value) {
  return put(out, tag, &value, sizeof(T));
}

char* put_cell(char* out, const Column& column, std::size_t row) {
  if (column.is_null(row)) return put(out, Tag::kNull, nullptr, 0);
  switch (column.type().kind) {
    case Kind::kBool:
      return put_fixed(out, Tag::kBool, static_cast<std::uint8_t>(column.bool_at(row)));
    case Kind::kInt64:
    case Kind::kTime:
    case Kind::kTimestamp:
      return put_fixed(out, Tag::kInteger, column.int64_at(row));
    case Kind::kDate:
      return put_fixed(out, Tag::kInteger, std::int64_t{column.date_at(row)});
    case Kind::kFloat64:
      return put_fixed(out, Tag::kFloat, column.float64_at(row));
    case Kind::kDecimal:
      return put_fixed(out, Tag::kDecimal, column.decimal_at(row));
    case Kind::kUuid:
      return put(out, Tag::kUuid, column.bytes_at(row).data(), 16);
    case Kind::kBytes:
    case Kind::kNumber:
    case Kind::kText:
    case Kind::kJson:
    case Kind::kDocument:
      break;
  }
  const std::string_view bytes = column.bytes_at(row);
  const Tag tag = column.type().kind == Kind::kBytes ? Tag::kBytes : Tag::kText;
  return put(out, tag, bytes.data(), bytes.size());
}

}  // namespace

void row_hashes(const Batch& batch, const std::vector<std::size_t>& columns,
                std::vector<base::Hash128>& out) {
  out.resize(batch.rows);
  std::vector<const Column*> variable;
  for (const auto index : columns) {
    if (batch.column(index).type().is_variable()) variable.push_back(&batch.column(index));
  }
  std::vector<char> buffer;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    std::size_t most = columns.size() * kMaxFixedCell;
    for (const Column* column : variable) most += column->bytes_at(row).size();
    if (buffer.size() < most) buffer.resize(most * 2);
    char* end = buffer.data();
    for (const auto index : columns) end = put_cell(end, batch.column(index), row);
    out[row] = base::hash128({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
  }
}

}  // namespace engine::data
