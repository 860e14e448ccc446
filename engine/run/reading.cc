#include "run/reading.h"

#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "run/published.h"

namespace engine::run {
namespace {

/// source_table() is the plan's name of the table.
expr::Context context_of(const compile::BoundTable& table, expr::Context context) {
  context.table = table.name;
  return context;
}

constexpr std::size_t kShownRejects = 20;

/// Two batches on their way for each table, within the run's memory.
constexpr std::size_t kQueueBytes = 4 * data::kMaxBatchBytes;

std::int64_t expected_rows(Job& job, const compile::BoundTable& table) {
  return job.journal.last_read_rows({job.plan.name.text, job.plan.profile}, table.name)
      .value_or(-1);
}

/// Nothing where the row has no value to show: NULL, or the result that could not be computed.
std::string shown(const std::string& value, bool masked) {
  if (value.empty()) return "";
  return ": " + (masked ? std::string("***") : base::quoted(value));
}

void observe(std::vector<RunningCheck>& checks, const data::Batch& batch) {
  for (RunningCheck& running : checks) running.check->observe(batch);
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
      transform_(table_.transform, context_of(table_, job.context)),
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
    const auto source = job_.session.read_source(table_.source, table_.read);
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
  const std::int64_t first_row = transform_.counts().read;
  data::Batch staged = transform_.apply(batch, errors, kept);
  if (!source_checks_.empty()) {
    observe(source_checks_, table_.transform.filter ? data::take(batch, kept) : batch);
  }
  if (!errors.empty()) note_rejects(errors, first_row);
  if (staged.rows == 0) return;
  observe(flight_checks_, staged);
  observe(references_, staged);
  if (run_keys_) run_keys_->observe(staged);
  if (!queue_.push(std::move(staged))) {
    throw base::Error(base::Fault::kState, "E509", "the table's other half has ended");
  }
}

void Reading::note_rejects(const std::vector<data::RowError>& errors, std::int64_t first_row) {
  for (const data::RowError& error : errors) {
    if (rejects_.size() >= kShownRejects) return;
    const bool masked = table_.spec->classification.contains(error.column);
    rejects_.push_back("[" + error.code + "] row " + std::to_string(first_row + error.row + 1) +
                       " as read" + (error.column.empty() ? "" : ", column " + error.column) +
                       ": " + error.reason + shown(error.value, masked));
  }
}

}  // namespace engine::run
