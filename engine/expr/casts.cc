#include "expr/casts.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "data/decimal.h"
#include "data/value_text.h"
#include "expr/json_scan.h"
#include "expr/kernel.h"

namespace engine::expr {
namespace {

using data::Int128;
using data::Kind;
using data::Type;

constexpr std::int64_t kDayUs = 86'400'000'000;

std::string too_large(const Type& type) {
  return "the value is too large for " + data::type_name(type);
}

data::ColumnPtr to_text(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    append_text(out, call.arg(0), row);
    return true;
  });
}

/// One text into the builder's type; false where it denotes no value of it.
bool append_from_text(data::ColumnBuilder& builder, std::string_view text) {
  return data::append_parsed(builder, base::trim_spaces(text));
}

data::ColumnPtr text_to_any(const Call& call) {
  data::ColumnBuilder builder(call.node.type, call.rows());
  const Operand& arg = call.arg(0);
  for (std::size_t row = 0; row < call.rows(); ++row) {
    if (arg.is_null(row)) {
      builder.append_null();
    } else if (!append_from_text(builder, arg.bytes(row))) {
      builder.append_null();
      call.refuse(row, "E404", "the text is no " + data::type_name(call.node.type), arg.bytes(row));
    }
  }
  return builder.finish();
}

data::ColumnPtr text_to_json(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::string_view text = call.arg(0).bytes(row);
    if (!is_json(text)) return call.refuse(row, "E404", "the text is no json", text);
    out += text;
    return true;
  });
}

data::ColumnPtr same_bytes(const Call& call) {
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    out += call.arg(0).bytes(row);
    return true;
  });
}

/// Text, number and float64 by way of their digits.
template <typename Digits>
data::ColumnPtr digits_to_decimal(const Call& call, Digits digits) {
  const Type type = call.node.type;
  return map_fixed<Int128>(call, [&, type](std::size_t row, Int128& out) {
    const auto canonical = data::canonical_number(digits(row));
    if (!canonical) return call.refuse_arg(row, "E404", "the value is no number", 0);
    const auto value = round_number(*canonical, type.precision, type.scale);
    if (!value) return call.refuse_arg(row, "E405", too_large(type), 0);
    out = *value;
    return true;
  });
}

data::ColumnPtr text_to_decimal(const Call& call) {
  return digits_to_decimal(
      call, [&](std::size_t row) { return base::trim_spaces(call.arg(0).bytes(row)); });
}

data::ColumnPtr float64_to_decimal(const Call& call) {
  char buffer[64];
  return digits_to_decimal(call, [&](std::size_t row) {
    const int size = std::snprintf(buffer, sizeof buffer, "%.15g", call.arg(0).float64(row));
    return std::string_view(buffer, static_cast<std::size_t>(size));
  });
}

/// int64 and decimal. Between decimals rounding follows PostgreSQL.
data::ColumnPtr exact_to_decimal(const Call& call) {
  const Type from = call.arg(0).column->type();
  const Type to = call.node.type;
  const bool whole = from.kind == Kind::kInt64;
  return map_fixed<Int128>(call, [&, whole](std::size_t row, Int128& out) {
    const Int128 value = whole ? Int128{call.arg(0).int64(row)} : call.arg(0).decimal(row);
    const auto scaled =
        data::rescale_rounded(value, whole ? 0 : from.scale, to.scale, to.precision);
    if (!scaled) return call.refuse_arg(row, "E405", too_large(to), 0);
    out = *scaled;
    return true;
  });
}

bool narrow_to_int64(const Call& call, std::size_t row, std::optional<Int128> value,
                     std::int64_t& out) {
  if (!value || *value > INT64_MAX || *value < INT64_MIN) {
    return call.refuse_arg(row, "E405", too_large(call.node.type), 0);
  }
  out = static_cast<std::int64_t>(*value);
  return true;
}

