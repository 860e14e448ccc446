#include "run/published.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "data/key.h"
#include "run/failures.h"
#include "run/judging.h"
#include "stages/structure.h"

namespace engine::run {
namespace {

bool of_run(const stages::BoundCheck& check) {
  return check.scope == plan::CheckScope::kRun;
}

/// Rows of a batch whose keys this run had.
std::vector<std::uint32_t> rows_of_run(const data::Batch& batch,
                                       const std::vector<std::size_t>& key,
                                       const state::KeySpool& keys) {
  std::vector<std::uint32_t> rows;
  std::string bytes;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    bytes.clear();
    data::append_key(bytes, batch, key, row);
    if (keys.contains(base::hash128(bytes))) rows.push_back(static_cast<std::uint32_t>(row));
  }
  return rows;
}

std::vector<std::size_t> key_positions(const compile::BoundTable& table) {
  std::vector<std::size_t> positions;
  for (const std::string& column : table.key) {
    const auto position = table.published_read.columns.find(column);
    if (!position) base::bug("the published image has no key column " + column);
    positions.push_back(*position);
  }
  return positions;
}

std::string run_keys_name(const compile::BoundTable& table) {
  return table.name + " keys of the run";
}

}  // namespace

std::optional<stages::StructureFact> structure_of(Job& job, std::size_t at,
                                                  const std::vector<stages::BoundCheck>& checks,
                                                  bool after_run) {
  const bool asked = std::any_of(checks.begin(), checks.end(),
                                 [](const auto& check) { return check.spec.kind == "schema"; });
  if (!asked) return std::nullopt;
  const compile::BoundTable& table = job.bound.tables[at];
  std::optional<connect::TableInfo> now = table.target_info;
  if (after_run) now = job.session.describe_target(table.target, table.target_table);
  stages::StructureFact fact;
  if (table.spec->schema) {
    fact.compared_with = "the declared schema";
    if (now)
      fact.differences =
          stages::unlike_definition(compile::definition_of(*table.spec->schema), *now);
  } else if (after_run && table.target_info) {
    fact.compared_with = "before the run";
    if (now) fact.differences = stages::unlike_before(*table.target_info, *now);
  } else if (after_run && table.create) {
    fact.compared_with = "what was to be made";
    if (now) fact.differences = stages::unlike_definition(*table.create, *now);
  }
  if (now) fact.looked_at = static_cast<std::int64_t>(now->columns.size());
  if (!now && after_run) fact.differences = {"there is no such table"};
  return fact;
}

void judge_image(Job& job, std::size_t at, const std::vector<stages::BoundCheck>& bound,
                 connect::Source& image, const state::KeySpool* keys, stages::Facts facts,
                 const std::vector<stages::ImageObserver>& also) {
  const compile::BoundTable& table = job.bound.tables[at];
  stages::CheckRuntime runtime = job.check_runtime(at);
  runtime.key_ordered = !table.sort_target && !table.key.empty();
  std::vector<RunningCheck> checks = make_checks(bound, runtime);
  const std::vector<std::size_t> key = key_positions(table);
  std::int64_t rows = 0;
  std::int64_t arrived = 0;
  data::Batch batch;
  while (image.next(batch)) {
    job.keep_going();
    rows += static_cast<std::int64_t>(batch.rows);
    std::vector<std::uint32_t> mine;
    if (keys != nullptr) mine = rows_of_run(batch, key, *keys);
    arrived += static_cast<std::int64_t>(keys == nullptr ? batch.rows : mine.size());
    const data::Batch own =
        keys == nullptr || mine.size() == batch.rows ? batch : data::take(batch, mine);
    for (const stages::ImageObserver& observer : also) observer(batch);
    for (RunningCheck& running : checks) {
      running.check->observe(of_run(*running.bound) ? own : batch);
    }
  }
  facts.image_rows = rows;
  facts.arrived_rows = arrived;
  for (RunningCheck& running : checks) {
    job.table_outcome(at).checks.push_back(running.check->verdict(facts));
  }
  job.table_outcome(at).target_after = rows;
}

void check_published(Job& job, const compile::Unit& unit, connect::Publisher& publisher) {
  for (const std::size_t at : unit.tables) {
    const compile::BoundTable& table = job.bound.tables[at];
    if (table.published_checks.empty()) continue;
    const auto image = publisher.read(table.published_read);
    const auto keys = run_keys(job, at);
    stages::Facts facts = facts_of(job.table_outcome(at).books);
    facts.structure = structure_of(job, at, table.published_checks, true);
    judge_image(job, at, table.published_checks, *image, keys.get(), std::move(facts));
    require_publishable(job.table_outcome(at));
  }
}

void require_publishable(const TableOutcome& outcome) {
  const std::vector<std::string> reasons = blocking_reasons(outcome);
  if (reasons.empty()) return;
  throw Blocked("table " + outcome.name + " is blocked by " + base::join(reasons, " and "));
}

void reset_outcome(Job& job, std::size_t at) {
  TableOutcome& outcome = job.table_outcome(at);
  TableOutcome fresh;
  fresh.name = outcome.name;
  fresh.span = outcome.span;
  fresh.source = outcome.source;
  fresh.target = outcome.target;
  fresh.level = outcome.level;
  fresh.would_create = outcome.would_create;
  fresh.load = outcome.load;
  fresh.warnings_block = outcome.warnings_block;
  fresh.execute = outcome.execute;
  fresh.notes = outcome.notes;
  fresh.freshness = outcome.freshness;
  outcome = std::move(fresh);
  const compile::BoundTable& table = job.bound.tables[at];
  for (const compile::CollectedKeys& keys : table.collected) job.forget_keys(keys.name);
  job.forget_keys(run_keys_name(table));
}

std::shared_ptr<state::KeySpool> run_keys(Job& job, std::size_t at) {
  const compile::BoundTable& table = job.bound.tables[at];
  // Without a key all rows are this run's: replaced as a whole (append has no such checks).
  if (table.key.empty() ||
      std::none_of(table.published_checks.begin(), table.published_checks.end(), of_run)) {
    return nullptr;
  }
  return job.parent_keys(run_keys_name(table));
}

}  // namespace engine::run
