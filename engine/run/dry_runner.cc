#include "run/pipeline.h"
#include "run/runner.h"
#include "run/snapshots.h"
#include "run/target_rows.h"

namespace engine::run {
namespace {

class DryRunner : public Runner {
 public:
  explicit DryRunner(Job& job) : job_(job) {}

  void open() override { estimate_snapshot(job_); }
  bool stages_now(std::size_t table) const override {
    return job_.bound.tables[table].moves_rows();
  }

  void stage(std::size_t table) override {
    Pipeline pipeline(job_, table, target_rows(job_, table));
    connect::ChangeBatch changes;
    while (pipeline.next(changes)) continue;
    pipeline.conclude();
  }

 private:
  Job& job_;
};

}  // namespace

std::unique_ptr<Runner> dry_runner(Job& job) {
  return std::make_unique<DryRunner>(job);
}

}  // namespace engine::run
