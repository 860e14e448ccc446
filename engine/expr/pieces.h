#pragma once

#include <cstddef>
#include <optional>

#include "data/schema.h"
#include "expr/expression.h"

namespace engine::expr {

/// Typed pieces that are not written as text by anybody: for those who put rows together.

/// The column at a position of the batches that the node will see.
NodePtr column_node(const data::Schema& schema, std::size_t position);
/// The position of the column when the node is nothing but a column.
std::optional<std::size_t> column_of(const Node& node);
/// NULL of a type.
NodePtr null_node(const data::Type& type);
/// The node as a value of the type by what the language does unasked (exact widening only); nullptr
/// when a cast would have to be written.
NodePtr widen_node(const NodePtr& node, const data::Type& type);

}  // namespace engine::expr
