#include "run/judging.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "run/published.h"

namespace engine::run {
namespace {

bool blocks(const stages::CheckResult& check) {
  return check.status == stages::Status::kFail || check.status == stages::Status::kError;
}

void add_results(std::vector<RunningCheck>& checks, const stages::Facts& facts,
                 std::vector<stages::CheckResult>& results) {
  for (RunningCheck& running : checks) results.push_back(running.check->verdict(facts));
}

std::string count_of(std::size_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::size_t count_warnings(const TableOutcome& table) {
  const auto warns = [](const auto& result) { return result.status == stages::Status::kWarn; };
  const auto checks = std::count_if(table.checks.begin(), table.checks.end(), warns);
  const bool stale = table.freshness && warns(*table.freshness);
  return static_cast<std::size_t>(checks) + (stale ? 1 : 0);
}

/// Kinds of reasons a table is blocked by, with how many of each.
std::vector<std::pair<std::string, std::size_t>> block_counts(const TableOutcome& table) {
  std::vector<std::pair<std::string, std::size_t>> counts;
  const auto checks =
      static_cast<std::size_t>(std::count_if(table.checks.begin(), table.checks.end(), blocks));
  const auto guards = static_cast<std::size_t>(
      std::count_if(table.guards.begin(), table.guards.end(), [](const auto& guard) {
        return guard.status == stages::Status::kFail || guard.status == stages::Status::kError;
      }));
  const bool stale = table.freshness && (table.freshness->status == stages::Status::kFail ||
                                         table.freshness->status == stages::Status::kError);
  counts.emplace_back("check", checks);
  counts.emplace_back("freshness limit", stale ? 1 : 0);
  counts.emplace_back("guard", guards);
  counts.emplace_back("warning", table.warnings_block ? count_warnings(table) : 0);
  counts.emplace_back("table with bad rows", table.errors.empty() ? 0 : 1);
  return counts;
}

}  // namespace

Judging::Judging(Job& job, std::size_t table)
    : job_(job), at_(table), table_(job.bound.tables[table]), outcome_(job.table_outcome(table)) {
  stages::CheckRuntime runtime = job.check_runtime(table);
  runtime.key_ordered = !table_.key.empty() && table_.compares;
  image_checks_ = make_checks(table_.image_checks, runtime);
  const data::Schema& schema = table_.target_read.columns;
  for (const compile::CollectedKeys& keys : table_.collected) {
    spools_.push_back(job.parent_keys(keys.name));
    collectors_.emplace_back(schema, keys.fields, spools_.back());
  }
}

std::vector<stages::ImageObserver> Judging::image_observers() {
  std::vector<stages::ImageObserver> observers;
  for (RunningCheck& running : image_checks_) {
    observers.push_back([&running](const data::Batch& rows) { running.check->observe(rows); });
  }
  for (stages::KeyCollector& collector : collectors_) {
    observers.push_back([&collector](const data::Batch& rows) { collector.observe(rows); });
  }
  if (table_.freshness_column) {
    auto newest = std::make_shared<std::optional<stages::NewestValue>>();
    observers.push_back([this, newest](const data::Batch& rows) {
      const auto column = rows.schema->find(*table_.freshness_column);
      if (!column) base::bug("the image has no column " + *table_.freshness_column);
      if (!*newest) newest->emplace(*column);
      (*newest)->observe(rows);
      newest_ = (*newest)->text();
    });
  }
  return observers;
}

void Judging::close_books(Reading& reading, const stages::ComparisonCounts& counts) {
  Books& books = outcome_.books;
  books.read = reading.counts().read;
  books.filtered = reading.counts().filtered;
  books.rejected = reading.rejects().rows() + counts.null_keys + counts.duplicate_keys;
  books.inserted = counts.inserted;
  books.updated = counts.updated;
  books.same = counts.same;
  books.kept = counts.kept;
  books.deduped = counts.deduped;
  books.deleted = counts.deleted;
  books.absent = counts.absent;
  books.unmatched = counts.unmatched;
  books.removed = counts.removed;
  outcome_.soft_delete = counts.soft;
  outcome_.target_before = counts.target_before;
  if (books.close()) return;
  outcome_.errors.push_back("[E415] the books do not close: read " + std::to_string(books.read) +
                            ", accounted for " + std::to_string(books.accounted()));
}

stages::Facts Judging::facts(const stages::ComparisonCounts& counts) const {
  stages::Facts facts = facts_of(outcome_.books);
  facts.image_rows = counts.image();
  facts.structure = structure_of(job_, at_, table_.image_checks, false);
  facts.last_run_rows =
      job_.journal.last_read_rows({job_.plan.name.text, job_.plan.profile}, table_.name);
  return facts;
}

void Judging::judge_checks(Reading& reading, const stages::Facts& facts) {
  add_results(reading.source_checks(), facts, outcome_.checks);
  add_results(reading.rejecting_checks(), facts, outcome_.checks);
  add_results(reading.flight_checks(), facts, outcome_.checks);
  add_results(image_checks_, facts, outcome_.checks);
  outcome_.checks.insert(outcome_.checks.end(), table_.skipped_checks.begin(),
                         table_.skipped_checks.end());
}

// A circle's references wait for its other tables; one to the own table does not.
void Judging::judge_references(Reading& reading) {
  for (std::size_t at = 0; at < table_.references.size(); ++at) {
    const compile::BoundReference& reference = table_.references[at];
    outcome_.references.push_back({.label = reference.label});
    if (reference.filters()) {
      judge_filtered(reference, reading.resolution().found[at], outcome_,
                     outcome_.references.back());
      continue;
    }
    std::unique_ptr<stages::Check>& check = reading.references()[at].check;
    if (reference.deferred && *reference.check.parent_table != table_.name) {
      job_.defer({at_, at, std::move(check)});
    } else {
      judge_reference(reference, check->verdict({}), outcome_, outcome_.references.back());
    }
  }
}

void Judging::judge_age() {
  if (!table_.freshness_column) return;
  outcome_.freshness =
      stages::judge_freshness(table_.name, *table_.spec->freshness, newest_, job_.clock.now_us());
}

void Judging::judge_guards(const stages::ComparisonCounts& counts) {
  stages::GuardFacts facts;
  facts.inserted = counts.inserted;
  facts.updated = counts.updated;
  facts.deleted = counts.deleted + counts.removed;
  facts.target_before = counts.target_before;
  facts.source_rows = outcome_.books.read;
  facts.last_source_rows =
      job_.journal.last_read_rows({job_.plan.name.text, job_.plan.profile}, table_.name);
  plan::Guard guard = table_.spec->guard;
  if (job_.bound.partial) guard.min_source_rows = {};  // named in not_proven
  outcome_.guards = stages::judge_guards(table_.name, guard, facts);
}

void Judging::note_errors(Reading& reading, const stages::ComparisonCounts& counts) {
  RejectsResult rejects = reading.rejects().conclude(outcome_.books.read);
  if (!rejects.within) {
    outcome_.errors.insert(outcome_.errors.end(), rejects.shown.begin(), rejects.shown.end());
  }
  if (rejects.rows > 0) outcome_.rejects = std::move(rejects);
  for (const std::string& text : counts.key_errors) outcome_.errors.push_back(text);
}

void Judging::conclude(Reading& reading, const stages::ComparisonCounts& counts) {
  for (const auto& spool : spools_) spool->finish();
  close_books(reading, counts);
  const stages::Facts seen = facts(counts);
  judge_checks(reading, seen);
  judge_references(reading);
  judge_age();
  judge_guards(counts);
  note_errors(reading, counts);
}

namespace {

bool too_many(const std::optional<plan::Cap>& cap, std::int64_t orphans, std::int64_t looked_at) {
  if (!cap) return false;
  if (!cap->relative) return orphans > cap->count;
  return static_cast<double>(orphans) > cap->ratio * static_cast<double>(looked_at);
}

std::string orphan_count(std::int64_t orphans) {
  return std::to_string(orphans) + (orphans == 1 ? " row has no parent" : " rows have no parent");
}

/// Orphans that the plan lets pass, but not so many.
void refuse_excess(const compile::BoundReference& reference, std::int64_t orphans,
                   TableOutcome& outcome, const ReferenceResult& result) {
  if (!too_many(reference.max_orphans, orphans, result.looked_at)) return;
  stages::CheckResult check;
  check.table = outcome.name;
  check.label = reference.check.label;
  check.kind = "relationships";
  check.status = stages::Status::kFail;
  check.looked_at = result.looked_at;
  check.failed = orphans;
  check.detail = orphan_count(orphans) + ", max_orphans is " + reference.max_orphans->text.text;
  check.span = reference.max_orphans->text.span;
  outcome.checks.push_back(std::move(check));
}

}  // namespace

// A reference is counted on its own line; as a check it is shown when rows have no parent.
void judge_reference(const compile::BoundReference& reference, stages::CheckResult check,
                     TableOutcome& outcome, ReferenceResult& result) {
  result.looked_at = check.looked_at - check.unnamed;
  result.resolved = result.looked_at - check.failed;
  if (reference.on_orphan == plan::OnOrphan::kKeep && check.status != stages::Status::kError) {
    result.kept = check.failed;
    if (!too_many(reference.max_orphans, result.kept, result.looked_at)) return;
    check.detail =
        orphan_count(result.kept) + ", max_orphans is " + reference.max_orphans->text.text;
  }
  if (check.status != stages::Status::kPass) outcome.checks.push_back(std::move(check));
}

void judge_filtered(const compile::BoundReference& reference, const Resolution::Found& found,
                    TableOutcome& outcome, ReferenceResult& result) {
  result.looked_at = found.looked_at;
  result.resolved = found.looked_at - found.orphans;
  const bool emptied = reference.on_orphan == plan::OnOrphan::kNull;
  (emptied ? result.nulled : result.rejected) = found.orphans;
  refuse_excess(reference, found.orphans, outcome, result);
}

stages::Facts facts_of(const Books& books) {
  stages::Facts facts;
  facts.source_rows = books.read - books.filtered;
  facts.source_table_rows = facts.source_rows;  // tables are read whole in this version
  facts.staged_rows = books.inserted + books.updated + books.same + books.kept;
  facts.deduped_rows = books.deduped;
  facts.deleting_rows = books.deleted + books.absent;
  return facts;
}

void judge_source_age(Job& job, std::size_t table) {
  const compile::BoundTable& bound = job.bound.tables[table];
  if (!bound.spec->freshness || bound.spec->freshness->of_target) return;
  const plan::Freshness& rule = *bound.spec->freshness;
  const connect::Newest newest =
      rule.query ? job.session.newest_of_query(bound.source, rule.query->text)
                 : job.session.newest(bound.source, bound.read.table, rule.column.text);
  job.table_outcome(table).freshness =
      stages::judge_freshness(bound.name, rule, newest.text, newest.source_now_us);
}

std::vector<std::string> blocking_reasons(const TableOutcome& table) {
  std::vector<std::string> reasons;
  for (const auto& [what, count] : block_counts(table)) {
    if (count > 0) reasons.push_back(count_of(count, what));
  }
  return reasons;
}

std::string blocked_by(const Outcome& outcome) {
  std::vector<std::pair<std::string, std::size_t>> totals;
  for (const TableOutcome& table : outcome.tables) {
    const auto counts = block_counts(table);
    if (totals.empty()) totals.assign(counts.size(), {"", 0});
    for (std::size_t i = 0; i < counts.size(); ++i) {
      totals[i].first = counts[i].first;
      totals[i].second += counts[i].second;
    }
  }
  std::string text;
  for (const auto& [what, count] : totals) {
    if (count == 0) continue;
    if (!text.empty()) text += " and ";
    text += what == "table with bad rows" && count > 1
                ? std::to_string(count) + " tables with bad rows"
                : count_of(count, what);
  }
  return text;
}

}  // namespace engine::run
