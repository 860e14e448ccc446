#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>

#include "data/batch.h"
#include "stages/rows.h"

namespace engine::run {

/// Hands batches from one thread to another, bounded by bytes: `push` waits while the queue is
/// full, `next` while it is empty. `fail` ends the stream with an error that `next` throws after
/// the batches before it; `abandon` makes pushes return false at once, so that the producer ends.
class RowQueue : public stages::Rows {
 public:
  explicit RowQueue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// False when the consumer has gone.
  bool push(data::Batch batch);
  void finish();
  void fail(std::exception_ptr error);
  void abandon();
  bool next(data::Batch& batch) override;

 private:
  std::size_t max_bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<data::Batch> batches_;
  std::size_t bytes_ = 0;
  bool finished_ = false;
  bool abandoned_ = false;
  std::exception_ptr error_;
};

}  // namespace engine::run
