#include "run/reading.h"

#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "run/chosen_rows.h"
#include "run/published.h"
#include "stages/masking.h"

namespace engine::run {
namespace {

/// Two batches on their way for each table, within the run's memory.
constexpr std::size_t kQueueBytes = 4 * data::kMaxBatchBytes;

std::int64_t expected_rows(Job& job, const compile::BoundTable& table) {
  return job.journal.last_read_rows({job.plan.name.text, job.plan.profile}, table.name)
      .value_or(-1);
}

void observe(std::vector<RunningCheck>& checks, const data::Batch& batch, bool rejecting) {
  for (RunningCheck& running : checks) {
    if (running.bound->spec.rejects == rejecting) running.check->observe(batch);
  }
}

/// What a check says of a row that breaks its rule.
Rejection rejection_of(const stages::BoundCheck& check, const data::Batch& batch, std::uint32_t row,
                       const std::vector<std::string>& masked) {
  std::vector<std::size_t> columns;
  for (const std::string& name : check.judged) {
    if (const auto column = batch.schema->find(name)) columns.push_back(*column);
  }
  const std::string rule = check.spec.name ? base::quoted(check.spec.name->text) : check.label;
  Rejection why{base::join(check.judged, ", "), "E408", "breaks " + rule, ""};
  if (columns.size() == 1) {
    const data::Column& column = batch.column(columns.front());
    if (!column.is_null(row)) why.value = stages::shown_value(column, row);
  } else {
    why.value = stages::shown_row(batch, columns, row, masked);
  }
  return why;
}

/// Rows of `batch` that rejecting checks refuse; `rows` says where they stand in the source's
/// batch, nullptr: at the same place.
void reject_failing(std::vector<RunningCheck>& checks, const data::Batch& batch,
                    const std::vector<std::uint32_t>* rows, const std::vector<std::string>& masked,
                    BatchRejects& rejects) {
  for (RunningCheck& running : checks) {
    if (!running.bound->spec.rejects) continue;
    for (const std::uint32_t row : running.check->failing_rows()) {
      rejects.reject(rows == nullptr ? row : (*rows)[row],
                     rejection_of(*running.bound, batch, row, masked));
    }
  }
}

/// Rows that will be in the target, and where they stand in the source's batch.
struct Arriving {
  data::Batch rows;
  std::vector<std::uint32_t> from;
};

/// Without the rows that ask for a delete: nothing of them will be in the target.
Arriving arriving(const compile::BoundTable& table, const data::Batch& staged,
                  const std::vector<std::uint32_t>& kept) {
  if (!table.comparison.deleted) return {staged, kept};
  const data::Column& flag = staged.column(*table.comparison.deleted);
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> from;
  for (std::uint32_t row = 0; row < staged.rows; ++row) {
    if (!flag.is_null(row) && flag.bool_at(row)) continue;
    rows.push_back(row);
    from.push_back(kept[row]);
  }
  return {rows.size() == staged.rows ? staged : data::take(staged, rows), std::move(from)};
}

}  // namespace

std::vector<RunningCheck> make_checks(const std::vector<stages::BoundCheck>& bound,
                                      const stages::CheckRuntime& runtime) {
  std::vector<RunningCheck> checks;
  for (const stages::BoundCheck& check : bound) checks.push_back({&check, check.make(runtime)});
  return checks;
}

Reading::Reading(Job& job, std::size_t table)
    : job_(job),
      table_(job.bound.tables[table]),
      transform_(table_.transform, job.context),
      rejects_(table_, job.folder),
      queue_(kQueueBytes),
      started_(base::monotonic_seconds()),
      expected_(expected_rows(job, table_)) {
  const stages::CheckRuntime runtime = job.check_runtime(table);
  source_checks_ = make_checks(table_.source_checks, runtime);
  flight_checks_ = make_checks(table_.flight_checks, runtime);
  for (const compile::BoundReference& reference : table_.references) {
    references_.push_back({&reference.check, reference.check.make(runtime)});
  }
  keys_ = run_keys(job, table);
  if (keys_) run_keys_.emplace(table_.comparison.written, table_.key, keys_);
  thread_ = std::thread([this] { run(); });
}

Reading::~Reading() {
  queue_.abandon();
  join();
}

void Reading::join() {
  if (thread_.joinable()) thread_.join();
}

void Reading::report(const char* stage, std::int64_t rows, bool finished) {
  StageEvent event{table_.name, stage, rows, expected_, base::monotonic_seconds() - started_,
                   false,       {}};
  if (finished) {
    event.total = rows;
    job_.observers.finished(event);
  } else {
    job_.observers.progressed(event);
  }
}

// Everything the thread throws travels through the queue to the one who pulls.
void Reading::run() {
  try {
    job_.observers.started({table_.name, "extract", 0, expected_, 0, false, {}});
    const auto source = read_rows(job_.session, table_);
    data::Batch batch;
    while (source->next(batch)) {
      job_.keep_going();
      pass(batch);
      report("extract", transform_.counts().read, false);
    }
    report("extract", transform_.counts().read, true);
    if (keys_) keys_->finish();
    queue_.finish();
  } catch (...) {
    queue_.fail(std::current_exception());
  }
}

void Reading::pass(const data::Batch& batch) {
  std::vector<data::RowError> errors;
  std::vector<std::uint32_t> kept;
  BatchRejects rejects(rejects_, batch, transform_.counts().read);
  data::Batch staged = transform_.apply(batch, errors, kept);
  for (const data::RowError& error : errors) {
    rejects.reject(error.row, {error.column, error.code, error.reason, error.value});
  }
  if (!source_checks_.empty()) observe_source(batch, kept, rejects);
  observe_flight(staged, kept, rejects);
  if (staged.rows == 0) return;
  if (!queue_.push(std::move(staged))) {
    throw base::Error(base::Fault::kState, "E509", "the table's other half has ended");
  }
}

void Reading::observe_source(const data::Batch& batch, const std::vector<std::uint32_t>& kept,
                             BatchRejects& rejects) {
  const bool filtered = table_.transform.filter != nullptr;
  const data::Batch judged = filtered ? data::take(batch, kept) : batch;
  observe(source_checks_, judged, true);
  observe(source_checks_, judged, false);
  reject_failing(source_checks_, judged, filtered ? &kept : nullptr, rejects_.masked(), rejects);
}

// Rows that one check refuses are not seen by those that only judge.
void Reading::observe_flight(data::Batch& staged, std::vector<std::uint32_t>& kept,
                             BatchRejects& rejects) {
  rejects.drop(staged, kept);
  if (staged.rows == 0) return;
  Arriving judged = arriving(table_, staged, kept);
  observe(flight_checks_, judged.rows, true);
  reject_failing(flight_checks_, judged.rows, &judged.from, rejects_.masked(), rejects);
  rejects.drop(judged.rows, judged.from);
  rejects.drop(staged, kept);
  if (judged.rows.rows == 0) return;
  observe(flight_checks_, judged.rows, false);
  observe(references_, judged.rows, false);
  if (run_keys_) run_keys_->observe(judged.rows);
}

}  // namespace engine::run
