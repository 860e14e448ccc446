#include "state/row_sorter.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "state/block_file.h"
#include "state/sort_key.h"

namespace engine::state {
namespace {

/// Used whatever the budget says: without it nothing could be sorted at all.
constexpr std::uint64_t kFloorBytes = std::uint64_t{4} << 20;
/// Blocks of sorted runs are small, so that many runs can be merged side by side.
constexpr std::size_t kSpillBlockBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxMergedRuns = 32;

/// One row held in memory: its sort key lies in the arena.
struct Entry {
  std::uint64_t prefix = 0;  ///< the first bytes of the key, big-endian: most comparisons end here
  std::uint64_t key_offset = 0;
  std::uint32_t key_length = 0;
  std::uint32_t batch = 0;
  std::uint32_t row = 0;
};

std::uint64_t prefix_of(std::string_view key) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    prefix = (prefix << 8) | (i < key.size() ? static_cast<std::uint8_t>(key[i]) : 0U);
  }
  return prefix;
}

/// Rows in memory, sorted on demand.
class HeldRows {
 public:
  explicit HeldRows(const SortSpec& spec) : spec_(spec) {}

  void add(const data::Batch& batch) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      Entry entry{.key_offset = keys_.size(),
                  .batch = static_cast<std::uint32_t>(batches_.size()),
                  .row = static_cast<std::uint32_t>(row)};
      append_sort_key(keys_, batch, spec_, row);
      entry.key_length = static_cast<std::uint32_t>(keys_.size() - entry.key_offset);
      entry.prefix = prefix_of(key(entry));
      entries_.push_back(entry);
    }
    batches_.push_back(batch);
  }

  void sort() {
    const auto before = [this](const Entry& a, const Entry& b) {
      if (a.prefix != b.prefix) return a.prefix < b.prefix;
      const int order = key(a).compare(key(b));
      if (order != 0) return order < 0;
      return a.batch != b.batch ? a.batch < b.batch : a.row < b.row;
    };
    if (!std::is_sorted(entries_.begin(), entries_.end(), before)) {
      std::sort(entries_.begin(), entries_.end(), before);
    }
  }

  bool empty() const { return entries_.empty(); }
  /// Gathers sorted rows into a batch of at most `max_bytes`; false when none are left.
  bool next(data::Batch& out, std::size_t max_bytes) {
    if (at_ == entries_.size()) return false;
    RowGatherer gatherer(batches_.front().schema);
    while (at_ < entries_.size() && !is_full(gatherer, max_bytes)) {
      const Entry& entry = entries_[at_++];
      gatherer.append(batches_[entry.batch], entry.row);
    }
    out = gatherer.finish();
    return true;
  }

  void clear() {
    batches_ = {};
    keys_ = {};
    entries_ = {};
    at_ = 0;
  }

 private:
  std::string_view key(const Entry& entry) const {
    return std::string_view(keys_).substr(static_cast<std::size_t>(entry.key_offset),
                                          entry.key_length);
  }

  const SortSpec& spec_;
  std::vector<data::Batch> batches_;
  std::string keys_;
  std::vector<Entry> entries_;
  std::size_t at_ = 0;
};

/// Batches that came in order one after the other, as most sources give them: nothing is gathered
/// row by row, and no more of their keys is kept than the last.
class StraightRows {
 public:
  explicit StraightRows(const SortSpec& spec) : spec_(spec) {}

  /// Whether the batch goes on where the last one ended; equal keys may, for they came in order.
  bool goes_on(const data::Batch& batch) {
    std::string last = last_;
    for (std::size_t row = 0; row < batch.rows; ++row) {
      key_.clear();
      append_sort_key(key_, batch, spec_, row);
      if (key_ < last) return false;
      last.swap(key_);
    }
    last_ = std::move(last);
    return true;
  }
  void add(const data::Batch& batch) { batches_.push_back(batch); }
  bool next(data::Batch& out) {
    if (batches_.empty()) return false;
    out = std::move(batches_.front());
    batches_.pop_front();
    return true;
  }

 private:
  const SortSpec& spec_;
  std::deque<data::Batch> batches_;
  std::string last_, key_;
};

/// One sorted run while it is merged: its current block, and the sort key of its current row.
class MergedRun {
 public:
  MergedRun(const std::filesystem::path& path, const SortSpec& spec) : reader_(path), spec_(spec) {
    load();
  }
  bool at_end() const { return at_end_; }
  const std::string& key() const { return key_; }
  void give_row(RowGatherer& gatherer) {
    gatherer.append(batch_, row_);
    ++row_;
    load();
  }

