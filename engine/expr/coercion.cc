#include "expr/coercion.h"

#include <algorithm>

#include "base/text.h"
#include "data/value.h"
#include "data/value_text.h"
#include "expr/casts.h"

namespace engine::expr {
namespace {

using data::Kind;
using data::Type;

bool is_exact_number(const Type& type) {
  return type.kind == Kind::kInt64 || type.kind == Kind::kDecimal || type.kind == Kind::kNumber;
}

std::string example_of(const Type& type) {
  switch (type.kind) {
    case Kind::kBool:
      return "true or false";
    case Kind::kDate:
      return "a date is written 2024-01-31";
    case Kind::kTime:
      return "a time is written 08:00:00";
    case Kind::kTimestamp:
      return type.zoned ? "an instant is written 2024-01-31T08:00:00Z"
                        : "a local time is written 2024-01-31T08:00:00, without a zone";
    default:
      return "";
  }
}

Outcome read_text(const Node& node, const Type& to) {
  const std::string_view text = node.constant->bytes_at(0);
  if (to.kind == Kind::kText) return make_constant(node.constant);
  if (to.kind == Kind::kDecimal && !data::parse_value(to, base::trim_spaces(text))) {
    return Problem{base::quoted(text) + " is no " + data::type_name(to), ""};  // never rounded
  }
  NodePtr cast = make_cast(make_constant(node.constant), to);
  if (cast != nullptr && cast->is_constant()) return cast;
  return Problem{base::quoted(text) + " is no " + data::type_name(to), example_of(to)};
}

/// A constant in another type when its value stays the same; a float64 may be the nearest to a
/// decimal.
NodePtr exact_constant(const NodePtr& node, const Type& to) {
  if (!node->type.is_numeric() || !to.is_numeric()) return nullptr;
  NodePtr there = make_cast(node, to);
  if (there == nullptr || !there->is_constant() || there->is_null_constant()) return nullptr;
  if (to.kind == Kind::kFloat64 && node->type.kind != Kind::kInt64) return there;
  const bool same =
      data::compare(data::value_at(*node->constant, 0), data::value_at(*there->constant, 0)) == 0;
  return same ? std::move(there) : nullptr;
}

Problem no_coercion(const Node& node, const Type& to) {
  Problem problem;
  problem.message =
      describe(node) + " is " + data::type_name(node.type) + ", expected " + data::type_name(to);
  problem.help = instead_of_cast(node.type, to);
  if (problem.help.empty()) problem.help = "write " + cast_text(node, to);
  return problem;
}

struct Digits {
  int whole = 0;
  int scale = 0;
};

Type merged_exact(std::span<const NodePtr> typed) {
  Digits digits;
  for (const NodePtr& node : typed) {
    if (node->type.kind == Kind::kNumber) return Type::of(Kind::kNumber);
    const Type decimal = decimal_for(*node);
    digits.whole = std::max(digits.whole, decimal.precision - decimal.scale);
    digits.scale = std::max(digits.scale, int{decimal.scale});
  }
  if (digits.whole + digits.scale > 38) return Type::of(Kind::kNumber);
  return Type::decimal(std::max(1, digits.whole + digits.scale), digits.scale);
}

template <typename Test>
bool all_of(std::span<const NodePtr> nodes, Test test) {
  return std::all_of(nodes.begin(), nodes.end(), [&](const NodePtr& node) { return test(*node); });
}

/// float64 with numbers that are written down, not with columns of exact types.
bool are_floats(std::span<const NodePtr> typed) {
  return all_of(typed, [](const Node& node) {
    return node.type.kind == Kind::kFloat64 || (node.type.is_numeric() && node.is_constant());
  });
}

bool are_local_times(std::span<const NodePtr> typed) {
  return all_of(typed, [](const Node& node) {
    return node.type.kind == Kind::kDate || node.type == Type::timestamp(false);
  });
}

/// Which of two is better cast to the other's type: a text, an exact number beside a float64, else
/// one that is no constant.
bool casts_first(const Node& first, const Node& other) {
  if (first.type.kind == Kind::kText) return true;
  if (other.type.kind == Kind::kText) return false;
  if (other.type.kind == Kind::kFloat64) return true;
  if (first.type.kind == Kind::kFloat64) return false;
  return other.is_constant();
}

Problem no_common_type(std::span<const NodePtr> typed) {
  const Node& first = *typed[0];
  const auto differs = std::find_if(typed.begin(), typed.end(), [&](const NodePtr& node) {
    return node->type.kind != first.type.kind || node->type.zoned != first.type.zoned;
  });
  const Node& other = **differs;
  Problem problem;
  problem.message = describe(first) + " is " + data::type_name(first.type) + ", " +
                    describe(other) + " is " + data::type_name(other.type);
  const bool cast_first = casts_first(first, other);
  const Node& from = cast_first ? first : other;
  const Type to = cast_first ? other.type : first.type;
  problem.help = instead_of_cast(from.type, to);
  if (problem.help.empty()) problem.help = "write " + cast_text(from, to);
  return problem;
}

}  // namespace

std::string describe(const Node& node) {
  if (node.kind == NodeKind::kColumn) return base::quoted(node.name);
  if (!node.is_constant()) return "this value";
  if (node.is_null_constant()) return "NULL";
  return data::value_text(data::value_at(*node.constant, 0));
}

std::string cast_text(const Node& node, const Type& to) {
  const std::string inner = node.kind == NodeKind::kColumn ? node.name : "…";
  return "cast(" + inner + " as " + data::type_name(to) + ")";
}

Type decimal_for(const Node& node) {
  if (node.type.kind == Kind::kDecimal) return node.type;
  if (!node.is_constant() || node.is_null_constant()) return Type::decimal(19, 0);
  const std::string text = data::value_text(data::value_at(*node.constant, 0));
  return Type::decimal(static_cast<int>(text.size() - (text[0] == '-' ? 1 : 0)), 0);
}

Outcome coerce(const NodePtr& node, const Type& to) {
  if (node->type == to) return settled(node);
  if (node->is_null_constant() && (node->untyped || widens(node->type, to))) {
    return make_null(to, false);
  }
  if (node->untyped) return read_text(*node, to);
  if (node->is_constant()) {
    if (NodePtr there = exact_constant(node, to)) return there;
    if (is_exact_number(node->type)) return no_coercion(*node, to);
  }
  if (widens(node->type, to)) return make_cast(node, to);
  return no_coercion(*node, to);
}

std::variant<Type, Problem> common_type(std::span<const NodePtr> nodes) {
  std::vector<NodePtr> typed;
  for (const NodePtr& node : nodes) {
    if (!node->untyped) typed.push_back(node);
  }
  if (typed.empty()) return Type::of(Kind::kText);
  const Type first = typed[0]->type;
  if (all_of(typed, [&](const Node& node) { return node.type == first; })) return first;
  if (all_of(typed, [](const Node& node) { return is_exact_number(node.type); })) {
    return merged_exact(typed);
  }
  if (are_floats(typed)) return Type::of(Kind::kFloat64);
  if (are_local_times(typed)) return Type::timestamp(false);
  return no_common_type(typed);
}

std::variant<Type, Problem> coerce_to_common(std::span<NodePtr> nodes) {
  auto type = common_type(nodes);
  if (!std::holds_alternative<Type>(type)) return type;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Outcome there = coerce(nodes[i], std::get<Type>(type));
    if (Problem* problem = std::get_if<Problem>(&there)) {
      problem->arg = static_cast<int>(i);
      return std::move(*problem);
    }
    nodes[i] = std::get<NodePtr>(std::move(there));
  }
  return type;
}

}  // namespace engine::expr
