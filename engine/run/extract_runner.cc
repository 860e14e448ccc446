#include "base/clock.h"
#include "run/kept_rows.h"
#include "run/runner.h"

namespace engine::run {
namespace {

/// Reads every table into the run's folder, and no more.
class ExtractRunner : public Runner {
 public:
  explicit ExtractRunner(Job& job) : job_(job) {}

  bool stages_now(std::size_t table) const override {
    return job_.bound.tables[table].moves_rows();
  }
  bool follows_references() const override { return false; }

  void stage(std::size_t at) override {
    TableOutcome& table = job_.table_outcome(at);
    table.state = TableState::kRunning;
    const double started = base::monotonic_seconds();
    const auto rows = source_rows(job_, at);
    StageEvent event{table.name, "extract", 0, -1, 0, false, {}};
    job_.observers.started(event);
    data::Batch batch;
    while (rows->next(batch)) {
      job_.keep_going();
      event.rows += static_cast<std::int64_t>(batch.rows);
      event.seconds = base::monotonic_seconds() - started;
      job_.observers.progressed(event);
    }
    table.books.read = event.rows;
    table.seconds = base::monotonic_seconds() - started;
    table.state = TableState::kExtracted;
    event.total = event.rows;
    event.detail = kKeptRows;
    job_.observers.finished(event);
  }

 private:
  Job& job_;
};

}  // namespace

std::unique_ptr<Runner> extract_runner(Job& job) {
  return std::make_unique<ExtractRunner>(job);
}

}  // namespace engine::run
