#include "run/job.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "stages/reconciled.h"

namespace engine::run {
namespace {

[[noreturn]] void limit_reached(const std::string& limit, const std::string& found) {
  throw base::Error(base::Fault::kData, "E418", limit + ": " + found,
                    "nothing of it stands; raise the limit in the plan, or run less at once");
}

}  // namespace

void Job::keep_going() const {
  stop.check();
  if (!plan.limits.duration_us) return;
  const std::int64_t spent = clock.now_us() - continued.working_since_us;
  if (spent <= *plan.limits.duration_us) return;
  limit_reached("limits.duration " + base::duration_text(*plan.limits.duration_us),
                "the run took longer");
}

void Job::require_undo_budget(std::uint64_t of_snapshot) const {
  if (!plan.limits.undo_bytes) return;
  std::uint64_t bytes = of_snapshot;
  for (const TableOutcome& table : outcome.tables) bytes += table.undo_bytes;
  if (outcome.snapshot) bytes += outcome.snapshot->bytes();
  if (bytes <= *plan.limits.undo_bytes) return;
  limit_reached("limits.undo " + base::human_bytes(*plan.limits.undo_bytes),
                "the way back would take about " + base::human_bytes(bytes));
}

std::shared_ptr<state::KeySpool> Job::parent_keys(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& spool = parents_[name];
  if (!spool) {
    spool =
        std::make_shared<state::KeySpool>(memory, scratch("keys" + std::to_string(++spools_made_)));
  }
  return spool;
}

std::shared_ptr<const state::KeyTable> Job::parent_table(const std::string& name) {
  const std::shared_ptr<state::KeySpool> spool = parent_keys(name);
  const std::lock_guard lock(mutex_);
  auto& slot = tables_[name];
  if (auto table = slot.lock()) return table;
  std::shared_ptr<const state::KeyTable> table = state::KeyTable::of(*spool, memory);
  slot = table;
  return table;
}

bool Job::hold_parent(std::size_t child, const std::string& name) {
  auto table = parent_table(name);
  const std::lock_guard lock(mutex_);
  if (table != nullptr) held_[child].push_back(table);
  return table != nullptr;
}

void Job::release_parents(std::size_t child) {
  std::vector<std::shared_ptr<const state::KeyTable>> released;
  const std::lock_guard lock(mutex_);
  released.swap(held_[child]);
}

void Job::forget_keys(const std::string& name) {
  const std::lock_guard lock(mutex_);
  parents_.erase(name);
  tables_.erase(name);
}

std::shared_ptr<Settled> Job::settled(std::size_t table) {
  const std::lock_guard lock(mutex_);
  const auto found = settled_.find(table);
  return found == settled_.end() ? nullptr : found->second;
}

void Job::keep_settled(std::size_t table, std::shared_ptr<Settled> rows) {
  const std::lock_guard lock(mutex_);
  settled_[table] = std::move(rows);
}

void Job::defer(DeferredReference reference) {
  const std::lock_guard lock(mutex_);
  deferred_.push_back(std::move(reference));
}

std::vector<DeferredReference> Job::take_deferred(const std::vector<std::size_t>& tables) {
  const std::lock_guard lock(mutex_);
  std::vector<DeferredReference> taken;
  std::vector<DeferredReference> left;
  for (DeferredReference& reference : deferred_) {
    const bool mine = std::find(tables.begin(), tables.end(), reference.table) != tables.end();
    (mine ? taken : left).push_back(std::move(reference));
  }
  deferred_ = std::move(left);
  return taken;
}

std::shared_ptr<stages::ReconciledSide> Job::follow_source(
    const std::shared_ptr<const stages::ReconcileSpec>& spec) {
  const std::lock_guard lock(mutex_);
  auto side = std::make_shared<stages::ReconciledSide>(
      spec, memory, scratch("source" + std::to_string(++spools_made_)));
  sources_[spec.get()] = side;
  return side;
}

stages::CheckRuntime Job::check_runtime(std::size_t table) {
  stages::CheckRuntime runtime;
  runtime.memory = &memory;
  runtime.scratch = folder.scratch().string();
  const std::vector<std::size_t> circle = bound.graph.circle_of(table);
  const auto add = [&](const stages::BoundCheck& check) {
    if (!check.parent_table) return;
    const std::string name = stages::parent_keys_name(*check.parent_table, check.parent_fields);
    runtime.parents[name] = parent_keys(name);
    const std::size_t parent = bound.graph.find(*check.parent_table);
    const bool ended = std::find(circle.begin(), circle.end(), parent) == circle.end();
    if (!ended || runtime.tables.contains(name)) return;
    if (auto ready = parent_table(name)) runtime.tables[name] = std::move(ready);
  };
  const compile::BoundTable& of = bound.tables[table];
  for (const auto* checks : {&of.flight_checks, &of.image_checks, &of.published_checks}) {
    for (const stages::BoundCheck& check : *checks) add(check);
  }
  for (const compile::BoundReference& reference : of.references) add(reference.check);
  const std::lock_guard lock(mutex_);
  for (const stages::BoundCheck& check : of.published_checks) {
    const auto side = sources_.find(check.reconcile.get());
    if (side != sources_.end()) runtime.sources.insert(*side);
  }
  return runtime;
}

}  // namespace engine::run
