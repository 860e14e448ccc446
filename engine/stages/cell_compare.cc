#include "stages/cell_compare.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "data/key.h"

namespace engine::stages {

namespace {

using data::Column;
using data::Kind;

/// Pairs that follow each other on both sides are compared in one go; mostly they agree, and then
/// no cell is looked at by itself.
constexpr std::size_t kRun = 32;

/// `equal_run(first, rows)` compares a run of neighbours, `differs(pair)` one pair.
template <typename EqualRun, typename Differs>
void mark_runs(const std::vector<RowPair>& pairs, std::vector<std::uint8_t>& different,
               EqualRun equal_run, Differs differs) {
  for (std::size_t begin = 0; begin < pairs.size(); begin += kRun) {
    const std::size_t end = std::min(begin + kRun, pairs.size());
    const RowPair& first = pairs[begin];
    const RowPair& last = pairs[end - 1];
    const std::size_t rows = end - begin;
    // Both sides ascend, so the ends tell whether there are gaps.
    const bool run =
        last.staged - first.staged + 1 == rows && last.target - first.target + 1 == rows;
    if (run && equal_run(first, rows)) continue;
    for (std::size_t i = begin; i < end; ++i) {
      if (differs(pairs[i])) different[i] = 1;
    }
  }
}

/// Fixed-width cells, given as integers of that width. Bytes under a NULL are zero in both.
template <typename T>
void mark_fixed(const Column& staged, const Column& target, const std::vector<RowPair>& pairs,
                std::vector<std::uint8_t>& different) {
  const T* a = staged.fixed<T>();
  const T* b = target.fixed<T>();
  mark_runs(
      pairs, different,
      [&](const RowPair& first, std::size_t rows) {
        return std::memcmp(a + first.staged, b + first.target, rows * sizeof(T)) == 0;
      },
      [&](const RowPair& pair) { return a[pair.staged] != b[pair.target]; });
}

bool equal_bytes_run(const Column& a, const Column& b, const RowPair& first, std::size_t rows) {
  const std::int32_t* ends_a = a.offsets().data() + first.staged;
  const std::int32_t* ends_b = b.offsets().data() + first.target;
  const std::int32_t shift = ends_a[0] - ends_b[0];
  bool same_lengths = true;
  for (std::size_t i = 1; i <= rows; ++i) same_lengths &= ends_a[i] - ends_b[i] == shift;
  if (!same_lengths) return false;
  const auto bytes = static_cast<std::size_t>(ends_a[rows] - ends_a[0]);
  return std::memcmp(a.bytes().data() + ends_a[0], b.bytes().data() + ends_b[0], bytes) == 0;
}

void mark_bytes(const Column& staged, const Column& target, const std::vector<RowPair>& pairs,
                std::vector<std::uint8_t>& different) {
  mark_runs(
      pairs, different,
      [&](const RowPair& first, std::size_t rows) {
        return equal_bytes_run(staged, target, first, rows);
      },
      [&](const RowPair& pair) {
        return staged.bytes_at(pair.staged) != target.bytes_at(pair.target);
      });
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
