#include <cmath>

#include "data/decimal.h"
#include "expr/casts.h"
#include "expr/function.h"
#include "expr/kernel.h"
#include "expr/operators.h"

namespace engine::expr {
namespace {

using data::Int128;
using data::Kind;
using data::Type;

constexpr int kMostDigits = 38;

enum class Direction { kNearest, kUp, kDown };

/// How many digits are taken away at the right, and how many zeros put there.
class Rounding : public Prepared {
 public:
  Rounding(int drop_digits, int restore_digits) : drop(drop_digits), restore(restore_digits) {}
  int drop;
  int restore;
};

/// value / 10^digits as a whole number; half away from zero where the nearest is wanted.
Int128 divide_by_power(Int128 value, int digits, Direction direction) {
  if (digits > kMostDigits) {
    if (direction == Direction::kNearest) return 0;
    return direction == Direction::kUp ? (value > 0 ? 1 : 0) : (value < 0 ? -1 : 0);
  }
  const Int128 unit = data::power_of_ten(digits);
  const Int128 quotient = value / unit;
  const Int128 rest = value % unit;
  if (direction == Direction::kUp) return quotient + (rest > 0 ? 1 : 0);
  if (direction == Direction::kDown) return quotient - (rest < 0 ? 1 : 0);
  const Int128 size = rest < 0 ? -rest : rest;
  if (size == 0 || size < unit - size) return quotient;
  return quotient + (value < 0 ? -1 : 1);
}

template <Direction kDirection>
data::ColumnPtr round_decimal(const Call& call) {
  const auto& rounding = call.prepared<Rounding>();
  const Type type = call.node.type;
  return map_fixed<Int128>(call, [&](std::size_t row, Int128& out) {
    const Int128 value = divide_by_power(call.arg(0).decimal(row), rounding.drop, kDirection);
    const auto scaled =
        data::rescale_exact(value, 0, std::min(rounding.restore, kMostDigits), type.precision);
    if (!scaled) return call.refuse_arg(row, "E405", call.node.name + ": too many digits", 0);
    out = *scaled;
    return true;
  });
}

data::ColumnPtr round_int64(const Call& call) {
  const auto& rounding = call.prepared<Rounding>();
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    const Int128 value =
        divide_by_power(call.arg(0).int64(row), rounding.drop, Direction::kNearest);
    if (value == 0) return true;
    const Int128 whole = value * data::power_of_ten(rounding.drop);
    if (whole > INT64_MAX || whole < INT64_MIN) {
      return call.refuse_arg(row, "E405", "round: too large for int64", 0);
    }
    out = static_cast<std::int64_t>(whole);
    return true;
  });
}

template <Direction kDirection>
data::ColumnPtr round_float64(const Call& call) {
  return map_fixed<double>(call, [&](std::size_t row, double& out) {
    const double value = call.arg(0).float64(row);
    out = kDirection == Direction::kNearest ? std::nearbyint(value)
          : kDirection == Direction::kUp    ? std::ceil(value)
                                            : std::floor(value);
    return true;
  });
}

/// A first argument that is a number of fixed scale.
std::optional<Problem> require_number(std::string_view name, NodePtr& arg) {
  if (arg->untyped) {
    Outcome there = coerce(arg, types::int64);
    if (const Problem* problem = std::get_if<Problem>(&there)) return *problem;
    arg = std::get<NodePtr>(there);
  }
  const Kind kind = arg->type.kind;
  if (kind == Kind::kInt64 || kind == Kind::kFloat64 || kind == Kind::kDecimal) return std::nullopt;
  return Problem{std::string(name) + " needs a number, " + describe(*arg) + " is " +
                     data::type_name(arg->type),
                 "write " + cast_text(*arg, Type::decimal(38, 10)), 0};
}

NodePtr decimal_call(const char* name, const NodePtr& arg, int digits, Kernel kernel) {
  const int whole = arg->type.precision - arg->type.scale;
  const int scale = std::max(0, digits);
  const bool shorter = digits < arg->type.scale;
  const int precision = std::max(1, std::min(kMostDigits, whole + (shorter ? 1 : 0) + scale));
  const int drop = std::max(0, arg->type.scale - digits);
  const int restore = digits < 0 ? -digits : std::max(0, digits - arg->type.scale);
  return make_call({.name = name,
                    .type = Type::decimal(precision, scale),
                    .kernel = kernel,
                    .can_fail = true,
                    .prepared = std::make_shared<Rounding>(drop, restore)},
                   {arg});
}

Outcome round_to_digits(const NodePtr& arg, int digits) {
  if (arg->type.kind == Kind::kFloat64) {
    return Problem{"a float64 is not rounded to decimal digits, it could not hold them exactly",
                   "write round(" + cast_text(*arg, Type::decimal(38, 15)) + ", " +
                       std::to_string(digits) + ")"};
  }
  if (arg->type.kind == Kind::kDecimal) {
    return decimal_call("round", arg, digits, round_decimal<Direction::kNearest>);
  }
  if (digits >= 0) return arg;
  return make_call({.name = "round",
                    .type = types::int64,
                    .kernel = round_int64,
                    .can_fail = true,
                    .prepared = std::make_shared<Rounding>(-digits, -digits)},
                   {arg});
}

