#include "run/pipeline.h"

#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "run/judging.h"
#include "run/oversight.h"
#include "run/reading.h"
#include "run/sorted_rows.h"
#include "run/target_rows.h"

namespace engine::run {
namespace {

/// What is appended to is counted, not read.
std::int64_t rows_not_read(Job& job, const compile::BoundTable& table) {
  const bool there = table.target_info && table.load == compile::Load::kCompare;
  if (!there || table.comparison.mode != plan::MergeMode::kAppend) return 0;
  return job.session.count_target(table.target, table.target_table);
}

}  // namespace

/// The second half: rows in key order meet the target's.
class Pipeline::Merging {
 public:
  Merging(Job& job, std::size_t table, std::unique_ptr<connect::Source> target_rows,
          stages::InOrder order)
      : bound_(job.bound.tables[table]), reading_(job, table), judging_(job, table) {
    stages::Rows* staged = &reading_.rows();
    stages::ComparisonSpec spec = bound_.comparison;
    const bool alone = bound_.comparison.by_content && !target_rows;  // nothing to match with
    if (bound_.sort_staged && !alone) {
      if (bound_.may_be_ordered) spec.staged_order = order;
      sorted_staged_ =
          std::make_unique<SortedRows>(*staged, staged_order(bound_), job.memory,
                                       job.scratch(bound_.name + ".staged"), spec.staged_order);
      staged = sorted_staged_.get();
    }
    stages::Rows* target = nullptr;
    if (target_rows) {
      target_ = std::make_unique<SourceRows>(std::move(target_rows));
      target = target_.get();
      if (bound_.sort_target) {
        sorted_target_ =
            std::make_unique<SortedRows>(*target, state::SortSpec{bound_.comparison.key, {}},
                                         job.memory, job.scratch(bound_.name + ".target"));
        target = sorted_target_.get();
      }
    }
    if (target == nullptr) spec.target_rows = rows_not_read(job, bound_);
    comparison_ = std::make_unique<stages::Comparison>(std::move(spec), *staged, target,
                                                       judging_.image_observers());
  }

  bool next(connect::ChangeBatch& batch) { return comparison_->next(batch); }

  void conclude() {
    reading_.join();
    judging_.conclude(reading_, comparison_->counts());
  }

 private:
  const compile::BoundTable& bound_;
  Reading reading_;
  Judging judging_;
  std::unique_ptr<stages::Rows> target_, sorted_staged_, sorted_target_;
  std::unique_ptr<stages::Comparison> comparison_;
};

Pipeline::Pipeline(Job& job, std::size_t table, std::unique_ptr<connect::Source> target_rows,
                   stages::InOrder order)
    : job_(job), table_(table), started_(base::monotonic_seconds()) {
  job.table_outcome(table).state = TableState::kRunning;
  if (job.oversight != nullptr) job.oversight->begin(table);
  merging_ = std::make_unique<Merging>(job, table, std::move(target_rows), order);
}

Pipeline::~Pipeline() = default;

bool Pipeline::next(connect::ChangeBatch& batch) {
  do {
    job_.keep_going();
    if (!merging_->next(batch)) return false;
    if (job_.oversight != nullptr) job_.oversight->look(table_, batch);
  } while (batch.ops.empty());
  undo_bytes_ += estimate_undo(batch);
  return true;
}

void Pipeline::conclude() {
  merging_->conclude();
  if (job_.oversight != nullptr) job_.oversight->end(table_);
  TableOutcome& outcome = job_.table_outcome(table_);
  outcome.undo_bytes = undo_bytes_;
  outcome.undo_estimated = true;
  outcome.seconds = base::monotonic_seconds() - started_;
  outcome.state = blocking_reasons(outcome).empty() ? TableState::kStaged : TableState::kFailed;
  job_.observers.finished({outcome.name,
                           "check",
                           outcome.books.read,
                           outcome.books.read,
                           outcome.seconds,
                           outcome.state == TableState::kFailed,
                           {}});
}

}  // namespace engine::run