 private:
  void load() {
    while (row_ >= batch_.rows) {
      row_ = 0;
      if (!reader_.next(batch_)) {
        at_end_ = true;
        return;
      }
    }
    key_.clear();
    append_sort_key(key_, batch_, spec_, row_);
  }

  BlockReader reader_;
  const SortSpec& spec_;
  data::Batch batch_;
  std::size_t row_ = 0;
  std::string key_;
  bool at_end_ = false;
};

/// Merges runs; equal keys come in the order of the runs.
class Merge {
 public:
  Merge(const std::vector<std::filesystem::path>& paths, const SortSpec& spec) {
    for (const auto& path : paths) runs_.push_back(std::make_unique<MergedRun>(path, spec));
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (!runs_[i]->at_end()) heap_.push_back(i);
    }
    std::make_heap(heap_.begin(), heap_.end(), After{runs_});
  }

  bool next(data::Batch& out, const std::shared_ptr<const data::Schema>& schema,
            std::size_t max_bytes) {
    if (heap_.empty()) return false;
    RowGatherer gatherer(schema);
    while (!heap_.empty() && !is_full(gatherer, max_bytes)) give_first(gatherer);
    out = gatherer.finish();
    return true;
  }

 private:
  /// Turned round, for the heap keeps its greatest in front.
  struct After {
    const std::vector<std::unique_ptr<MergedRun>>& runs;
    bool operator()(std::size_t a, std::size_t b) const {
      const int order = runs[a]->key().compare(runs[b]->key());
      return order != 0 ? order > 0 : a > b;
    }
  };
  void give_first(RowGatherer& gatherer) {
    std::pop_heap(heap_.begin(), heap_.end(), After{runs_});
    MergedRun& run = *runs_[heap_.back()];
    run.give_row(gatherer);
    if (run.at_end()) {
      heap_.pop_back();
    } else {
      std::push_heap(heap_.begin(), heap_.end(), After{runs_});
    }
  }

  std::vector<std::unique_ptr<MergedRun>> runs_;
  std::vector<std::size_t> heap_;
};

}  // namespace

/// What a sorter holds, in memory and in files.
class RowSorter::Runs {
 public:
  Runs(SortSpec spec, base::MemoryBudget& budget, Scratch scratch)
      : spec_(std::move(spec)),
        budget_(budget),
        scratch_(std::move(scratch)),
        straight_(spec_),
        held_(spec_) {}

  ~Runs() {
    release();
    merge_.reset();
    front_reader_.reset();
    front_.reset();
    for (const auto& path : paths_) remove(path);
  }
  Runs(const Runs&) = delete;
  Runs& operator=(const Runs&) = delete;

  void add(const data::Batch& batch) {
    if (batch.rows == 0) return;
    if (schema_ == nullptr) schema_ = batch.schema;
    rows_ += batch.rows;
    if (in_order_ && !straight_.goes_on(batch)) leave_order();
    if (in_order_) {
      hold_straight(batch);
    } else {
      hold(batch);
    }
  }

  void finish() {
    if (in_order_) {
      if (front_) {
        front_->finish(Durable::kNo);
        front_reader_ = std::make_unique<BlockReader>(front_->path());
      }
      return;
    }
    if (paths_.empty()) {
      held_.sort();
      return;
    }
    spill();
    while (paths_.size() > kMaxMergedRuns) merge_oldest();
    merge_ = std::make_unique<Merge>(paths_, spec_);
  }

  bool next(data::Batch& batch) {
    if (in_order_) {
      return (front_reader_ && front_reader_->next(batch)) || straight_.next(batch);
    }
    if (merge_ == nullptr) return held_.next(batch, data::kMaxBatchBytes);
    return merge_->next(batch, schema_, data::kMaxBatchBytes);
  }

  bool in_order() const { return in_order_; }
  std::uint64_t rows() const { return rows_; }
  std::uint64_t spilled_bytes() const { return spilled_bytes_; }

 private:
  static constexpr std::uint64_t kKeyGuessBytes = 24;

  static void remove(const std::filesystem::path& path) {
    std::error_code ignored;  // the scratch folder goes with the run, whatever is left in it
    std::filesystem::remove(path, ignored);
  }

  /// True when the bytes may be held. What lies below the floor is not the budget's to refuse.
  bool take(std::uint64_t bytes) {
    const bool above_floor = held_bytes_ + bytes > kFloorBytes;
    if (above_floor && held_bytes_ + bytes > scratch_.max_memory && holds_) return false;
    if (budget_.try_take(bytes)) {
      taken_ += bytes;
    } else if (above_floor && holds_) {
      return false;
    }
    held_bytes_ += bytes;
    return true;
  }