template <Direction kDirection>
Outcome to_whole(const char* name, const NodePtr& arg) {
  if (arg->type.kind == Kind::kInt64) return arg;
  if (arg->type.kind == Kind::kDecimal) {
    return decimal_call(name, arg, 0, round_decimal<kDirection>);
  }
  return make_call({.name = name, .type = types::float64, .kernel = round_float64<kDirection>},
                   {arg});
}

Outcome resolve_round(std::vector<NodePtr> args, const Type*) {
  if (auto problem = require_number("round", args[0])) return *problem;
  if (args.size() == 1) return to_whole<Direction::kNearest>("round", args[0]);
  Outcome digits = coerce(args[1], types::int64);
  const NodePtr* node = std::get_if<NodePtr>(&digits);
  const auto count = node != nullptr ? constant_int64(**node) : std::nullopt;
  if (!count || *count > kMostDigits || *count < -kMostDigits) {
    return Problem{"the number of digits must be a constant from -38 to 38", "", 1};
  }
  return round_to_digits(args[0], static_cast<int>(*count));
}

Outcome resolve_ceil(std::vector<NodePtr> args, const Type*) {
  if (auto problem = require_number("ceil", args[0])) return *problem;
  return to_whole<Direction::kUp>("ceil", args[0]);
}

Outcome resolve_floor(std::vector<NodePtr> args, const Type*) {
  if (auto problem = require_number("floor", args[0])) return *problem;
  return to_whole<Direction::kDown>("floor", args[0]);
}

data::ColumnPtr abs_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    const std::int64_t value = call.arg(0).int64(row);
    if (value == INT64_MIN) return call.refuse_arg(row, "E405", "abs: too large for int64", 0);
    out = value < 0 ? -value : value;
    return true;
  });
}

data::ColumnPtr abs_float64(const Call& call) {
  return map_fixed<double>(call, [&](std::size_t row, double& out) {
    out = std::fabs(call.arg(0).float64(row));
    return true;
  });
}

data::ColumnPtr abs_decimal(const Call& call) {
  return map_fixed<Int128>(call, [&](std::size_t row, Int128& out) {
    const Int128 value = call.arg(0).decimal(row);
    out = value < 0 ? -value : value;
    return true;
  });
}

Outcome resolve_abs(std::vector<NodePtr> args, const Type*) {
  if (auto problem = require_number("abs", args[0])) return *problem;
  const Type type = args[0]->type;
  const bool whole = type.kind == Kind::kInt64;
  const Kernel kernel =
      whole ? abs_int64 : (type.kind == Kind::kFloat64 ? abs_float64 : abs_decimal);
  return make_call({.name = "abs", .type = type, .kernel = kernel, .can_fail = whole},
                   std::move(args));
}

Outcome resolve_mod(std::vector<NodePtr> args, const Type*) {
  return bind_arithmetic("%", std::move(args));
}
Outcome resolve_greatest(std::vector<NodePtr> args, const Type*) {
  return bind_extreme("greatest", std::move(args));
}
Outcome resolve_least(std::vector<NodePtr> args, const Type*) {
  return bind_extreme("least", std::move(args));
}

}  // namespace

std::vector<FunctionSpec> number_functions() {
  return {
      {.doc = {"round", "round(number [, digits int64]) -> number",
               "To a whole number or to that many digits after the point (before it, when "
               "negative). Decimals round half "
               "away from zero, float64 half to even and to whole numbers only.",
               "round(2.345, 2)", "2.35", "0.1"},
       .least = 1,
       .most = 2,
       .resolve = resolve_round},
      {.doc = {"abs", "abs(number) -> number", "The value without its sign.", "abs(-3)", "3",
               "0.1"},
       .least = 1,
       .most = 1,
       .resolve = resolve_abs},
      {.doc = {"ceil", "ceil(number) -> number", "The next whole number upward.", "ceil(-1.5)",
               "-1", "0.1"},
       .least = 1,
       .most = 1,
       .resolve = resolve_ceil},
      {.doc = {"floor", "floor(number) -> number", "The next whole number downward.", "floor(-1.5)",
               "-2", "0.1"},
       .least = 1,
       .most = 1,
       .resolve = resolve_floor},
      {.doc = {"mod", "mod(a number, b number) -> number",
               "The remainder of a / b, with the sign of a; the same as a % b.", "mod(-7, 3)", "-1",
               "0.1"},
       .least = 2,
       .most = 2,
       .resolve = resolve_mod},
      {.doc =
           {"greatest", "greatest(any, ...) -> the common type",
            "The largest argument; NULL is passed over, so the result is NULL only when all are.",
            "greatest(1, null, 3)", "3", "0.1"},
       .least = 1,
       .most = kAnyNumber,
       .resolve = resolve_greatest},
      {.doc =
           {"least", "least(any, ...) -> the common type",
            "The smallest argument; NULL is passed over, so the result is NULL only when all are.",
            "least(2, null, 3)", "2", "0.1"},
       .least = 1,
       .most = kAnyNumber,
       .resolve = resolve_least},
  };
}

}  // namespace engine::expr
