#include "base/text.h"
#include "stages/checks/builtin.h"

namespace engine::stages {

namespace {

/// Columns and keys of the table as somebody else compared them.
class SchemaCheck : public Check {
 public:
  explicit SchemaCheck(std::shared_ptr<const CheckFrame> frame) : frame_(std::move(frame)) {}

  void observe(const data::Batch&) override {}
  std::vector<std::string> columns() const override { return {}; }

  CheckResult verdict(const Facts& facts) override {
    if (!facts.structure) return error_result(*frame_, "nobody looked at the table's columns");
    const StructureFact& found = *facts.structure;
    if (found.compared_with.empty()) {
      CheckResult result = blank_result(*frame_);
      result.status = Status::kSkipped;
      result.detail = "the plan declares no schema of the table to compare it with";
      return result;
    }
    const auto differences = static_cast<std::int64_t>(found.differences.size());
    return judged_result(*frame_, found.looked_at, differences,
                         differences == 0 ? "as " + found.compared_with
                                          : "unlike " + found.compared_with + ": " +
                                                base::join(found.differences, "; "));
  }

 private:
  std::shared_ptr<const CheckFrame> frame_;
};

}  // namespace

std::optional<KindBinding> bind_schema(CheckBinder& binder) {
  const plan::Check& check = binder.check();
  if (check.stage == plan::CheckStage::kSource) {
    binder.error("E118", check.span,
                 "schema looks at the target's table, so it cannot be judged at stage source",
                 "write 'stage: published'");
    return std::nullopt;
  }
  if (check.where) {
    binder.error("E118", check.where->text->span, "schema looks at no rows, and takes no 'where'");
    return std::nullopt;
  }
  KindBinding binding;
  binding.phrase = {"differs", "differ"};
  binding.make = [](std::shared_ptr<const CheckFrame> frame, const CheckRuntime&) {
    return std::make_unique<SchemaCheck>(std::move(frame));
  };
  return binding;
}

}  // namespace engine::stages
