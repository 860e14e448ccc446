#pragma once

#include <string>
#include <string_view>

#include "data/value.h"
#include "expr/expression.h"

namespace engine::expr {

/// Pieces that the options beside an expression put around it: `{expr, default, type, format, zone,
/// dst}`. Each returns nullptr when it cannot be, and says why in `problem`, a sentence fit for a
/// diagnostic (E116).

/// cast(node as type).
NodePtr cast_node(const NodePtr& node, const data::Type& type, std::string& problem);

/// The node, with `value` in place of NULL; a text value is read in the node's type.
NodePtr coalesce_node(const NodePtr& node, const data::Value& value, std::string& problem);

/// A text read by `format` (as parse_timestamp; empty: ISO 8601), in `zone` (empty: none given)
/// with `dst` "", "earlier" or "later", as `type`: date, time, timestamp or timestamp_naive.
NodePtr parse_time_node(const NodePtr& node, std::string_view format, std::string_view zone,
                        std::string_view dst, const data::Type& type, std::string& problem);

}  // namespace engine::expr
