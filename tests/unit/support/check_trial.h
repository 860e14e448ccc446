#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "stages/check.h"
#include "unit/support/stage_rows.h"

namespace engine::stages::test {

/// Option values as the plan's reader would give them.
inline base::Located located(const std::string& text) {
  return {.text = text, .span = {"plan.yaml", 7, 3, 1}};
}
inline plan::OptionValue scalar(const std::string& text) {
  plan::OptionValue value;
  value.kind = plan::OptionKind::kScalar;
  value.text = located(text);
  return value;
}
inline plan::OptionValue list(const std::vector<std::string>& texts) {
  plan::OptionValue value;
  value.kind = plan::OptionKind::kList;
  for (const std::string& text : texts) value.items.push_back(scalar(text));
  return value;
}

/// One check on its way through binding and a run.
class CheckTrial {
 public:
  CheckTrial(const std::string& kind, const std::string& columns) : columns_(schema(columns)) {
    spec.kind = kind;
    spec.span = {"plan.yaml", 7, 1, 1};
    info.table = "orders";
    info.schema = &columns_;
    info.key = {"id"};
    folder_ = std::filesystem::temp_directory_path() / ("check_trial_" + base::random_hex(12));
    std::filesystem::create_directories(folder_);
    runtime.memory = &memory_;
    runtime.scratch = folder_.string();
  }
  ~CheckTrial() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  CheckTrial(const CheckTrial&) = delete;
  CheckTrial& operator=(const CheckTrial&) = delete;

  CheckTrial& with(const std::string& option, plan::OptionValue value) {
    spec.options[option] = std::move(value);
    return *this;
  }
  CheckTrial& with(const std::string& option, const std::string& text) {
    return with(option, scalar(text));
  }
  CheckTrial& where(const std::string& condition) {
    spec.where = plan::ExpressionText{std::make_shared<base::Located>(located(condition)), nullptr};
    spec.where->syntax = expr::parse(spec.where->text, diagnostics);
    return *this;
  }
  CheckTrial& error_if(const std::string& comparison, double value, bool relative) {
    spec.error_if = plan::Threshold{comparison, value, relative, located(comparison + " x")};
    return *this;
  }

  std::optional<BoundCheck> bind() { return bind_check(spec, info, diagnostics); }
  /// The diagnostics of a check that must not bind: "E302 E104".
  std::string codes() {
    if (bind()) return "bound";
    std::string text;
    for (const base::Diagnostic& each : diagnostics.all()) {
      text += (text.empty() ? "" : " ") + each.code;
    }
    return text;
  }

  CheckResult judge(const std::vector<Cells>& parts, const Facts& facts = {}) {
    std::vector<data::Batch> batches;
    for (const Cells& part : parts) batches.push_back(batch(columns_, part));
    return judge(batches, facts);
  }
  CheckResult judge(const std::vector<data::Batch>& batches, const Facts& facts = {}) {
    const auto bound = bind();
    if (!bound) {
      CheckResult none;
      none.detail = diagnostics.render_all();
      none.status = Status::kError;
      return none;
    }
    const auto check = bound->make(runtime);
    for (const data::Batch& each : batches) check->observe(each);
    return check->verdict(facts);
  }

  const data::Schema& columns() const { return columns_; }

  plan::Check spec;
  CheckScopeInfo info;
  CheckRuntime runtime;
  base::Diagnostics diagnostics;

 private:
  data::Schema columns_;
  std::filesystem::path folder_;
  base::MemoryBudget memory_{std::uint64_t{16} << 20};
};

}  // namespace engine::stages::test
