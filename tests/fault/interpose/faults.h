#pragma once

#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>

#include "fault/interpose/call.h"
#include "fault/interpose/unsynced.h"

namespace engine::testing {

/// Counts the calls of this process and lets one of them go wrong, as the environment says:
///   ENGINE_FAULT         kill (before the call), lose (kill, and all that was not synced is gone),
///                        fail (the call fails), jump (from the call on the clock on the wall
///                        is another); nothing else: calls are counted only
///   ENGINE_FAULT_AT      which call, from 1; lose without it: the power goes after the last one
///   ENGINE_FAULT_ERRNO   fail: the number of the error
///   ENGINE_FAULT_SECONDS jump: by how many, forward or back
///   ENGINE_FAULT_LASTING fail: from there on every call that takes space fails
///   ENGINE_FAULT_OPENS   the calls that are counted are those that open a file, and no others
///   ENGINE_FAULT_STASH   lose: a folder on the same file system
///   ENGINE_FAULT_SEED    lose: only some files and folders lose what was not synced
///   ENGINE_FAULT_TRACE   a file that gets a line for each call
class Faults {
 public:
  Faults();
  /// The disk is full from here on.
  bool is_full() const { return what_ == "fail" && lasting_ && error_ == ENOSPC && count_ >= at_; }
  /// How far the clock on the wall is ahead of the true one, in seconds.
  std::int64_t jumped() const { return jumped_; }
  /// At the end of the process.
  void end();

  /// Makes the call, unless it is the one.
  template <typename Real>
  auto make(const Call& call, const Real& real) -> decltype(real()) {
    if ((call.kind == Call::Kind::kOpen) != opens_) return real();
    const int former = errno;
    ::pthread_mutex_lock(&mutex_);
    decltype(real()) result = -1;
    errno = before(call);
    if (errno == 0) result = real();
    const int problem = result < 0 ? errno : former;
    if (unsynced_ && result >= 0) unsynced_->keep();
    ::pthread_mutex_unlock(&mutex_);
    errno = problem;
    return result;
  }

 private:
  /// 0: go on; else the number of the error with which the call fails. Dies where it shall.
  int before(const Call& call);
  void trace(const Call& call) const;
  [[noreturn]] static void die();

  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  std::string what_;
  std::uint64_t at_ = 0;
  std::uint64_t count_ = 0;
  int error_ = 0;
  std::int64_t seconds_ = 0;
  std::atomic<std::int64_t> jumped_ = 0;
  bool lasting_ = false;
  bool opens_ = false;
  int trace_ = -1;
  std::unique_ptr<Unsynced> unsynced_;
};

/// The one of the process; lives to its end.
Faults& faults();

}  // namespace engine::testing
