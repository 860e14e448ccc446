#include "run/row_queue.h"

#include <csignal>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "run/stop.h"

namespace engine::run {

void Stop::check() const {
  if (!asked()) return;
  throw base::Error(base::Fault::kState, "E509",
                    std::string("stopped by signal ") + strsignal(signal()),
                    "nothing is lost: run the same command again");
}

bool RowQueue::push(data::Batch batch) {
  const std::size_t bytes = batch.footprint();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return abandoned_ || bytes_ == 0 || bytes_ + bytes <= max_bytes_; });
  if (abandoned_) return false;
  bytes_ += bytes;
  batches_.push_back(std::move(batch));
  changed_.notify_all();
  return true;
}

void RowQueue::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

void RowQueue::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
  finished_ = true;
  changed_.notify_all();
}

void RowQueue::abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  batches_.clear();
  bytes_ = 0;
  changed_.notify_all();
}

bool RowQueue::next(data::Batch& batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !batches_.empty() || finished_; });
  if (batches_.empty()) {
    if (error_) std::rethrow_exception(error_);
    return false;
  }
  batch = std::move(batches_.front());
  batches_.pop_front();
  bytes_ -= batch.footprint();
  changed_.notify_all();
  return true;
}

}  // namespace engine::run