data::ColumnPtr decimal_to_int64(const Call& call) {
  const int scale = call.arg(0).column->type().scale;
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    return narrow_to_int64(call, row, data::rescale_rounded(call.arg(0).decimal(row), scale, 0, 38),
                           out);
  });
}

data::ColumnPtr number_to_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    return narrow_to_int64(call, row, round_number(call.arg(0).bytes(row), 38, 0), out);
  });
}

data::ColumnPtr float64_to_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    const double value = std::nearbyint(call.arg(0).float64(row));
    if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) {
      return call.refuse_arg(row, "E405", too_large(call.node.type), 0);
    }
    out = static_cast<std::int64_t>(value);
    return true;
  });
}

data::ColumnPtr bool_to_int64(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    out = call.arg(0).column->bool_at(call.arg(0).at(row)) ? 1 : 0;
    return true;
  });
}

data::ColumnPtr int64_to_bool(const Call& call) {
  return map_bool(call, [&](std::size_t row, bool& out) {
    out = call.arg(0).int64(row) != 0;
    return true;
  });
}

data::ColumnPtr int64_to_float64(const Call& call) {
  return map_fixed<double>(call, [&](std::size_t row, double& out) {
    out = static_cast<double>(call.arg(0).int64(row));
    return true;
  });
}

data::ColumnPtr digits_to_float64(const Call& call) {
  std::string text;
  return map_fixed<double>(call, [&](std::size_t row, double& out) {
    text.clear();
    append_text(text, call.arg(0), row);
    out = nearest_double(text);
    return std::isfinite(out) || call.refuse(row, "E405", too_large(call.node.type), text);
  });
}

data::ColumnPtr exact_to_number(const Call& call) {
  std::string text;
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    text.clear();
    append_text(text, call.arg(0), row);
    out += *data::canonical_number(text);
    return true;
  });
}

data::ColumnPtr date_to_timestamp(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    out = call.arg(0).column->date_at(call.arg(0).at(row)) * kDayUs;
    return true;
  });
}

std::int64_t floor_days(std::int64_t us) {
  return us / kDayUs - (us % kDayUs < 0 ? 1 : 0);
}

data::ColumnPtr timestamp_to_date(const Call& call) {
  return map_fixed<std::int32_t>(call, [&](std::size_t row, std::int32_t& out) {
    out = static_cast<std::int32_t>(floor_days(call.arg(0).int64(row)));
    return true;
  });
}

data::ColumnPtr timestamp_to_time(const Call& call) {
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    const std::int64_t us = call.arg(0).int64(row);
    out = us - floor_days(us) * kDayUs;
    return true;
  });
}

struct Cast {
  Kernel kernel = nullptr;
  bool can_fail = false;
};

Cast cast_from_text(const Type& to) {
  switch (to.kind) {
    case Kind::kText:
      return {same_bytes, false};
    case Kind::kDecimal:
      return {text_to_decimal, true};
    case Kind::kJson:
      return {text_to_json, true};
    case Kind::kDocument:
      return {};
    default:
      return {text_to_any, true};
  }
}

Cast cast_to_decimal(const Type& from, const Type& to) {
  const int whole = to.precision - to.scale;
  switch (from.kind) {
    case Kind::kInt64:
      return {exact_to_decimal, whole < 19};
    case Kind::kDecimal:
      return {exact_to_decimal, whole < from.precision - from.scale + (to.scale < from.scale)};
    case Kind::kNumber:
      return {text_to_decimal, true};
    case Kind::kFloat64:
      return {float64_to_decimal, true};
    default:
      return {};
  }
}

Cast cast_to_int64(const Type& from) {
  switch (from.kind) {
    case Kind::kBool:
      return {bool_to_int64, false};
    case Kind::kDecimal:
      return {decimal_to_int64, true};
    case Kind::kNumber:
      return {number_to_int64, true};
    case Kind::kFloat64:
      return {float64_to_int64, true};
    default:
      return {};
  }
}

