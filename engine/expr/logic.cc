#include "expr/casts.h"
#include "expr/kernel.h"
#include "expr/operators.h"

namespace engine::expr {
namespace {

using data::Kind;
using data::Type;

const Type kBoolType = Type::of(Kind::kBool);

data::ColumnPtr negation(const Call& call) {
  return map_bool(call, [&](std::size_t row, bool& out) {
    out = !call.arg(0).column->bool_at(call.arg(0).at(row));
    return true;
  });
}

data::ColumnPtr is_null(const Call& call) {
  data::ColumnBuilder builder(kBoolType, call.rows());
  const bool wanted = call.node.name == "is null";
  for (std::size_t row = 0; row < call.rows(); ++row) {
    builder.append_bool(call.arg(0).is_null(row) == wanted);
  }
  return builder.finish();
}

/// Brings every argument to bool.
std::optional<Problem> to_truth(std::string_view word, std::vector<NodePtr>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    Outcome truth = coerce(args[i], kBoolType);
    if (std::holds_alternative<Problem>(truth)) {
      Problem problem{std::string(word) + " needs true or false, " + describe(*args[i]) + " is " +
                          data::type_name(args[i]->type),
                      "write a comparison, or " + cast_text(*args[i], kBoolType)};
      problem.arg = static_cast<int>(i);
      return problem;
    }
    args[i] = std::get<NodePtr>(truth);
  }
  return std::nullopt;
}

bool all_open(const std::vector<NodePtr>& nodes) {
  for (const NodePtr& node : nodes) {
    if (!node->untyped) return false;
  }
  return true;
}

/// The branches in their common type, or in the wanted one when nothing but constants of open type
/// stands there.
std::optional<Problem> settle_branches(std::vector<NodePtr>& branches, const Type* wanted) {
  if (wanted != nullptr && all_open(branches)) {
    for (std::size_t i = 0; i < branches.size(); ++i) {
      Outcome there = coerce(branches[i], *wanted);
      if (Problem* problem = std::get_if<Problem>(&there)) {
        problem->arg = static_cast<int>(i);
        return *problem;
      }
      branches[i] = std::get<NodePtr>(there);
    }
    return std::nullopt;
  }
  auto type = coerce_to_common(branches);
  if (Problem* problem = std::get_if<Problem>(&type)) return *problem;
  return std::nullopt;
}

}  // namespace

Outcome bind_connective(std::string_view word, std::vector<NodePtr> args) {
  if (auto problem = to_truth(word, args)) return *problem;
  return make_call({.kind = word == "and" ? NodeKind::kAnd : NodeKind::kOr,
                    .name = std::string(word),
                    .type = kBoolType},
                   std::move(args));
}

Outcome bind_not(NodePtr arg) {
  std::vector<NodePtr> args = {std::move(arg)};
  if (auto problem = to_truth("not", args)) return *problem;
  return make_call({.name = "not", .type = kBoolType, .kernel = negation}, std::move(args));
}

Outcome bind_is_null(bool negated, const NodePtr& arg) {
  return make_call({.name = negated ? "is not null" : "is null",
                    .type = kBoolType,
                    .kernel = is_null,
                    .nulls = NullRule::kNever},
                   {settled(arg)});
}

Outcome bind_case(std::vector<NodePtr> args, const Type* wanted) {
  const std::size_t last = args.size() - 1;
  std::vector<NodePtr> conditions;
  std::vector<NodePtr> branches;
  for (std::size_t i = 0; i < last; i += 2) conditions.push_back(args[i]);
  for (std::size_t i = 1; i < last; i += 2) branches.push_back(args[i]);
  branches.push_back(args[last]);
  if (auto problem = to_truth("when", conditions)) {
    problem->arg = 2 * problem->arg;
    return *problem;
  }
  if (auto problem = settle_branches(branches, wanted)) {
    const int branch = problem->arg;
    if (branch >= 0) problem->arg = std::min(2 * branch + 1, static_cast<int>(last));
    return *problem;
  }
  for (std::size_t i = 0; i < last; i += 2) {
    args[i] = conditions[i / 2];
    args[i + 1] = branches[i / 2];
  }
  args[last] = branches.back();
  return make_call({.kind = NodeKind::kCase,
                    .name = "case",
                    .type = branches.back()->type,
                    .nulls = NullRule::kBranches},
                   std::move(args));
}

Outcome bind_coalesce(std::vector<NodePtr> args, const Type* wanted) {
  if (auto problem = settle_branches(args, wanted)) return *problem;
  const Type type = args[0]->type;
  return make_call(
      {.kind = NodeKind::kCoalesce, .name = "coalesce", .type = type, .nulls = NullRule::kAll},
      std::move(args));
}

Outcome bind_cast(const NodePtr& arg, const Type& to) {
  if (arg->untyped && arg->is_null_constant()) return make_null(to, false);
  const NodePtr from = settled(arg);
  NodePtr cast = make_cast(from, to);
  if (cast != nullptr) {
    if (from->is_constant() && !cast->is_constant()) {
      return Problem{describe(*from) + " cannot become " + data::type_name(to), ""};
    }
    return cast;
  }
  return Problem{data::type_name(from->type) + " cannot be cast to " + data::type_name(to),
                 instead_of_cast(from->type, to)};
}

}  // namespace engine::expr
