#pragma once

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
  data::Schema written;                             ///< leading columns of the staged rows
  std::vector<std::size_t> key;                     ///< positions in `written`
  plan::MergeMode mode = plan::MergeMode::kUpsert;  ///< kUpsert or kInsert in this version
  bool write_unchanged = false;
  struct Order {
    std::size_t column = 0;  ///< position in the staged rows (written + carried)
    bool descending = false;
  };
  std::vector<Order> dedupe;        ///< empty: equal keys are an error
  std::vector<std::string> masked;  ///< columns whose values messages do not show
  /// What the image observers look at, by name; empty: all columns. Naming few makes a merge
  /// cheaper.
  std::vector<std::string> image_columns;
};

/// read = inserted + updated + same + deduped + kept (+ filtered + rejected, counted by the
/// transform).
struct ComparisonCounts {
  std::int64_t staged = 0;  ///< rows that came in
  std::int64_t inserted = 0, updated = 0, same = 0;
  std::int64_t kept = 0;           ///< mode insert: the key was there already
  std::int64_t deduped = 0;        ///< lost to another row of the same key
  std::int64_t target_before = 0;  ///< rows of the target
  std::int64_t image() const { return target_before + inserted; }
  std::int64_t null_keys = 0, duplicate_keys = 0;  ///< errors E401, E402
  std::vector<std::string> key_errors;             ///< texts of the first twenty of them
};

/// Compares staged rows with the target's by one ordered pass over both, and is itself the stream
/// of changes. Both streams come in ascending order of key bytes (verified; base::bug otherwise); a
/// key that stands twice in the target, or that does not conform to its column there, is an error
/// of the data (E308, E403); equal keys of staged rows are adjacent and, with dedupe, the best row
/// comes first. Cells compare by data::cells_equal; a target row with a row error is different.
/// After the last batch `counts()` is complete. A NULL or duplicate key does not end the stream:
/// the rows are left out and counted, so that all of them can be reported; the caller must not
/// publish then.
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
