#include "expr/canonical.h"

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

}  // namespace

void append_canonical(std::string& out, const data::Column& column, std::size_t row) {
  if (column.is_null(row)) {
    out += '-';
    return;
  }
  std::string text = data::value_text(column, row);
  if (column.type().kind == data::Kind::kDecimal) text = *data::canonical_number(text);
  out += tag_of(column.type());
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

}  // namespace engine::expr
