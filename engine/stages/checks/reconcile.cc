#include <algorithm>
#include <utility>

#include "base/text.h"
#include "data/decimal.h"
#include "stages/checks/builtin.h"
#include "stages/checks/row_store.h"
#include "stages/reconciled.h"

namespace engine::stages {

namespace {

/// Where nobody hands a budget in.
constexpr std::uint64_t kOwnMemory = std::uint64_t{64} << 20;

/// The rows that the source gives, as they should arrive, against those that stand in the target:
/// digests of columns, exact sums, and the keys of the first rows that differ.
class Reconcile : public Check {
 public:
  Reconcile(std::shared_ptr<const CheckFrame> frame,
            const std::shared_ptr<const ReconcileSpec>& spec, const CheckRuntime& runtime)
      : frame_(std::move(frame)),
        rows_(*frame_),
        target_(spec, runtime.memory != nullptr ? *runtime.memory : own_memory_,
                scratch_of(runtime)) {
    const auto source = runtime.sources.find(spec.get());
    if (source != runtime.sources.end()) source_ = source->second;
  }

  void observe(const data::Batch& batch) override {
    if (!rows_.load(batch)) return;
    rows_.note_unreadable();
    target_.observe(rows_.batch());
  }

  CheckResult verdict(const Facts&) override {
    if (!rows_.error().empty()) return error_result(*frame_, rows_.error());
    if (source_ == nullptr) return error_result(*frame_, "the rows of the source were not read");
    target_.finish();
    const bool same = source_->digest() == target_.digest() && source_->sums() == target_.sums();
    const auto rows = static_cast<std::int64_t>(target_.digest().rows);
    if (same) return judged_result(*frame_, rows, 0, "both sides: " + side_text(target_));
    const auto named = static_cast<std::size_t>(std::max(0, frame_->spec.sample));
    const Differences found = differences_of(*source_, target_, named);
    // Equal rows with other sums are no difference of rows, and yet one.
    CheckResult result =
        judged_result(*frame_, rows, std::max<std::int64_t>(1, found.all()), detail(found));
    for (const auto& [key, how] : found.first) result.samples.push_back({key, how});
    return result;
  }

  std::vector<std::string> columns() const override { return frame_->needed_names(); }

 private:
  std::string side_text(const ReconciledSide& side) const {
    std::string text = std::to_string(side.digest().rows) + " rows";
    for (std::size_t i = 0; i < side.sums().size(); ++i) {
      const std::string& name = side.spec().summed[i];
      const data::Type& type = frame_->schema->fields[*frame_->schema->find(name)].type;
      const int scale = type.kind == data::Kind::kDecimal ? type.scale : 0;
      text += ", " + name + " " +
              (side.sums()[i] ? data::decimal_text(*side.sums()[i], scale)
                              : std::string("more than 38 digits"));
    }
    return text;
  }

  std::string detail(const Differences& found) const {
    std::string text = "source " + side_text(*source_) + "; target " + side_text(target_);
    const auto add = [&](std::int64_t count, const char* what) {
      if (count > 0) text += "; " + std::to_string(count) + " " + what;
    };
    add(found.missing, "missing in the target");
    add(found.extra, "not in the source");
    add(found.other, "with other values");
    return text;
  }

  std::shared_ptr<const CheckFrame> frame_;
  CheckRows rows_;
  base::MemoryBudget own_memory_{kOwnMemory};
  ReconciledSide target_;
  std::shared_ptr<ReconciledSide> source_;
};

bool fits_together(CheckBinder& binder) {
  const plan::Check& check = binder.check();
  if (check.stage != plan::CheckStage::kPublished) {
    binder.error("E118", check.span,
                 "reconcile compares the source with what stands in the target, so it is judged "
                 "at stage published",
                 "write 'stage: published'");
    return false;
  }
  if (check.where) {
    binder.error("E118", check.where->text->span,
                 "reconcile takes no 'where': it compares all rows of both sides");
    return false;
  }
  const auto with = binder.text("with");
  if (!with || *with == "source") return true;
  binder.error("E104", binder.option("with")->text.span,
               "reconcile: with is " + base::quoted(*with) + ", only source is known");
  return false;
}

/// The columns that the plan writes; both sides have them.
const data::Schema& written(CheckBinder& binder) {
  const data::Schema* own = binder.info().written;
  return own == nullptr ? *binder.info().schema : *own;
}

bool add_column(CheckBinder& binder, const base::Located& name, std::vector<std::string>& names) {
  const auto column = binder.find_column(name);
  if (!column) return false;
  const auto source = written(binder).find(name.text);
  if (!source) {
    binder.error("E302", name.span,
                 "reconcile: column " + base::quoted(name.text) +
                     " is not written by the plan, so the source has none");
    return false;
  }
  const data::Type& from = written(binder).fields[*source].type;
  const data::Type& to = binder.field(*column).type;
  if (!(from == to)) {
    binder.error("E118", name.span,
                 "reconcile: column " + base::quoted(name.text) + " is " + data::type_name(from) +
                     " on its way and " + data::type_name(to) + " in the target",
                 "leave it out of the comparison");
    return false;
  }
  names.push_back(name.text);
  return true;
}

bool add_compared(CheckBinder& binder, ReconcileSpec& spec) {
  std::vector<base::Located> names = binder.names("checksum");
  const bool all = names.size() == 1 && names.front().text == "*";
  const bool none_said = names.empty() && binder.names("sum").empty();
  if (!all && !none_said) {
    return std::all_of(names.begin(), names.end(),
                       [&](const auto& name) { return add_column(binder, name, spec.compared); });
  }
  for (const data::Field& field : written(binder).fields) {
    const base::Located name = base::Located::made(field.name, binder.check().span);
    if (!add_column(binder, name, spec.compared)) return false;
  }
  return true;
}

bool add_summed(CheckBinder& binder, ReconcileSpec& spec) {
  for (const base::Located& name : binder.names("sum")) {
    if (!add_column(binder, name, spec.summed)) return false;
    const data::Kind kind = binder.field(*binder.find_column(name)).type.kind;
    if (kind == data::Kind::kInt64 || kind == data::Kind::kDecimal) continue;
    binder.error("E116", name.span,
                 "reconcile: sums are of whole numbers and decimals, " + base::quoted(name.text) +
                     " is " + data::type_name(binder.field(*binder.find_column(name)).type),
                 "compare it by 'checksum'");
    return false;
  }
  return true;
}

}  // namespace

std::optional<KindBinding> bind_reconcile(CheckBinder& binder) {
  if (!fits_together(binder) || !binder.has_schema()) return std::nullopt;
  auto spec = std::make_shared<ReconcileSpec>();
  if (!add_compared(binder, *spec) || !add_summed(binder, *spec)) return std::nullopt;
  spec->key = binder.info().key;
  for (const std::string& column : spec->key) {
    if (binder.info().classification.contains(column)) spec->masked.push_back(column);
  }
  KindBinding binding;
  for (const auto* names : {&spec->compared, &spec->summed, &spec->key}) {
    for (const std::string& name : *names) {
      const std::size_t column = *binder.info().schema->find(name);
      const bool there = std::find(binding.columns.begin(), binding.columns.end(), column) !=
                         binding.columns.end();
      if (!there) binding.columns.push_back(column);
    }
  }
  binding.arguments = "source";
  binding.phrase = {"differs", "differ"};
  binding.reconcile = spec;
  binding.make = [spec](std::shared_ptr<const CheckFrame> frame, const CheckRuntime& runtime) {
    return std::make_unique<Reconcile>(std::move(frame), spec, runtime);
  };
  return binding;
}

}  // namespace engine::stages
