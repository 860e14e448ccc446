#include "stages/checks/unique.h"

#include <algorithm>
#include <utility>

#include "stages/checks/builtin.h"
#include "stages/checks/row_store.h"
#include "stages/keyed_rows.h"

namespace engine::stages {

namespace {

/// What both ways to look for equal rows share.
class Uniqueness : public Check {
 public:
  Uniqueness(std::shared_ptr<const CheckFrame> frame, std::vector<std::size_t> columns,
             bool nulls_fail)
      : frame_(std::move(frame)),
        rows_(*frame_),
        columns_(std::move(columns)),
        nulls_fail_(nulls_fail) {}

  void observe(const data::Batch& batch) override {
    if (!rows_.load(batch)) return;
    rows_.note_unreadable();
    keys_.fill(rows_.batch(), columns_);
    begin_batch();
    for (std::size_t row = 0; row < keys_.size(); ++row) {
      if (!rows_.selected(row)) continue;
      if (!keys_.has_null(row)) {
        compare(row);
      } else if (nulls_fail_) {
        fail(row);
      }
    }
    end_batch();
  }

  std::vector<std::string> columns() const override { return frame_->needed_names(); }

 protected:
  virtual void begin_batch() {}
  virtual void end_batch() {}
  virtual void compare(std::size_t row) = 0;

  void fail(std::size_t row) {
    ++failed_;
    if (samples_.size() < static_cast<std::size_t>(frame_->spec.sample)) {
      samples_.push_back(sample_of(*frame_, rows_.batch(), row));
    }
  }

  CheckResult judged(std::int64_t duplicates, std::vector<Sample> more) {
    if (!rows_.error().empty()) return error_result(*frame_, rows_.error());
    CheckResult result = judged_result(*frame_, rows_.looked_at(), failed_ + duplicates);
    result.samples = std::move(samples_);
    for (Sample& sample : more) {
      if (result.samples.size() >= static_cast<std::size_t>(frame_->spec.sample)) break;
      result.samples.push_back(std::move(sample));
    }
    return result;
  }

  std::shared_ptr<const CheckFrame> frame_;
  CheckRows rows_;
  KeyBuffer keys_;

 private:
  std::vector<std::size_t> columns_;
  bool nulls_fail_;
  std::int64_t failed_ = 0;
  std::vector<Sample> samples_;
};

/// Rows come in the order of the columns: equal ones are neighbours.
class OrderedUniqueness : public Uniqueness {
 public:
  using Uniqueness::Uniqueness;

  CheckResult verdict(const Facts&) override { return judged(0, {}); }

 private:
  /// The buffer's keys change with the batch, so the last one of the former batch is kept.
  void begin_batch() override { last_row_.reset(); }
  void end_batch() override {
    if (last_row_) kept_ = keys_.key(*last_row_);
  }

  void compare(std::size_t row) override {
    const std::string_view key = keys_.key(row);
    if (last_row_ || has_kept_) {
      const int order = (last_row_ ? keys_.key(*last_row_) : std::string_view(kept_)).compare(key);
      if (order == 0) fail(row);
      if (order > 0) rows_.note_error("rows did not come in the order of the key");
    }
    has_kept_ = true;
    last_row_ = row;
  }

  std::optional<std::size_t> last_row_;
  bool has_kept_ = false;
  std::string kept_;
};

/// Rows come in any order.
class SpooledUniqueness : public Uniqueness {
 public:
  SpooledUniqueness(std::shared_ptr<const CheckFrame> frame, std::vector<std::size_t> columns,
                    bool nulls_fail, const CheckRuntime& runtime)
      : Uniqueness(std::move(frame), std::move(columns), nulls_fail),
        store_(*frame_, runtime),
        spool_(runtime.memory != nullptr ? *runtime.memory : own_memory_, scratch_of(runtime)) {}

  CheckResult verdict(const Facts&) override {
    spool_.finish();
    LowestOrdinals lowest(frame_->spec.sample);
    std::int64_t duplicates = 0;
    spool_.duplicates([&](std::uint64_t, std::uint64_t other, const base::Hash128&) {
      ++duplicates;
      lowest.add(other);
    });
    return judged(duplicates, store_.samples(lowest.take()));
  }

 private:
  static constexpr std::uint64_t kOwnMemory = std::uint64_t{64} << 20;

  void begin_batch() override { first_ = store_.add(rows_.batch()); }
  void compare(std::size_t row) override {
    spool_.add(base::hash128(keys_.key(row)), first_ + row);
  }

  base::MemoryBudget own_memory_{kOwnMemory};
  RowStore store_;
  state::KeySpool spool_;
  std::uint64_t first_ = 0;
};

/// The columns in the order of the table's key, when they are its key.
std::optional<std::vector<std::size_t>> in_key_order(const CheckBinder& binder,
                                                     std::vector<std::size_t> columns) {
  std::vector<std::size_t> key;
  for (const std::string& name : binder.info().key) {
    const auto column = binder.info().schema->find(name);
    if (!column) return std::nullopt;
    key.push_back(*column);
  }
  std::vector<std::size_t> sorted = key;
  std::sort(sorted.begin(), sorted.end());
  std::sort(columns.begin(), columns.end());
  if (key.empty() || sorted != columns) return std::nullopt;
  return key;
}

}  // namespace

KindBinding uniqueness(CheckBinder& binder, std::vector<std::size_t> columns, Phrase phrase,
                       bool nulls_fail) {
  KindBinding binding;
  binding.arguments = binder.joined(columns);
  binding.phrase = std::move(phrase);
  const auto ordered = in_key_order(binder, columns);
  binding.make = [ordered, columns, nulls_fail](
                     std::shared_ptr<const CheckFrame> frame,
                     const CheckRuntime& runtime) -> std::unique_ptr<Check> {
    if (ordered && runtime.key_ordered) {
      return std::make_unique<OrderedUniqueness>(std::move(frame), *ordered, nulls_fail);
    }
    return std::make_unique<SpooledUniqueness>(std::move(frame), columns, nulls_fail, runtime);
  };
  binding.columns = std::move(columns);
  return binding;
}

std::optional<KindBinding> bind_unique(CheckBinder& binder) {
  auto columns = binder.columns();
  if (!columns) return std::nullopt;
  return uniqueness(binder, std::move(*columns), {"repeats another", "repeat others"}, false);
}

}  // namespace engine::stages
