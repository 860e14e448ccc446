#include "base/located.h"

namespace engine::base {

Span Located::at(std::size_t offset, std::size_t length) const {
  Span out = span;
  if (!one_line()) {
    out.length = 1;
    return out;
  }
  out.length = static_cast<int>(length);
  if (!columns) {
    out.column = span.column + static_cast<int>(offset);
    return out;
  }
  const std::vector<int>& known = *columns;
  // Past the last byte: the column after it, where something is missing.
  if (offset >= known.size()) {
    out.column = known.back() + static_cast<int>(offset - known.size()) + 1;
    return out;
  }
  out.column = known[offset];
  if (length > 0 && offset + length <= known.size()) {
    out.length = known[offset + length - 1] - out.column + 1;
  }
  return out;
}

}  // namespace engine::base
