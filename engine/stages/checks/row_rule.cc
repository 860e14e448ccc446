#include "stages/checks/row_rule.h"

#include <algorithm>
#include <utility>

#include "stages/checks/binder.h"

namespace engine::stages {

namespace {

class RowCheck : public Check {
 public:
  RowCheck(std::shared_ptr<const CheckFrame> frame, std::unique_ptr<RowRule> rule)
      : frame_(std::move(frame)), rule_(std::move(rule)), rows_(*frame_) {}

  void observe(const data::Batch& batch) override {
    failing_.clear();
    if (!rows_.load(batch)) return;
    errors_.clear();
    rule_->judge({*frame_, rows_.batch(), failing_, errors_});
    if (!errors_.empty()) rows_.note_errors(errors_);
    if (!rows_.unreadable().empty()) add_unreadable();
    if (!failing_.empty()) count_failing();
  }

  CheckResult verdict(const Facts&) override {
    if (!rows_.error().empty()) return error_result(*frame_, rows_.error());
    CheckResult result = judged_result(*frame_, rows_.looked_at(), failed_);
    result.samples = std::move(samples_);
    return result;
  }

  const std::vector<std::uint32_t>& failing_rows() const override { return failing_; }

  std::vector<std::string> columns() const override { return frame_->needed_names(); }

 private:
  void add_unreadable() {
    if (!rule_->fails_unreadable()) return rows_.note_unreadable();
    failing_.insert(failing_.end(), rows_.unreadable().begin(), rows_.unreadable().end());
  }

  void count_failing() {
    rows_.keep_selected(failing_);
    if (!std::is_sorted(failing_.begin(), failing_.end())) {
      std::sort(failing_.begin(), failing_.end());
    }
    failing_.erase(std::unique(failing_.begin(), failing_.end()), failing_.end());
    failed_ += static_cast<std::int64_t>(failing_.size());
    for (const std::uint32_t row : failing_) {
      if (samples_.size() >= static_cast<std::size_t>(frame_->spec.sample)) break;
      samples_.push_back(sample_of(*frame_, rows_.batch(), row));
    }
  }

  std::shared_ptr<const CheckFrame> frame_;
  std::unique_ptr<RowRule> rule_;
  CheckRows rows_;
  std::vector<std::uint32_t> failing_;
  std::vector<data::RowError> errors_;
  std::int64_t failed_ = 0;
  std::vector<Sample> samples_;
};

}  // namespace

std::unique_ptr<Check> make_row_check(std::shared_ptr<const CheckFrame> frame,
                                      std::unique_ptr<RowRule> rule) {
  return std::make_unique<RowCheck>(std::move(frame), std::move(rule));
}

KindBinding row_rule(CheckBinder& binder, std::vector<std::size_t> columns, Phrase phrase,
                     std::function<std::unique_ptr<RowRule>()> make) {
  KindBinding binding;
  binding.arguments = binder.joined(columns);
  binding.columns = std::move(columns);
  binding.phrase = std::move(phrase);
  binding.make = [make = std::move(make)](std::shared_ptr<const CheckFrame> frame,
                                          const CheckRuntime&) {
    return make_row_check(std::move(frame), make());
  };
  return binding;
}

}  // namespace engine::stages
