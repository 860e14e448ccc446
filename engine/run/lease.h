#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "connect/connection.h"
#include "connect/ledger.h"

namespace engine::run {

/// Holds the lock of one target for as long as it lives: takes it, renews its lease on a connection
/// and thread of its own, releases it (also by destruction, then without a word). A lease that
/// cannot be renewed because the target is busy is tried again; one that was taken over is lost,
/// and the fence of the next publish says so.
class Lease {
 public:
  /// kLocked E501 when another run holds it.
  Lease(std::unique_ptr<connect::Connection> connection, const connect::RunIdentity& run);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  std::uint64_t epoch() const { return lock_.epoch; }
  connect::Ledger& ledger() { return *ledger_; }
  /// Gives the lock back; once. Throws what the target says; the lock then ends with its lease.
  void release();

 private:
  void keep();
  void stop_renewing();

  std::unique_ptr<connect::Connection> connection_;
  std::unique_ptr<connect::Ledger> ledger_;
  connect::LockRow lock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  bool released_ = false;
  std::thread thread_;
};

}  // namespace engine::run
