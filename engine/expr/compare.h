#pragma once

#include <cmath>
#include <cstring>

#include "data/decimal.h"
#include "expr/kernel.h"

namespace engine::expr {

/// -1, 0, 1 of two values of one type, neither NULL. Text, bytes and uuid by bytes; NaN equals
/// itself and comes last.
int compare_values(const Operand& a, std::size_t row_a, const Operand& b, std::size_t row_b);

/// Whether values of the kind have an order and can be compared at all.
bool has_order(data::Kind kind);

inline int compare_doubles(double a, double b) {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return 0;
  const bool a_nan = std::isnan(a);
  return a_nan == std::isnan(b) ? 0 : (a_nan ? 1 : -1);
}

inline int compare_bytes(std::string_view a, std::string_view b) {
  const int order = a.compare(b);
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

}  // namespace engine::expr
