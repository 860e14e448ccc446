#include "stages/checks/row_counts.h"

#include <utility>

namespace engine::stages {

namespace {

class CountCheck : public Check {
 public:
  CountCheck(std::shared_ptr<const CheckFrame> frame, std::shared_ptr<const CountRule> rule)
      : frame_(std::move(frame)), rule_(std::move(rule)), rows_(*frame_) {}

  /// Rows are only looked at when `where` picks some; all others are counted by the pipeline.
  void observe(const data::Batch& batch) override {
    if (frame_->where != nullptr) rows_.load(batch);
  }

  CheckResult verdict(const Facts& facts) override {
    if (!rows_.error().empty()) return error_result(*frame_, rows_.error());
    if (frame_->where != nullptr) return rule_->judge(*frame_, rows_.looked_at(), facts);
    const CountedRows own = rows_of(*frame_, facts);
    if (!own.rows) return error_result(*frame_, own.missing);
    return rule_->judge(*frame_, *own.rows, facts);
  }

  std::vector<std::string> columns() const override { return frame_->needed_names(); }

 private:
  std::shared_ptr<const CheckFrame> frame_;
  std::shared_ptr<const CountRule> rule_;
  CheckRows rows_;
};

}  // namespace

CountedRows rows_of(const CheckFrame& frame, const Facts& facts) {
  const bool run = frame.scope == plan::CheckScope::kRun;
  switch (frame.spec.stage) {
    case plan::CheckStage::kSource:
      if (run) return {facts.source_rows, "the rows read were not counted"};
      return {facts.source_table_rows, "the rows of the source were not counted"};
    case plan::CheckStage::kStaged:
      if (run) return {facts.staged_rows, "the staged rows were not counted"};
      return {facts.image_rows, "the rows the target would have were not counted"};
    case plan::CheckStage::kPublished:
      if (run) return {facts.arrived_rows, "the rows that arrived were not counted"};
      return {facts.image_rows, "the target's rows were not counted"};
  }
  return {};
}

std::unique_ptr<Check> make_count_check(std::shared_ptr<const CheckFrame> frame,
                                        std::shared_ptr<const CountRule> rule) {
  return std::make_unique<CountCheck>(std::move(frame), std::move(rule));
}

}  // namespace engine::stages
