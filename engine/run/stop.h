#pragma once

#include <atomic>
#include <string>

namespace engine::run {

/// Asks a run to end: a signal handler stores the signal's number, stages look between two batches.
/// Safe to set from a handler.
class Stop {
 public:
  void ask(int signal) { signal_.store(signal, std::memory_order_relaxed); }
  int signal() const { return signal_.load(std::memory_order_relaxed); }
  bool asked() const { return signal() != 0; }
  /// Throws kState E509 naming the signal when a stop was asked for.
  void check() const;

 private:
  std::atomic<int> signal_{0};
};

}  // namespace engine::run
