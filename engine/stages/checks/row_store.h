#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "stages/check.h"
#include "stages/checks/frame.h"
#include "state/block_file.h"
#include "state/row_sorter.h"

namespace engine::stages {

/// A place of its own in the run's scratch folder.
state::Scratch scratch_of(const CheckRuntime& runtime);

/// Numbers the rows that a check sees and remembers on disk what samples of them would show, for
/// checks that know only at the end which rows fail. Without a scratch folder, or when no samples
/// are wanted, it only numbers. Errors: E208, E505.
class RowStore {
 public:
  RowStore(const CheckFrame& frame, const CheckRuntime& runtime);
  ~RowStore();
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  /// Takes rows in the frame's layout; the number of the first one.
  std::uint64_t add(const data::Batch& batch);
  /// Samples of these rows (ascending numbers); after the last add().
  std::vector<Sample> samples(const std::vector<std::uint64_t>& ordinals);

 private:
  data::Batch narrowed(const data::Batch& batch) const;
  data::Batch widened(const data::Batch& stored) const;

  const CheckFrame& frame_;
  std::filesystem::path path_;
  std::vector<std::size_t> columns_;  ///< kept ones, in the frame's schema
  std::shared_ptr<const data::Schema> schema_;
  std::unique_ptr<state::BlockWriter> writer_;
  std::uint64_t rows_ = 0;
};

/// The lowest few of many numbers, so that samples do not depend on the order in which failures are
/// found.
class LowestOrdinals {
 public:
  explicit LowestOrdinals(int limit) : limit_(limit < 0 ? 0 : static_cast<std::size_t>(limit)) {}
  void add(std::uint64_t ordinal);
  /// Ascending.
  std::vector<std::uint64_t> take();

 private:
  std::size_t limit_;
  std::vector<std::uint64_t> heap_;
};

}  // namespace engine::stages
