#include "expr/compare.h"

namespace engine::expr {
namespace {

template <typename T>
int order(T a, T b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

}  // namespace

bool has_order(data::Kind kind) {
  return kind != data::Kind::kJson && kind != data::Kind::kDocument;
}

int compare_values(const Operand& a, std::size_t row_a, const Operand& b, std::size_t row_b) {
  const std::size_t i = a.at(row_a);
  const std::size_t j = b.at(row_b);
  switch (a.column->type().kind) {
    case data::Kind::kBool:
      return order(a.column->bool_at(i), b.column->bool_at(j));
    case data::Kind::kInt64:
    case data::Kind::kTime:
    case data::Kind::kTimestamp:
      return order(a.column->int64_at(i), b.column->int64_at(j));
    case data::Kind::kDate:
      return order(a.column->date_at(i), b.column->date_at(j));
    case data::Kind::kFloat64:
      return compare_doubles(a.column->float64_at(i), b.column->float64_at(j));
    case data::Kind::kDecimal:
      return order(a.column->decimal_at(i), b.column->decimal_at(j));
    case data::Kind::kNumber:
      return data::compare_numbers(a.column->bytes_at(i), b.column->bytes_at(j));
    default:
      return compare_bytes(a.column->bytes_at(i), b.column->bytes_at(j));
  }
}

}  // namespace engine::expr
