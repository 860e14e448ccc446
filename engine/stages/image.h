#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batch.h"

namespace engine::stages {

/// Sees rows of the image the target would have after the merge, in ascending order of key bytes
/// (in any order where rows are only appended): staged rows that are written, and target rows that
/// stay; deleted rows are not in it, softly deleted ones are, with their mark set. Columns are
/// those of the target's read (written columns first, in the same order), or the written ones where
/// there was no target row to read; of those, only ComparisonSpec::image_columns when it names
/// some. In columns that are not written, an inserted row has NULL and an updated one the target's
/// value.
using ImageObserver = std::function<void(const data::Batch& rows)>;

/// One row of the image: from the staged batch, the target's, or both (an updated row).
struct ImagePick {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::uint32_t staged = kNone;
  std::uint32_t target = kNone;
  bool marked = false;  ///< softly deleted
  bool gone() const { return staged == kNone && target == kNone; }
};

/// Puts the image together and hands it out; does nothing without observers. Batches of rows from
/// one side pass without a copy where all of them stay.
class Image {
 public:
  Image(std::vector<ImageObserver> observers, data::Schema written,
        std::vector<std::string> wanted);

  /// Of an updated row, only these written columns are the staged row's; empty: all.
  void set_updated(const std::vector<std::size_t>& columns);
  /// The column of soft deletes, and what it holds in marked rows (one row).
  void set_mark(std::size_t column, data::ColumnPtr value);

  bool watched() const { return !observers_.empty(); }
  /// The target's columns; called before the first rows, or never when there is no target row.
  void set_target_schema(const data::Schema& schema);

  void show_target(const data::Batch& target);
  void show_staged(const data::Batch& staged);
  void show(const data::Batch* staged, const data::Batch* target,
            const std::vector<ImagePick>& picks);

 private:
  struct Wanted {
    std::size_t column = 0;  ///< in the target's read
    bool written = false;
    bool updated = false;  ///< in an updated row too
  };
  struct Mark {
    std::size_t column = 0;
    data::ColumnPtr value;
  };
  void set_schema(const data::Schema& schema);
  bool is_updated(const std::string& column) const;
  void hand_out(std::vector<data::ColumnPtr> columns, std::size_t rows,
                std::vector<data::RowError> errors) const;
  std::vector<data::RowError> errors_of(const data::Batch* target,
                                        const std::vector<ImagePick>& picks) const;
  data::ColumnPtr pick_column(const Wanted& wanted, const data::Batch* staged,
                              const data::Batch* target, const std::vector<ImagePick>& picks) const;

  std::vector<ImageObserver> observers_;
  data::Schema written_;
  std::vector<std::size_t> updated_;
  std::optional<Mark> mark_;
  std::vector<std::string> names_;
  std::vector<Wanted> wanted_;
  std::shared_ptr<const data::Schema> schema_;
};

}  // namespace engine::stages
