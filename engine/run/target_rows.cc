#include "run/target_rows.h"

#include <algorithm>

namespace engine::run {

bool reads_target(const compile::BoundTable& table) {
  if (!table.target_info || table.load == compile::Load::kLive) return false;
  const bool appends = table.comparison.mode == plan::MergeMode::kAppend;
  return table.compares || (appends && !table.comparison.image_columns.empty());
}

std::unique_ptr<connect::Source> target_rows(Job& job, std::size_t table) {
  const compile::BoundTable& bound = job.bound.tables[table];
  if (!reads_target(bound)) return nullptr;
  return job.session.read_target(bound.target, bound.target_read);
}

std::uint64_t estimate_undo(const connect::ChangeBatch& changes) {
  constexpr std::uint64_t kBytesPerRow = 32;  // operation, lengths, key and hash
  const auto rewritten = static_cast<std::uint64_t>(
      std::count_if(changes.ops.begin(), changes.ops.end(),
                    [](connect::Op op) { return op == connect::Op::kUpdate; }));
  const std::uint64_t rows = std::max<std::uint64_t>(1, changes.rows.rows);
  return changes.ops.size() * kBytesPerRow + changes.removed_bytes +
         rewritten * (changes.rows.footprint() / rows);
}

}  // namespace engine::run