  void release() {
    budget_.give_back(std::exchange(taken_, 0));
    held_bytes_ = 0;
    holds_ = false;
  }

  void hold(const data::Batch& batch) {
    const std::uint64_t bytes = batch.footprint() + batch.rows * (sizeof(Entry) + kKeyGuessBytes);
    if (!take(bytes)) {
      spill();
      take(bytes);
    }
    held_.add(batch);
    holds_ = true;
  }

  void hold_straight(const data::Batch& batch) {
    if (!take(batch.footprint())) {
      spill_straight();
      take(batch.footprint());
    }
    straight_.add(batch);
    holds_ = true;
  }

  /// All that came in order is one run, whatever its length.
  void spill_straight() {
    if (!front_) {
      paths_.push_back(new_path());
      front_ = std::make_unique<BlockWriter>(paths_.back(), schema_, Compress::kZstd);
    }
    const std::uint64_t before = front_->bytes();
    data::Batch batch;
    while (straight_.next(batch)) front_->write(batch);
    spilled_bytes_ += front_->bytes() - before;
    release();
  }

  /// A row came that belongs before an earlier one: from here on rows are sorted.
  void leave_order() {
    in_order_ = false;
    if (front_) {
      spill_straight();
      const std::uint64_t before = front_->bytes();
      front_->finish(Durable::kNo);
      spilled_bytes_ += front_->bytes() - before;
      front_.reset();
      return;
    }
    release();
    data::Batch batch;
    while (straight_.next(batch)) hold(batch);
  }

  std::filesystem::path new_path() {
    return scratch_.folder / (scratch_.name + "." + std::to_string(files_++));
  }

  template <typename Rows>
  std::filesystem::path write_run(Rows&& next_rows) {
    BlockWriter writer(new_path(), schema_, Compress::kZstd);
    data::Batch batch;
    while (next_rows(batch)) writer.write(batch);
    writer.finish(Durable::kNo);
    spilled_bytes_ += writer.bytes();
    return writer.path();
  }

  void spill() {
    if (held_.empty()) return;
    held_.sort();
    paths_.push_back(
        write_run([this](data::Batch& batch) { return held_.next(batch, kSpillBlockBytes); }));
    held_.clear();
    release();
  }

  /// The oldest runs become one, which takes their place: equal keys stay in the order they came.
  void merge_oldest() {
    const std::vector<std::filesystem::path> oldest(paths_.begin(),
                                                    paths_.begin() + kMaxMergedRuns);
    Merge merge(oldest, spec_);
    const auto merged = write_run([&merge, this](data::Batch& batch) {
      return merge.next(batch, schema_, kSpillBlockBytes);
    });
    for (const auto& path : oldest) remove(path);
    paths_.erase(paths_.begin(), paths_.begin() + kMaxMergedRuns);
    paths_.insert(paths_.begin(), merged);
  }

  SortSpec spec_;
  base::MemoryBudget& budget_;
  Scratch scratch_;
  bool in_order_ = true;  ///< all rows so far
  StraightRows straight_;
  std::unique_ptr<BlockWriter> front_;  ///< what came in order and had no room, in paths_ as well
  std::unique_ptr<BlockReader> front_reader_;
  HeldRows held_;
  bool holds_ = false;  ///< rows, in memory
  std::shared_ptr<const data::Schema> schema_;
  std::vector<std::filesystem::path> paths_;
  std::unique_ptr<Merge> merge_;
  std::uint64_t rows_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t held_bytes_ = 0;
  std::uint64_t spilled_bytes_ = 0;
  std::size_t files_ = 0;
};

RowSorter::RowSorter(SortSpec spec, base::MemoryBudget& budget, Scratch scratch)
    : runs_(std::make_unique<Runs>(std::move(spec), budget, std::move(scratch))) {}
RowSorter::~RowSorter() = default;
void RowSorter::add(const data::Batch& batch) {
  runs_->add(batch);
}
void RowSorter::finish() {
  runs_->finish();
}
bool RowSorter::next(data::Batch& batch) {
  return runs_->next(batch);
}
bool RowSorter::in_order() const {
  return runs_->in_order();
}
std::uint64_t RowSorter::rows() const {
  return runs_->rows();
}
std::uint64_t RowSorter::spilled_bytes() const {
  return runs_->spilled_bytes();
}

}  // namespace engine::state
