#include "expr/node.h"

#include <algorithm>

#include "base/error.h"
#include "expr/kernel.h"

namespace engine::expr {
namespace {

/// The value of a call of constants; nullptr when a row of such values would be refused, so that
/// the refusal happens only for rows that reach it.
data::ColumnPtr fold(const Node& node) {
  data::Batch batch;
  batch.schema = std::make_shared<data::Schema>();
  batch.rows = 1;
  std::vector<data::RowError> errors;
  data::ColumnPtr value = evaluate(node, batch, Context{}, "", errors);
  return errors.empty() ? value : nullptr;
}

std::uint32_t saturating_add(std::uint32_t a, std::uint32_t b) {
  constexpr std::uint32_t kMost = 1U << 30;
  return std::min(kMost, a + b);
}

bool branch_nullable(const std::vector<NodePtr>& args) {
  bool nullable = args.back()->nullable;
  for (std::size_t i = 1; i < args.size(); i += 2) nullable = nullable || args[i]->nullable;
  return nullable;
}

bool call_nullable(NullRule rule, const std::vector<NodePtr>& args) {
  const auto nullable = [](const NodePtr& arg) { return arg->nullable; };
  switch (rule) {
    case NullRule::kStrict:
      return std::any_of(args.begin(), args.end(), nullable);
    case NullRule::kAll:
      return std::all_of(args.begin(), args.end(), nullable);
    case NullRule::kBranches:
      return branch_nullable(args);
    case NullRule::kNever:
      return false;
    case NullRule::kAlways:
      break;
  }
  return true;
}

}  // namespace

NodePtr make_column(std::size_t column, std::string name, data::Type type, bool nullable) {
  auto node = std::make_shared<Node>();
  node->kind = NodeKind::kColumn;
  node->type = type;
  node->nullable = nullable;
  node->column = column;
  node->name = std::move(name);
  return node;
}

NodePtr make_constant(data::ColumnPtr one_row, bool untyped) {
  auto node = std::make_shared<Node>();
  node->kind = NodeKind::kConstant;
  node->type = one_row->type();
  node->nullable = one_row->is_null(0);
  node->constant = std::move(one_row);
  node->untyped = untyped;
  return node;
}

NodePtr make_null(data::Type type, bool untyped) {
  data::ColumnBuilder builder(type, 1);
  builder.append_null();
  return make_constant(builder.finish(), untyped);
}

NodePtr make_unknown() {
  auto node = std::make_shared<Node>();
  node->kind = NodeKind::kUnknown;
  return node;
}

NodePtr make_call(CallParts parts, std::vector<NodePtr> args) {
  auto node = std::make_shared<Node>();
  node->kind = parts.kind;
  node->type = parts.type;
  node->nullable = call_nullable(parts.nulls, args);
  node->can_fail = parts.can_fail;
  node->of_run = parts.of_run;
  node->name = std::move(parts.name);
  node->kernel = parts.kernel;
  node->prepared = std::move(parts.prepared);
  bool constant = !parts.of_run;
  for (const NodePtr& arg : args) {
    node->can_fail = node->can_fail || arg->can_fail;
    node->of_run = node->of_run || arg->of_run;
    node->weight = saturating_add(node->weight, arg->weight);
    node->depth = std::max(node->depth, arg->depth + 1);
    constant = constant && arg->is_constant();
  }
  node->args = std::move(args);
  if (constant) {
    if (data::ColumnPtr value = fold(*node)) return make_constant(std::move(value));
  }
  return node;
}

NodePtr settled(const NodePtr& node) {
  if (!node->untyped) return node;
  return make_constant(node->constant);
}

data::Type type_of(const Node& node) {
  return node.type;
}

bool can_be_null(const Node& node) {
  return node.nullable;
}

}  // namespace engine::expr
