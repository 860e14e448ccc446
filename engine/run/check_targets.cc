#include "run/check_targets.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "compile/id_rules.h"
#include "run/extraction.h"
#include "run/failures.h"
#include "run/judging.h"
#include "run/published.h"
#include "run/running_check.h"
#include "stages/reconciled.h"

namespace engine::run {
namespace {

plan::OptionValue text_option(const base::Located& text) {
  plan::OptionValue value;
  value.kind = plan::OptionKind::kText;
  value.text = text;
  return value;
}

plan::OptionValue list_option(const std::vector<base::Located>& texts) {
  plan::OptionValue value;
  value.kind = plan::OptionKind::kList;
  for (const base::Located& text : texts) value.items.push_back(text_option(text));
  return value;
}

/// Orphans that may stand in the target: as many as the plan says, or any number.
plan::Threshold kept_orphans(const plan::Reference& reference) {
  plan::Threshold threshold;
  threshold.comparison = ">";
  if (!reference.max_orphans) {
    threshold.value = 1;
    threshold.relative = true;
    return threshold;
  }
  const plan::Cap& cap = *reference.max_orphans;
  threshold.relative = cap.relative;
  threshold.value = cap.relative ? cap.ratio : static_cast<double>(cap.count);
  threshold.text = cap.text;
  return threshold;
}

/// The table of that name, or the pattern it stands under.
const plan::Table* covering(const plan::Plan& plan, const std::string& name) {
  if (const plan::Table* exact = plan.table(name)) return exact;
  const auto pattern = std::find_if(plan.tables.begin(), plan.tables.end(),
                                    [&](const plan::Table& table) { return table.covers(name); });
  return pattern == plan.tables.end() ? nullptr : &*pattern;
}

plan::Check relationship_of(const plan::Reference& reference, const plan::Plan& plan) {
  plan::Check check;
  check.kind = "relationships";
  check.stage = plan::CheckStage::kPublished;
  check.span = reference.span;
  check.options["to"] = text_option(reference.to);
  const plan::Table* parent = covering(plan, reference.to.text);
  std::vector<base::Located> columns = reference.columns;
  std::vector<base::Located> fields =
      reference.fields.empty() && parent != nullptr ? parent->key : reference.fields;
  if (reference.via) {
    columns = {compile::reference_column(reference)};
    const plan::ColumnRule* id =
        parent == nullptr ? nullptr : compile::id_rule(*parent, reference.via->text);
    if (id != nullptr) fields = {id->name};
  }
  check.options["columns"] = list_option(columns);
  if (!fields.empty()) check.options["fields"] = list_option(fields);
  if (reference.on_orphan == plan::OnOrphan::kKeep) check.error_if = kept_orphans(reference);
  return check;
}

void move_checks(plan::Table& table, const plan::Plan& plan, bool published_only) {
  std::erase_if(table.checks, [&](const plan::Check& check) {
    return check.stage == plan::CheckStage::kSource ||
           (published_only && check.stage != plan::CheckStage::kPublished);
  });
  // There is no run here whose rows could be told from others; without a key nobody asks.
  const bool append = table.key.empty() && table.merge.mode == plan::MergeMode::kAppend;
  for (plan::Check& check : table.checks) {
    check.stage = plan::CheckStage::kPublished;
    if (append) check.scope = plan::CheckScope::kTable;
  }
  if (published_only) return;
  for (const plan::Reference& reference : table.references) {
    table.checks.push_back(relationship_of(reference, plan));
  }
}

std::vector<stages::ImageObserver> collectors(Job& job, const compile::BoundTable& table) {
  std::vector<stages::ImageObserver> observers;
  for (const compile::CollectedKeys& keys : table.collected) {
    auto collector = std::make_shared<stages::KeyCollector>(
        table.published_read.columns, keys.fields, job.parent_keys(keys.name));
    observers.push_back([collector](const data::Batch& rows) { collector->observe(rows); });
  }
  return observers;
}

stages::Facts source_facts(Job& job, const compile::BoundTable& table) {
  stages::Facts facts;
  const bool counts_source =
      std::any_of(table.published_checks.begin(), table.published_checks.end(),
                  [](const auto& check) { return check.spec.kind == "row_count_match"; });
  const bool filter_in_engine = table.transform.filter != nullptr;
  if (!counts_source || filter_in_engine) return facts;
  connect::Connection& source = job.session.source(table.source);
  facts.source_table_rows = table.read.query.empty()
                                ? source.count(table.read.table, table.read.where)
                                : source.count_query(table.read.query);
  facts.source_rows = facts.source_table_rows;
  return facts;
}

void require_there(const compile::BoundTable& table) {
  if (table.target_file) {
    throw base::Error(
        base::Fault::kPlan, "E119",
        "checking a written file, " + table.target_name() + ", is not available in this version",
        "a run judges the rows before it writes them");
  }
  if (table.target_info) return;
  throw base::Error(base::Fault::kRemote, "E301", "there is no table " + table.target_name(),
                    "apply the plan first");
}

/// Some reference to this table is judged before or while the table itself is read.
bool keys_wanted_early(const Job& job, std::size_t at) {
  if (job.bound.graph.circle_of(at).size() > 1) return true;
  const auto& checks = job.bound.tables[at].published_checks;
  return std::any_of(checks.begin(), checks.end(), [&](const auto& check) {
    return check.parent_table == job.bound.tables[at].name;
  });
}

/// One more reading of a table for its keys alone.
void collect_keys(Job& job, std::size_t at) {
  const compile::BoundTable& table = job.bound.tables[at];
  if (table.create_only || table.collected.empty() || !keys_wanted_early(job, at)) return;
  require_there(table);
  const auto observers = collectors(job, table);
  const auto image = job.session.read_target(table.target, table.published_read);
  data::Batch batch;
  while (image->next(batch)) {
    for (const stages::ImageObserver& observer : observers) observer(batch);
  }
  for (const compile::CollectedKeys& keys : table.collected) job.parent_keys(keys.name)->finish();
}

/// Orphans that go away are settled by what a run reads together; here nothing is.
void require_followable(const compile::BoundTable& table) {
  const bool filters = std::any_of(table.references.begin(), table.references.end(),
                                   [](const auto& reference) { return reference.filters(); });
  if (!filters) return;
  throw base::Error(base::Fault::kPlan, "E119",
                    "reconcile of table " + table.name +
                        ", whose orphans are emptied or rejected, is only judged in a run",
                    "leave it out here with --only and --tag");
}

/// The source's rows as a run would bring them, for `reconcile`.
void follow_source(Job& job, std::size_t at) {
  const compile::BoundTable& table = job.bound.tables[at];
  std::vector<std::shared_ptr<stages::ReconciledSide>> sides;
  for (const stages::BoundCheck& check : table.published_checks) {
    if (check.reconcile) sides.push_back(job.follow_source(check.reconcile));
  }
  if (sides.empty()) return;
  require_followable(table);
  Extraction extraction(job, at);
  data::Batch staged;
  while (extraction.next(staged)) {
    const auto arriving = arriving_rows(table, staged);
    const data::Batch rows = arriving ? data::take(staged, *arriving) : staged;
    for (const auto& side : sides) side->observe(rows);
  }
  for (const auto& side : sides) side->finish();
}

void check_table(Job& job, std::size_t at) {
  const compile::BoundTable& table = job.bound.tables[at];
  if (table.create_only) return;
  require_there(table);
  follow_source(job, at);
  const bool collected = keys_wanted_early(job, at);
  const auto image = job.session.read_target(table.target, table.published_read);
  stages::Facts facts = source_facts(job, table);
  facts.structure = structure_of(job, at, table.published_checks, false);
  judge_image(job, at, table.published_checks, *image, nullptr, std::move(facts),
              collected ? std::vector<stages::ImageObserver>() : collectors(job, table));
  for (const compile::CollectedKeys& keys : table.collected) {
    if (!collected) job.parent_keys(keys.name)->finish();
  }
  job.table_outcome(at).state = TableState::kStaged;
}

}  // namespace

plan::Plan plan_for_checks(const plan::Plan& plan, bool published_only) {
  plan::Plan copy = plan;
  for (plan::Table& table : copy.tables) move_checks(table, plan, published_only);
  return copy;
}

void check_targets(Job& job) {
  Failures failures(job.outcome);
  job.observers.run_started(job.outcome);
  for (const std::size_t at : job.bound.graph.order) {
    guarded(failures, "table " + job.bound.tables[at].name, [&] { collect_keys(job, at); });
  }
  for (const std::size_t at : job.bound.graph.order) {
    guarded(failures, "table " + job.bound.tables[at].name, [&] {
      job.keep_going();
      check_table(job, at);
    });
  }
  conclude(job, failures);
  job.observers.run_finished(job.outcome);
}

}  // namespace engine::run
