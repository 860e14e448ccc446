#include "run/extraction.h"

#include <utility>

#include "base/clock.h"
#include "base/text.h"

namespace engine::run {
namespace {

std::int64_t expected_rows(Job& job, const compile::BoundTable& table) {
  return job.journal.last_read_rows({job.plan.name.text, job.plan.profile}, table.name)
      .value_or(-1);
}

}  // namespace

// Nothing where the row has no value to show: NULL, or the result that could not be computed.
std::string shown_reject(const std::string& value, bool masked) {
  if (value.empty()) return "";
  return ": " + (masked ? std::string("***") : base::quoted(value));
}

Extraction::Extraction(Job& job, std::size_t table)
    : job_(job),
      table_(job.bound.tables[table]),
      transform_(table_.transform, job.context),
      source_checks_(make_checks(table_.source_checks, job.check_runtime(table))),
      ids_(job, table),
      started_(base::monotonic_seconds()),
      expected_(expected_rows(job, table_)) {}

void Extraction::report(bool finished) {
  const std::int64_t rows = transform_.counts().read;
  StageEvent event{table_.name, "extract", rows, expected_, base::monotonic_seconds() - started_,
                   false,       {}};
  if (finished) {
    event.total = rows;
    job_.observers.finished(event);
  } else {
    job_.observers.progressed(event);
  }
}

bool Extraction::next(data::Batch& staged) {
  if (!source_) {
    job_.observers.started({table_.name, "extract", 0, expected_, 0, false, {}});
    source_ = job_.session.read_source(table_.source, table_.read);
  }
  data::Batch batch;
  while (source_->next(batch)) {
    job_.keep_going();
    staged = transform(batch);
    report(false);
    if (staged.rows > 0) return true;
  }
  report(true);
  ids_.finish();
  return false;
}

data::Batch Extraction::transform(const data::Batch& batch) {
  std::vector<data::RowError> errors;
  std::vector<std::uint32_t> kept;
  const std::int64_t first_row = transform_.counts().read;
  data::Batch staged = transform_.apply(batch, errors, kept);
  if (!source_checks_.empty()) {
    observe(source_checks_, table_.transform.filter ? data::take(batch, kept) : batch);
  }
  if (!errors.empty()) note_rejects(errors, first_row);
  ids_.observe(batch, kept, staged);
  return staged;
}

void Extraction::note_rejects(const std::vector<data::RowError>& errors, std::int64_t first_row) {
  for (const data::RowError& error : errors) {
    if (rejects_.size() >= kShownRejects) return;
    const bool masked = table_.spec->classification.contains(error.column);
    const std::string where = error.column.empty() ? "" : ", column " + error.column;
    rejects_.push_back("[" + error.code + "] row " + std::to_string(first_row + error.row + 1) +
                       " as read" + where + ": " + error.reason +
                       shown_reject(error.value, masked));
  }
}

}  // namespace engine::run
