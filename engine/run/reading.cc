#include "run/reading.h"

#include <filesystem>
#include <utility>

#include "base/error.h"
#include "run/published.h"
#include "stages/reconciled.h"

namespace engine::run {
namespace {

/// Two batches on their way for each table, within the run's memory.
constexpr std::size_t kQueueBytes = 4 * data::kMaxBatchBytes;

}  // namespace

Reading::Reading(Job& job, std::size_t table)
    : job_(job),
      table_(job.bound.tables[table]),
      settled_(job.settled(table)),
      queue_(kQueueBytes) {
  const stages::CheckRuntime runtime = job.check_runtime(table);
  if (!settled_) {
    extraction_ = std::make_unique<Extraction>(job, table);
    resolving_.emplace(job, table);
  }
  flight_checks_ = make_checks(table_.flight_checks, runtime, false);
  for (const compile::BoundReference& reference : table_.references) {
    const bool stays = !reference.filters();
    references_.push_back({&reference.check, stays ? reference.check.make(runtime) : nullptr});
  }
  keys_ = run_keys(job, table);
  if (keys_) run_keys_.emplace(table_.comparison.written, table_.key, keys_);
  for (const stages::BoundCheck& check : table_.published_checks) {
    if (check.reconcile) reconciled_.push_back(job.follow_source(check.reconcile));
  }
  thread_ = std::thread([this] { run(); });
}

Reading::~Reading() {
  queue_.abandon();
  join();
}

void Reading::join() {
  if (thread_.joinable()) thread_.join();
}

// Everything the thread throws travels through the queue to the one who pulls.
void Reading::run() {
  try {
    if (settled_) {
      run_settled();
    } else {
      data::Batch staged;
      while (extraction_->next(staged)) {
        resolving_->apply(*extraction_, staged);
        pass(std::move(staged));
      }
      resolution_ = resolving_->resolution();
    }
    if (keys_) keys_->finish();
    if (kept_) kept_->finish(state::Durable::kNo);
    for (const auto& side : reconciled_) side->finish();
    queue_.finish();
  } catch (...) {
    queue_.fail(std::current_exception());
  }
}

void Reading::run_settled() {
  resolution_ = settled_->resolution();
  const std::unique_ptr<stages::Rows> rows = settled_->rows(&rejects());
  data::Batch batch;
  while (rows->next(batch)) {
    job_.keep_going();
    pass(std::move(batch));
  }
}

void Reading::pass(data::Batch staged) {
  if (staged.rows == 0) return;
  keep(staged);
  const auto arriving = arriving_rows(table_, staged);
  look_at(arriving ? data::take(staged, *arriving) : staged);
  if (!queue_.push(std::move(staged))) {
    throw base::Error(base::Fault::kState, "E509", "the table's other half has ended");
  }
}

void Reading::keep(const data::Batch& staged) {
  if (job_.continued.keep != Keep::kAll) return;
  if (!kept_) {
    const auto path = job_.folder.staged(table_.name, "transform");
    std::filesystem::remove(path);
    kept_ = std::make_unique<state::BlockWriter>(path, staged.schema, state::Compress::kZstd);
  }
  kept_->write(staged);
}

// Only of rows that will be in the target.
void Reading::look_at(const data::Batch& rows) {
  if (rows.rows == 0) return;
  observe(flight_checks_, rows);
  for (RunningCheck& reference : references_) {
    if (reference.check) reference.check->observe(rows);
  }
  if (run_keys_) run_keys_->observe(rows);
  for (const auto& side : reconciled_) side->observe(rows);
}

}  // namespace engine::run
