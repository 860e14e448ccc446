#include <cmath>
#include <limits>

#include "data/decimal.h"
#include "expr/casts.h"
#include "expr/kernel.h"
#include "expr/operators.h"

namespace engine::expr {
namespace {

using data::Int128;
using data::Kind;
using data::Type;
using data::UInt128;

constexpr int kDivisionScale = 16;
constexpr int kMostDigits = 38;

bool overflow(const Call& call, std::size_t row) {
  return call.refuse(
      row, "E405",
      "the result of " + call.node.name + " is too large for " + data::type_name(call.node.type));
}

bool by_zero(const Call& call, std::size_t row) {
  return call.refuse(row, "E404", "division by zero");
}

// int64

data::ColumnPtr add_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    return !__builtin_add_overflow(call.arg(0).int64(row), call.arg(1).int64(row), &out) ||
           overflow(call, row);
  });
}

data::ColumnPtr subtract_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    return !__builtin_sub_overflow(call.arg(0).int64(row), call.arg(1).int64(row), &out) ||
           overflow(call, row);
  });
}

data::ColumnPtr multiply_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    return !__builtin_mul_overflow(call.arg(0).int64(row), call.arg(1).int64(row), &out) ||
           overflow(call, row);
  });
}

data::ColumnPtr divide_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    const std::int64_t divisor = call.arg(1).int64(row);
    const std::int64_t value = call.arg(0).int64(row);
    if (divisor == 0) return by_zero(call, row);
    if (divisor == -1 && value == INT64_MIN) return overflow(call, row);
    out = value / divisor;
    return true;
  });
}

data::ColumnPtr remainder_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    const std::int64_t divisor = call.arg(1).int64(row);
    if (divisor == 0) return by_zero(call, row);
    out = divisor == -1 ? 0 : call.arg(0).int64(row) % divisor;
    return true;
  });
}

// float64

template <typename Operation>
data::ColumnPtr combine_float64(const Call& call, Operation operation) {
  return map_fixed<double>(call, [&](std::size_t row, double& out) {
    const double a = call.arg(0).float64(row);
    const double b = call.arg(1).float64(row);
    out = operation(a, b);
    return !std::isinf(out) || std::isinf(a) || std::isinf(b) || overflow(call, row);
  });
}

data::ColumnPtr add_float64(const Call& call) {
  return combine_float64(call, [](double a, double b) { return a + b; });
}
data::ColumnPtr subtract_float64(const Call& call) {
  return combine_float64(call, [](double a, double b) { return a - b; });
}
data::ColumnPtr multiply_float64(const Call& call) {
  return combine_float64(call, [](double a, double b) { return a * b; });
}

template <typename Operation>
data::ColumnPtr divide_by_float64(const Call& call, Operation operation) {
  return map_fixed<double>(call, [&](std::size_t row, double& out) {
    const double a = call.arg(0).float64(row);
    const double b = call.arg(1).float64(row);
    if (b == 0) return by_zero(call, row);
    out = operation(a, b);
    return !std::isinf(out) || std::isinf(a) || overflow(call, row);
  });
}

data::ColumnPtr divide_float64(const Call& call) {
  return divide_by_float64(call, [](double a, double b) { return a / b; });
}
data::ColumnPtr remainder_float64(const Call& call) {
  return divide_by_float64(call, [](double a, double b) { return std::fmod(a, b); });
}

// decimal: arguments of + - % have one scale already

using DecimalOperation = std::optional<Int128> (*)(Int128, Int128);

data::ColumnPtr combine_decimal(const Call& call, DecimalOperation operation) {
  return map_fixed<Int128>(call, [&](std::size_t row, Int128& out) {
    const auto value = operation(call.arg(0).decimal(row), call.arg(1).decimal(row));
    if (!value) return overflow(call, row);
    out = *value;
    return true;
  });
}

data::ColumnPtr add_decimal(const Call& call) {
  return combine_decimal(call, data::add);
}
data::ColumnPtr subtract_decimal(const Call& call) {
  return combine_decimal(call, data::subtract);
}
data::ColumnPtr multiply_decimal(const Call& call) {
  return combine_decimal(call, data::multiply);
}

data::ColumnPtr remainder_decimal(const Call& call) {
  return map_fixed<Int128>(call, [&](std::size_t row, Int128& out) {
    const Int128 divisor = call.arg(1).decimal(row);
    if (divisor == 0) return by_zero(call, row);
    out = call.arg(0).decimal(row) % divisor;
    return true;
  });
}

