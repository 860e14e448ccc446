#pragma once

#include <atomic>
#include <cstdint>

namespace engine::base {

/// The ceiling of `run.memory`, shared by batches, key spools and id maps of one run. Thread safe.
/// A holder that is refused spills to disk; nobody blocks on it.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t limit) : limit_(limit) {}
  /// True when the bytes could be taken.
  bool try_take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);
  std::uint64_t limit() const { return limit_; }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
};

/// Peak resident set of this process in bytes, 0 where the system does not say.
std::uint64_t peak_resident_bytes();

}  // namespace engine::base