Cast cast_to_float64(const Type& from) {
  if (from.kind == Kind::kInt64) return {int64_to_float64, false};
  if (from.kind == Kind::kDecimal) return {digits_to_float64, false};
  if (from.kind == Kind::kNumber) return {digits_to_float64, true};
  return {};
}

Cast cast_of_time(const Type& from, const Type& to) {
  if (from.nanos || to.nanos) return {};
  if (from.kind == Kind::kDate && to == Type::timestamp(false)) return {date_to_timestamp, false};
  if (from != Type::timestamp(false)) return {};
  if (to.kind == Kind::kDate) return {timestamp_to_date, false};
  if (to.kind == Kind::kTime) return {timestamp_to_time, false};
  return {};
}

Cast find_cast(const Type& from, const Type& to) {
  if (from.kind == Kind::kDocument) return {};
  if (from.kind == Kind::kText) return cast_from_text(to);
  switch (to.kind) {
    case Kind::kText:
      return {to_text, false};
    case Kind::kInt64:
      return cast_to_int64(from);
    case Kind::kFloat64:
      return cast_to_float64(from);
    case Kind::kDecimal:
      return cast_to_decimal(from, to);
    case Kind::kNumber:
      if (from.kind == Kind::kInt64 || from.kind == Kind::kDecimal) return {exact_to_number, false};
      return {};
    case Kind::kBool:
      return from.kind == Kind::kInt64 ? Cast{int64_to_bool, false} : Cast{};
    default:
      return cast_of_time(from, to);
  }
}

}  // namespace

bool widens(const Type& from, const Type& to) {
  if (from == to) return true;
  if (from.kind == Kind::kInt64) return to.kind == Kind::kDecimal || to.kind == Kind::kNumber;
  if (from.kind == Kind::kDecimal) {
    if (to.kind == Kind::kNumber) return true;
    return to.kind == Kind::kDecimal && to.scale >= from.scale &&
           to.precision - to.scale >= from.precision - from.scale;
  }
  return from.kind == Kind::kDate && to == Type::timestamp(false);
}

NodePtr make_cast(const NodePtr& node, const Type& to) {
  if (node->type == to) return settled(node);
  if (node->is_null_constant()) return make_null(to, false);
  const Cast cast = find_cast(node->type, to);
  if (cast.kernel == nullptr) return nullptr;
  return make_call({.name = "cast", .type = to, .kernel = cast.kernel, .can_fail = cast.can_fail},
                   {node});
}

std::string instead_of_cast(const Type& from, const Type& to) {
  const bool local = from.kind == Kind::kDate || from == Type::timestamp(false);
  if (local && to == Type::timestamp(true)) {
    return "say in which zone: to_timezone(cast(x as timestamp_naive), 'Europe/Berlin')";
  }
  if (from == Type::timestamp(true) &&
      (to.kind == Kind::kTimestamp || to.kind == Kind::kDate || to.kind == Kind::kTime)) {
    return "say in which zone: cast(to_timezone(x, 'UTC') as " + data::type_name(to) + ")";
  }
  if (from.kind == Kind::kJson) return "json_text(x, 'path') gives a value of it as text";
  return "";
}

std::optional<Int128> round_number(std::string_view canonical, int precision, int scale) {
  const std::size_t point = canonical.find('.');
  if (point == std::string_view::npos) return data::parse_decimal(canonical, precision, scale);
  const std::size_t keep = point + 1 + static_cast<std::size_t>(scale);
  const auto kept = data::parse_decimal(canonical.substr(0, keep), 38, scale);
  if (!kept) return std::nullopt;
  Int128 value = *kept;
  if (keep < canonical.size() && canonical[keep] >= '5') value += canonical[0] == '-' ? -1 : 1;
  return data::rescale_exact(value, scale, scale, precision);
}

double nearest_double(std::string_view number) {
  return std::strtod(std::string(number).c_str(), nullptr);
}

}  // namespace engine::expr