UInt128 magnitude(Int128 value) {
  return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

/// a * 10^digits / b, rounded half up, by schoolbook division: the remainder is below b < 10^38, so
/// that adding it to itself never leaves 128 bits. nullopt above 38 digits.
std::optional<UInt128> divide_scaled(UInt128 a, UInt128 b, int digits) {
  const UInt128 most = static_cast<UInt128>(data::power_of_ten(kMostDigits));
  UInt128 quotient = a / b;
  UInt128 rest = a % b;
  for (int i = 0; i < digits; ++i) {
    if (quotient >= most / 10) return std::nullopt;
    UInt128 tenfold = 0;
    unsigned digit = 0;
    for (int times = 0; times < 10; ++times) {
      tenfold += rest;
      if (tenfold >= b) {
        tenfold -= b;
        ++digit;
      }
    }
    quotient = quotient * 10 + digit;
    rest = tenfold;
  }
  if (rest >= b - rest) ++quotient;
  return quotient < most ? std::optional(quotient) : std::nullopt;
}

data::ColumnPtr divide_decimal(const Call& call) {
  const Type left = call.arg(0).column->type();
  const Type right = call.arg(1).column->type();
  const int digits = call.node.type.scale - left.scale + right.scale;
  return map_fixed<Int128>(call, [&, digits](std::size_t row, Int128& out) {
    const Int128 a = call.arg(0).decimal(row);
    const Int128 b = call.arg(1).decimal(row);
    if (b == 0) return by_zero(call, row);
    const auto value = divide_scaled(magnitude(a), magnitude(b), digits);
    if (!value) return overflow(call, row);
    out = static_cast<Int128>(*value);
    if ((a < 0) != (b < 0)) out = -out;
    return true;
  });
}

// unary minus

data::ColumnPtr negate_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    return !__builtin_sub_overflow(std::int64_t{0}, call.arg(0).int64(row), &out) ||
           overflow(call, row);
  });
}

data::ColumnPtr negate_float64(const Call& call) {
  return map_fixed<double>(call, [&](std::size_t row, double& out) {
    out = -call.arg(0).float64(row);
    return true;
  });
}

data::ColumnPtr negate_decimal(const Call& call) {
  return map_fixed<Int128>(call, [&](std::size_t row, Int128& out) {
    out = -call.arg(0).decimal(row);
    return true;
  });
}

struct Kernels {
  Kernel int64;
  Kernel float64;
  Kernel decimal;
};

Kernels kernels_of(char sign) {
  switch (sign) {
    case '+':
      return {add_int64, add_float64, add_decimal};
    case '-':
      return {subtract_int64, subtract_float64, subtract_decimal};
    case '*':
      return {multiply_int64, multiply_float64, multiply_decimal};
    case '/':
      return {divide_int64, divide_float64, divide_decimal};
    default:
      return {remainder_int64, remainder_float64, remainder_decimal};
  }
}

Problem no_arithmetic(std::string_view sign, const Node& node, int arg) {
  Problem problem;
  problem.message =
      std::string(sign) + " needs numbers, " + describe(node) + " is " + data::type_name(node.type);
  problem.arg = arg;
  if (node.type.kind == Kind::kNumber) {
    problem.message = std::string(sign) + " needs a number of fixed scale, " + describe(node) +
                      " is of any scale";
    problem.help = "write " + cast_text(node, Type::decimal(38, 10));
  } else if (node.type.kind == Kind::kText) {
    problem.help =
        "write " + cast_text(node, Type::of(Kind::kInt64)) + "; texts are joined with ||";
  } else if (node.type.kind == Kind::kDate || node.type.kind == Kind::kTimestamp) {
    problem.help = "write date_add(x, n, 'day')";
  }
  return problem;
}

Type sum_type(const Type& a, const Type& b) {
  const int scale = std::max(a.scale, b.scale);
  const int whole = std::max(a.precision - a.scale, b.precision - b.scale) + 1;
  return Type::decimal(std::min(kMostDigits, whole + scale), scale);
}

Outcome decimal_call(char sign, Type type, std::vector<NodePtr> args) {
  const bool exact = sign == '+' || sign == '-' || sign == '*';
  const Type a = args[0]->type;
  const Type b = args[1]->type;
  const int needed = sign == '*' ? a.precision + b.precision
                                 : std::max(a.precision - a.scale, b.precision - b.scale) + 1 +
                                       std::max(a.scale, b.scale);
  return make_call({.name = std::string(1, sign),
                    .type = type,
                    .kernel = kernels_of(sign).decimal,
                    .can_fail = !exact || needed > kMostDigits},
                   std::move(args));
}

