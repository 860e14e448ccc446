#include "run/pipeline.h"
#include "run/runner.h"
#include "run/target_rows.h"

namespace engine::run {
namespace {

class DryRunner : public Runner {
 public:
  explicit DryRunner(Job& job) : job_(job) {}

  void open() override {}
  bool stages_now(std::size_t table) const override {
    return !job_.bound.tables[table].create_only;
  }

  void stage(std::size_t table) override {
    Pipeline pipeline(job_, table, target_rows(job_, table));
    connect::ChangeBatch changes;
    std::uint64_t undo_bytes = 0;
    while (pipeline.next(changes)) undo_bytes += estimate_undo(changes);
    pipeline.conclude();
    job_.table_outcome(table).undo_bytes = undo_bytes;
    job_.table_outcome(table).undo_estimated = true;
  }

  void publish(const compile::Unit&) override {}
  void verify() override {}
  void recover() override {}
  void close() override {}

 private:
  Job& job_;
};

}  // namespace

std::unique_ptr<Runner> dry_runner(Job& job) {
  return std::make_unique<DryRunner>(job);
}

}  // namespace engine::run
