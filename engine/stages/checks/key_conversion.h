#pragma once

#include "data/column.h"

namespace engine::stages {

/// Whether values of a child's type can be looked for among a parent's keys: the same kind, two
/// exact numbers, or text on one side.
bool keys_comparable(const data::Type& child, const data::Type& parent);

/// The child's values as values of the parent's type, so that equal keys have equal key bytes; the
/// column itself when its type is laid out the same. A value that is none of the parent's type
/// becomes NULL: no parent can have it.
data::ColumnPtr as_parent_key(const data::ColumnPtr& child, const data::Type& parent);

}  // namespace engine::stages
