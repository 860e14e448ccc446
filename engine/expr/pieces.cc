#include "expr/pieces.h"

#include <variant>

#include "expr/coercion.h"
#include "expr/node.h"

namespace engine::expr {

NodePtr column_node(const data::Schema& schema, std::size_t position) {
  const data::Field& field = schema.fields.at(position);
  return make_column(position, field.name, field.type, field.nullable);
}

std::optional<std::size_t> column_of(const Node& node) {
  if (node.kind != NodeKind::kColumn) return std::nullopt;
  return node.column;
}

NodePtr null_node(const data::Type& type) {
  return make_null(type, false);
}

NodePtr widen_node(const NodePtr& node, const data::Type& type) {
  Outcome outcome = coerce(node, type);
  const NodePtr* widened = std::get_if<NodePtr>(&outcome);
  return widened == nullptr ? nullptr : *widened;
}

}  // namespace engine::expr
