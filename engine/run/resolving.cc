#include "run/resolving.h"

#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "run/extraction.h"
#include "stages/masking.h"

namespace engine::run {
namespace {

/// Of these rows, those that will be in the target.
std::vector<std::uint32_t> without_deletes(const compile::BoundTable& table,
                                           const data::Batch& staged,
                                           std::vector<std::uint32_t> rows) {
  if (!table.comparison.deleted) return rows;
  std::erase_if(rows, [&](std::uint32_t row) { return asks_for_delete(table, staged, row); });
  return rows;
}

}  // namespace

bool asks_for_delete(const compile::BoundTable& table, const data::Batch& staged, std::size_t row) {
  if (!table.comparison.deleted) return false;
  const data::Column& flag = staged.column(*table.comparison.deleted);
  return !flag.is_null(row) && flag.bool_at(row);
}

std::vector<std::size_t> emptied_columns(const compile::BoundTable& table,
                                         const compile::BoundReference& reference) {
  std::vector<std::size_t> columns;
  for (const std::size_t column : reference.keys.columns) {
    const bool fixed =
        table.comparison.in_key(column) || !table.comparison.written.fields[column].nullable;
    if (!fixed) columns.push_back(column);
  }
  return columns;
}

Rejection orphan_rejection(const compile::BoundTable& table,
                           const compile::BoundReference& reference, const data::Batch& rows,
                           std::size_t row) {
  std::vector<std::string> names;
  for (const std::size_t column : reference.keys.columns) {
    names.push_back(rows.schema->fields[column].name);
  }
  const auto& columns = reference.keys.columns;
  const std::string value = columns.size() == 1
                                ? stages::shown_value(rows.column(columns.front()), row)
                                : stages::shown_row(rows, columns, row, table.comparison.masked);
  return {base::join(names, ", "), "E414", *reference.check.parent_table + " has no such row",
          value};
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
  job.release_parents(table);  // held by the finders from here on
}

void Resolving::apply(Extraction& extraction, data::Batch& staged) {
  for (Finder& finder : finders_) {
    if (staged.rows == 0) return;
    const compile::BoundReference& reference = table_.references[finder.reference];
    const std::vector<std::uint32_t> orphans =
        without_deletes(table_, staged, finder.orphans.find(staged));
    Resolution::Found& found = resolution_.found[finder.reference];
    found.looked_at = finder.orphans.looked_at();
    found.orphans += static_cast<std::int64_t>(orphans.size());
    if (reference.on_orphan == plan::OnOrphan::kNull) {
      staged = stages::with_nulls(staged, emptied_columns(table_, reference), orphans);
      continue;
    }
    for (const std::uint32_t row : orphans) {
      extraction.reject(row, orphan_rejection(table_, reference, staged, row));
    }
    extraction.drop(staged);
  }
}

}  // namespace engine::run
