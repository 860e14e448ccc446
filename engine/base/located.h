#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace engine::base {

/// A scalar of a plan with its place, so that a caret can point inside it. `span` is where its
/// first byte stands. `columns[i]` is the column of byte i of a scalar that stands on one line
/// (quotes and escapes accounted for); it is empty when byte i stands at `span.column + i`. Scalars
/// over several lines point at their start only (`one_line` false).
struct Located {
  std::string text;
  Span span;
  std::vector<int> columns;
  bool one_line = true;

  /// The place of `length` bytes from `offset`.
  Span at(std::size_t offset, std::size_t length = 1) const;
};

}  // namespace engine::base
