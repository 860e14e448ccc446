#include "run/extraction.h"

#include <utility>

#include "base/clock.h"
#include "run/kept_rows.h"

namespace engine::run {
namespace {

std::int64_t expected_rows(Job& job, const compile::BoundTable& table) {
  return job.journal.last_read_rows({job.plan.name.text, job.plan.profile}, table.name)
      .value_or(-1);
}

/// source_table() is the plan's name of the table.
expr::Context context_of(const compile::BoundTable& table, expr::Context context) {
  context.table = table.name;
  return context;
}

}  // namespace

Extraction::Extraction(Job& job, std::size_t table)
    : job_(job),
      at_(table),
      table_(job.bound.tables[table]),
      transform_(table_.transform, context_of(table_, job.context)),
      source_checks_(make_checks(table_.source_checks, job.check_runtime(table))),
      rejecting_(make_checks(table_.flight_checks, job.check_runtime(table), true)),
      rejects_(table_, job.folder),
      ids_(job, table),
      started_(base::monotonic_seconds()),
      expected_(expected_rows(job, table_)) {}

void Extraction::report(bool finished) {
  const std::int64_t rows = transform_.counts().read;
  StageEvent event{table_.name, "extract", rows, expected_, base::monotonic_seconds() - started_,
                   false,       {}};
  if (finished) {
    event.total = rows;
    event.detail = rows_are_kept(job_, at_) ? kKeptRows : "";
    job_.observers.finished(event);
  } else {
    job_.observers.progressed(event);
  }
}

bool Extraction::next(data::Batch& staged) {
  if (!source_) {
    job_.observers.started({table_.name, "extract", 0, expected_, 0, false, {}});
    source_ = source_rows(job_, at_);
  }
  while (source_->next(batch_)) {
    job_.keep_going();
    staged = transform();
    report(false);
    if (staged.rows > 0) return true;
  }
  report(true);
  ids_.finish();
  return false;
}

data::Batch Extraction::transform() {
  std::vector<data::RowError> errors;
  kept_.clear();
  first_row_ = transform_.counts().read;
  current_.emplace(rejects_, batch_, first_row_);
  data::Batch staged = transform_.apply(batch_, errors, kept_);
  for (const data::RowError& error : errors) {
    current_->reject(error.row, {error.column, error.code, error.reason, error.value});
  }
  if (!source_checks_.empty()) judge_source();
  drop(staged);
  if (staged.rows > 0 && !rejecting_.empty()) judge_staged(staged);
  drop(staged);
  ids_.observe(batch_, kept_, staged);
  return staged;
}

data::Batch Extraction::origins() const {
  const data::Type number = data::Type::of(data::Kind::kInt64);
  auto schema = std::make_shared<data::Schema>();
  data::Batch origins;
  for (const std::string& name : table_.source_key) {
    const auto column = batch_.schema->find(name);
    if (!column) continue;
    schema->fields.push_back(batch_.schema->fields[*column]);
    origins.columns.push_back(data::take(batch_.column(*column), kept_));
  }
  schema->fields.push_back({"", number, false});
  data::ColumnBuilder rows(number, kept_.size());
  for (const std::uint32_t row : kept_) rows.append_int64(first_row_ + row + 1);
  origins.columns.push_back(rows.finish());
  origins.schema = std::move(schema);
  origins.rows = kept_.size();
  return origins;
}

void Extraction::judge_source() {
  const bool filtered = table_.transform.filter != nullptr;
  const data::Batch judged = filtered ? data::take(batch_, kept_) : batch_;
  observe(source_checks_, judged);
  reject_failing(source_checks_, judged, filtered ? &kept_ : nullptr, rejects_.masked(), *current_);
}

void Extraction::judge_staged(const data::Batch& staged) {
  const auto arriving = arriving_rows(table_, staged);
  const data::Batch judged = arriving ? data::take(staged, *arriving) : staged;
  std::vector<std::uint32_t> from = kept_;
  if (arriving) {
    from.clear();
    for (const std::uint32_t row : *arriving) from.push_back(kept_[row]);
  }
  observe(rejecting_, judged);
  reject_failing(rejecting_, judged, &from, rejects_.masked(), *current_);
}

}  // namespace engine::run
