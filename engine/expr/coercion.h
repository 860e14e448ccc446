#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "expr/node.h"

namespace engine::expr {

/// Why pieces do not fit together; the binder adds the place. `arg` is the argument to underline,
/// or -1 for the whole.
struct Problem {
  std::string message;
  std::string help;
  int arg = -1;
  std::string code = "E116";
};

/// A node, or why there is none.
using Outcome = std::variant<NodePtr, Problem>;

/// The node as a value of the type, by what the language does unasked: text constants are read in
/// the type, constants become what they are exactly (a decimal literal also the nearest float64),
/// exact types widen. Else the problem names the cast.
Outcome coerce(const NodePtr& node, const data::Type& to);

/// The one type that all of these become unasked; text when all of them are open.
std::variant<data::Type, Problem> common_type(std::span<const NodePtr> nodes);

/// Brings all to their common type, in place.
std::variant<data::Type, Problem> coerce_to_common(std::span<NodePtr> nodes);

/// The smallest decimal that holds every value of an int64 or decimal node (of a constant: its
/// value).
data::Type decimal_for(const Node& node);

/// How messages speak of a node: "'status'", "the text 'x'", "this value".
std::string describe(const Node& node);
/// What stands in a suggested cast: the column's name, or "…".
std::string cast_text(const Node& node, const data::Type& to);

}  // namespace engine::expr
