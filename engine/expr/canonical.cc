#include "expr/canonical.h"

#include <charconv>

#include "data/decimal.h"
#include "data/value_text.h"

namespace engine::expr {
namespace {

char tag_of(const data::Type& type) {
  switch (type.kind) {
    case data::Kind::kBool:
      return 'b';
    case data::Kind::kInt64:
    case data::Kind::kDecimal:
    case data::Kind::kNumber:
      return 'x';
    case data::Kind::kFloat64:
      return 'f';
    case data::Kind::kDate:
      return 'd';
    case data::Kind::kTime:
      return 'c';
    case data::Kind::kTimestamp:
      return type.zoned ? 'i' : 'l';
    case data::Kind::kBytes:
      return 'y';
    case data::Kind::kUuid:
      return 'u';
    case data::Kind::kJson:
      return 'j';
    default:
      return 't';
  }
}

void append_field(std::string& out, char tag, std::string_view text) {
  char head[24];
  head[0] = tag;
  char* end = std::to_chars(head + 1, head + sizeof head - 1, text.size()).ptr;
  *end++ = ':';
  out.append(head, end);
  out.append(text);
}

}  // namespace

void append_canonical_text(std::string& out, std::string_view text) {
  append_field(out, 't', text);
}

std::string_view canonical_integer(std::int64_t value, std::array<char, 32>& room) {
  char* const digits = room.data() + 4;
  char* const end = std::to_chars(digits, room.data() + room.size(), value).ptr;
  char* begin = digits;
  *--begin = ':';
  const auto length = static_cast<std::size_t>(end - digits);
  *--begin = static_cast<char>('0' + length % 10);
  if (length >= 10) *--begin = static_cast<char>('0' + length / 10);
  *--begin = 'x';
  return {begin, end};
}

// Keys are integers and texts nearly always, so those two do without a text of their own.
void append_canonical(std::string& out, const data::Column& column, std::size_t row) {
  if (column.is_null(row)) {
    out += '-';
    return;
  }
  const data::Type type = column.type();
  if (type.kind == data::Kind::kInt64) {
    std::array<char, 32> room;
    out += canonical_integer(column.int64_at(row), room);
    return;
  }
  if (type.kind == data::Kind::kText) return append_field(out, 't', column.bytes_at(row));
  std::string text = data::value_text(column, row);
  if (type.kind == data::Kind::kDecimal) text = *data::canonical_number(text);
  append_field(out, tag_of(type), text);
}

}  // namespace engine::expr
