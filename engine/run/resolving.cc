#include "run/resolving.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "run/extraction.h"
#include "stages/masking.h"

namespace engine::run {

std::vector<std::size_t> emptied_columns(const compile::BoundTable& table,
                                         const compile::BoundReference& reference) {
  std::vector<std::size_t> columns;
  for (const std::size_t column : reference.keys.columns) {
    const auto& key = table.comparison.key;
    const bool fixed = std::find(key.begin(), key.end(), column) != key.end() ||
                       !table.comparison.written.fields[column].nullable;
    if (!fixed) columns.push_back(column);
  }
  return columns;
}

std::string orphan_text(const compile::BoundTable& table, const compile::BoundReference& reference,
                        const data::Batch& rows, std::size_t row) {
  const auto& masked = table.comparison.masked;
  return "[E414] " + stages::shown_row(rows, table.comparison.key, row, masked) + ": " +
         *reference.check.parent_table + " has no row for " +
         stages::shown_row(rows, reference.keys.columns, row, masked);
}

Resolving::Resolving(Job& job, std::size_t table) : table_(job.bound.tables[table]) {
  resolution_.found.resize(table_.references.size());
  for (std::size_t i = 0; i < table_.references.size(); ++i) {
    const compile::BoundReference& reference = table_.references[i];
    if (!reference.filters()) continue;
    auto parents = job.parent_table(reference.keys.parent_keys);
    if (!parents) base::bug("the parents of " + reference.label + " do not stand in memory");
    const state::KeyTable& keys = *parents;
    finders_.push_back({i, std::move(parents), stages::OrphanFinder(reference.keys, keys)});
  }
}

void Resolving::apply(data::Batch& staged) {
  for (Finder& finder : finders_) {
    if (staged.rows == 0) return;
    const compile::BoundReference& reference = table_.references[finder.reference];
    const std::vector<std::uint32_t> orphans = finder.orphans.find(staged);
    Resolution::Found& found = resolution_.found[finder.reference];
    found.looked_at = finder.orphans.looked_at();
    found.orphans += static_cast<std::int64_t>(orphans.size());
    if (reference.on_orphan == plan::OnOrphan::kNull) {
      staged = stages::with_nulls(staged, emptied_columns(table_, reference), orphans);
      continue;
    }
    for (const std::uint32_t row : orphans) {
      if (resolution_.rejects.size() >= kShownRejects) break;
      resolution_.rejects.push_back(orphan_text(table_, reference, staged, row));
    }
    resolution_.rejected += static_cast<std::int64_t>(orphans.size());
    staged = stages::without_rows(staged, orphans);
  }
}

}  // namespace engine::run
