#pragma once

#include <string_view>
#include <vector>

#include "expr/coercion.h"

namespace engine::expr {

/// Operators over bound arguments: types are settled, conversions inserted, kernels chosen.

/// + - * / %.
///   int64     overflow refuses the row (E405); / truncates toward zero, % has the sign of the
///   dividend decimal   exact: + - % have the larger scale, * the sum of the scales; more than 38
///   digits refuse the row (E405);
///             / has scale max(16, both scales), rounded half away from zero
///   float64   IEEE; a result that is infinite though no argument is refuses the row (E405)
/// Division by zero refuses the row (E404), for all types.
Outcome bind_arithmetic(std::string_view sign, std::vector<NodePtr> args);
Outcome bind_negate(NodePtr arg);

/// = <> < <= > >=. Text compares as bytes; NaN equals itself and is greater than all else.
Outcome bind_comparison(std::string_view sign, std::vector<NodePtr> args);
Outcome bind_between(bool negated, std::vector<NodePtr> args);
/// args[0] [not] in (the others).
Outcome bind_in(bool negated, std::vector<NodePtr> args);

/// and, or: later arguments are not evaluated for rows that are decided.
Outcome bind_connective(std::string_view word, std::vector<NodePtr> args);
Outcome bind_not(NodePtr arg);
Outcome bind_is_null(bool negated, const NodePtr& arg);

/// Text and bytes; what else stands beside a text is taken as text.
Outcome bind_concatenation(std::vector<NodePtr> args);
/// % any text, _ one character, \ escapes.
Outcome bind_like(bool negated, std::vector<NodePtr> args);

/// (when then)... else. Branches have a common type; `wanted` types branches that are all open.
Outcome bind_case(std::vector<NodePtr> args, const data::Type* wanted);
Outcome bind_coalesce(std::vector<NodePtr> args, const data::Type* wanted);
Outcome bind_nullif(std::vector<NodePtr> args);
/// greatest, least: NULLs are passed over.
Outcome bind_extreme(std::string_view name, std::vector<NodePtr> args);
/// The written cast.
Outcome bind_cast(const NodePtr& arg, const data::Type& to);

}  // namespace engine::expr
