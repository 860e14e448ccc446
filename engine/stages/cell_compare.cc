#include "stages/cell_compare.h"

#include <cstring>

#include "base/error.h"
#include "data/key.h"

namespace engine::stages {

namespace {

using data::Column;
using data::Kind;

/// Fixed-width cells, given as integers of that width. Bytes under a NULL are zero in both.
template <typename T>
void mark_fixed(const Column& staged, const Column& target, const std::vector<RowPair>& pairs,
                std::vector<std::uint8_t>& different) {
  const T* a = staged.fixed<T>();
  const T* b = target.fixed<T>();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    different[i] = static_cast<std::uint8_t>(
        different[i] | static_cast<std::uint8_t>(a[pairs[i].staged] != b[pairs[i].target]));
  }
}

void mark_bytes(const Column& staged, const Column& target, const std::vector<RowPair>& pairs,
                std::vector<std::uint8_t>& different) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (staged.bytes_at(pairs[i].staged) != target.bytes_at(pairs[i].target)) different[i] = 1;
  }
}

void mark_nulls(const Column& staged, const Column& target, const std::vector<RowPair>& pairs,
                std::vector<std::uint8_t>& different) {
  if (staged.null_count() == 0 && target.null_count() == 0) return;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (staged.is_null(pairs[i].staged) != target.is_null(pairs[i].target)) different[i] = 1;
  }
}

void mark_any(const Column& staged, const Column& target, const std::vector<RowPair>& pairs,
              std::vector<std::uint8_t>& different) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!data::cells_equal(staged, pairs[i].staged, target, pairs[i].target)) different[i] = 1;
  }
}

}  // namespace

void mark_different(const Column& staged, const Column& target, const std::vector<RowPair>& pairs,
                    std::vector<std::uint8_t>& different) {
  const data::Type type = staged.type();
  if (type.kind != target.type().kind || type.scale != target.type().scale) {
    base::bug("cells of different types are compared");
  }
  switch (type.kind) {
    case Kind::kInt64:
    case Kind::kFloat64:
    case Kind::kTime:
    case Kind::kTimestamp:
      mark_fixed<std::int64_t>(staged, target, pairs, different);
      return mark_nulls(staged, target, pairs, different);
    case Kind::kDate:
      mark_fixed<std::int32_t>(staged, target, pairs, different);
      return mark_nulls(staged, target, pairs, different);
    case Kind::kText:
    case Kind::kBytes:
    case Kind::kJson:
    case Kind::kNumber:
    case Kind::kDocument:
      mark_bytes(staged, target, pairs, different);
      return mark_nulls(staged, target, pairs, different);
    case Kind::kBool:
    case Kind::kDecimal:
    case Kind::kUuid:
      return mark_any(staged, target, pairs, different);
  }
}

}  // namespace engine::stages
