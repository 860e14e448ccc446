#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/rare.h"

namespace engine::base {

/// A scalar of a plan with its place, so that a caret can point inside it. `span` is where its
/// first byte stands; byte i stands `i` columns on, unless `columns` is there.
struct Located {
  std::string text;
  Span span;
  /// The column of each byte, where quotes, escapes or variables move them. Empty for a scalar over
  /// several lines: that one points at its start only.
  Rare<std::vector<int>> columns = {};

  /// Text that is not written in the plan as it is, for which the whole of `span` stands.
  static Located made(std::string text, Span span) {
    return {std::move(text), std::move(span), std::vector<int>{}};
  }

  bool one_line() const { return !columns || !columns->empty(); }

  /// The place of `length` bytes from `offset`.
  Span at(std::size_t offset, std::size_t length = 1) const;
};

}  // namespace engine::base