/// Both arguments as decimals; those of + - % at one scale.
Outcome bind_decimal(char sign, std::vector<NodePtr> args) {
  Type types[2] = {decimal_for(*args[0]), decimal_for(*args[1])};
  Type result = sum_type(types[0], types[1]);
  if (sign == '*') {
    if (types[0].scale + types[1].scale > kMostDigits) {
      return Problem{"the product would have more than 38 digits after the point",
                     "round one side: round(x, 10)"};
    }
    result = Type::decimal(std::min(kMostDigits, types[0].precision + types[1].precision),
                           types[0].scale + types[1].scale);
  } else if (sign == '/') {
    result = Type::decimal(kMostDigits,
                           std::max({kDivisionScale, int{types[0].scale}, int{types[1].scale}}));
  } else {
    for (Type& type : types) {
      const int whole = type.precision - type.scale;
      type = Type::decimal(std::min(kMostDigits, whole + result.scale), result.scale);
    }
  }
  for (int i = 0; i < 2; ++i) {
    args[static_cast<std::size_t>(i)] = make_cast(args[static_cast<std::size_t>(i)], types[i]);
  }
  return decimal_call(sign, result, std::move(args));
}

bool is_fixed_number(const Type& type) {
  return type.kind == Kind::kInt64 || type.kind == Kind::kFloat64 || type.kind == Kind::kDecimal;
}

/// A written number beyond 38 digits, beside a float64.
bool becomes_float(const Node& node, const Node& other) {
  return node.type.kind == Kind::kNumber && node.is_constant() && other.type.kind == Kind::kFloat64;
}

/// Open constants take the other side's type, or int64.
std::optional<Problem> settle_open(std::vector<NodePtr>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!args[i]->untyped) continue;
    const NodePtr& other = args[args.size() - 1 - i];
    const Type to = other->untyped ? Type::of(Kind::kInt64) : other->type;
    Outcome settled = coerce(args[i], to);
    if (Problem* problem = std::get_if<Problem>(&settled)) {
      problem->arg = static_cast<int>(i);
      return *problem;
    }
    args[i] = std::get<NodePtr>(settled);
  }
  return std::nullopt;
}

}  // namespace

Outcome bind_arithmetic(std::string_view sign, std::vector<NodePtr> args) {
  if (auto problem = settle_open(args)) return *problem;
  for (std::size_t i = 0; i < 2; ++i) {
    if (becomes_float(*args[i], *args[1 - i])) continue;
    if (!is_fixed_number(args[i]->type)) return no_arithmetic(sign, *args[i], static_cast<int>(i));
  }
  const char letter = sign[0];
  if (args[0]->type.kind == Kind::kInt64 && args[1]->type.kind == Kind::kInt64) {
    return make_call({.name = std::string(sign),
                      .type = Type::of(Kind::kInt64),
                      .kernel = kernels_of(letter).int64,
                      .can_fail = true},
                     std::move(args));
  }
  if (args[0]->type.kind != Kind::kFloat64 && args[1]->type.kind != Kind::kFloat64) {
    return bind_decimal(letter, std::move(args));
  }
  auto type = coerce_to_common(args);
  if (Problem* problem = std::get_if<Problem>(&type)) return *problem;
  return make_call({.name = std::string(sign),
                    .type = Type::of(Kind::kFloat64),
                    .kernel = kernels_of(letter).float64,
                    .can_fail = true},
                   std::move(args));
}

Outcome bind_negate(NodePtr arg) {
  if (arg->untyped) {
    Outcome settled = coerce(arg, Type::of(Kind::kInt64));
    if (std::holds_alternative<Problem>(settled)) return settled;
    arg = std::get<NodePtr>(settled);
  }
  if (!is_fixed_number(arg->type)) return no_arithmetic("-", *arg, 0);
  const Type type = arg->type;
  const Kernel kernel = type.kind == Kind::kInt64     ? negate_int64
                        : type.kind == Kind::kFloat64 ? negate_float64
                                                      : negate_decimal;
  return make_call(
      {.name = "negate", .type = type, .kernel = kernel, .can_fail = type.kind == Kind::kInt64},
      {std::move(arg)});
}

}  // namespace engine::expr
