#include "base/located.h"

namespace engine::base {

Span Located::at(std::size_t offset, std::size_t length) const {
  Span out = span;
  if (!one_line) {
    out.length = 1;
    return out;
  }
  out.length = static_cast<int>(length);
  if (columns.empty()) {
    out.column = span.column + static_cast<int>(offset);
    return out;
  }
  // Past the last byte: the column after it, where something is missing.
  if (offset >= columns.size()) {
    out.column = columns.back() + static_cast<int>(offset - columns.size()) + 1;
    return out;
  }
  out.column = columns[offset];
  if (length > 0 && offset + length <= columns.size()) {
    out.length = columns[offset + length - 1] - out.column + 1;
  }
  return out;
}

}  // namespace engine::base
