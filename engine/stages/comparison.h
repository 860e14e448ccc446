#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connect/write.h"
#include "data/batch.h"
#include "plan/model.h"
#include "stages/image.h"
#include "stages/rows.h"

namespace engine::stages {

struct ComparisonSpec {
  data::Schema written;          ///< leading columns of the staged rows
  std::vector<std::size_t> key;  ///< positions in `written`; empty: rows are told apart by nothing
  plan::MergeMode mode = plan::MergeMode::kUpsert;
  plan::WhenMatched when_matched = plan::WhenMatched::kUpdate;
  bool write_unchanged = false;
  struct Order {
    std::size_t column = 0;  ///< position in the staged rows (written + carried)
    bool descending = false;
  };
  std::vector<Order> dedupe;             ///< empty: equal keys are an error
  std::optional<std::size_t> newest_by;  ///< in `written`; kNewest: a larger value is newer
  std::vector<std::size_t> updated;      ///< in `written`: what an update may change; empty: all
  std::optional<std::size_t> deleted;    ///< carried bool: true asks for a delete
  std::optional<std::size_t> mark;       ///< in `written`: deletes are soft, and set this column
  std::int64_t marked_us = 0;            ///< to this time
  /// Rows have no key: `key` is all of `written`, and equal rows of both sides match one to one.
  bool by_content = false;
  /// Nothing is deleted, whatever the mode: what is staged is not all there is. Rows that ask for
  /// a delete and are there count as kept.
  bool partial = false;
  std::vector<std::string> masked;  ///< columns whose values messages do not show
  /// What the image observers look at, by name; empty: all columns. Naming few makes a merge
  /// cheaper.
  std::vector<std::string> image_columns;
  /// Of a target that is not read.
  std::int64_t target_rows = 0;
  InOrder staged_order = InOrder::kSure;

  /// The column is part of the key that the plan names.
  bool in_key(std::size_t column) const {
    return !by_content && std::find(key.begin(), key.end(), column) != key.end();
  }
  /// Rows that the target alone has are removed.
  bool mirrors() const {
    return !partial && (mode == plan::MergeMode::kMirror || mode == plan::MergeMode::kReplace);
  }
};

/// read = inserted + updated + same + deleted + absent + deduped + kept + unmatched (+ filtered +
/// rejected, counted by the transform).
struct ComparisonCounts {
  std::int64_t staged = 0;  ///< rows that came in
  std::int64_t inserted = 0, updated = 0, same = 0;
  std::int64_t kept = 0;           ///< the key was there, and its row stays as it is
  std::int64_t unmatched = 0;      ///< mode update: the key was not there
  std::int64_t deleted = 0;        ///< asked for a delete, and was there
  std::int64_t absent = 0;         ///< asked for a delete, and was not there
  std::int64_t deduped = 0;        ///< lost to another row of the same key
  std::int64_t removed = 0;        ///< of the target alone; outside of the sum above
  bool soft = false;               ///< deleted and removed rows stay, marked
  std::int64_t target_before = 0;  ///< rows of the target
  std::int64_t image() const { return target_before + inserted - (soft ? 0 : deleted + removed); }
  std::int64_t null_keys = 0, duplicate_keys = 0;  ///< errors E401, E402
  std::vector<std::string> key_errors;             ///< texts of the first twenty of them
};

/// Compares staged rows with the target's by one ordered pass over both, and is itself the stream
/// of changes: each batch holds either rows for Publisher::apply or rows for Publisher::remove.
/// Mode append matches nothing: the target's rows are only shown to the observers. Both streams
/// come in ascending order of key bytes (verified; base::bug otherwise, RowsOutOfOrder where the
/// staged rows' order is hoped for); a key that stands twice in
/// the target, or that does not conform to its column there, is an error of the data (E308, E403);
/// equal keys of staged rows are adjacent and, with dedupe, the best row comes first. Cells compare
/// by data::cells_equal; a target row with a row error is different. After the last batch
/// `counts()` is complete. A NULL or duplicate key does not end the stream: the rows are left out
/// and counted, so that all of them can be reported; the caller must not publish then.
class Comparison : public connect::Changes {
 public:
  /// `target` is nullptr for an empty or missing table.
  Comparison(ComparisonSpec spec, Rows& staged, Rows* target, std::vector<ImageObserver> image);
  ~Comparison() override;
  bool next(connect::ChangeBatch& batch) override;
  const ComparisonCounts& counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace engine::stages
