#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "connect/connection.h"
#include "connect/ledger.h"
#include "run/session.h"
#include "run/stop.h"

namespace engine::run {

/// Holds the lock of one target for as long as it lives: takes it, renews its lease on a connection
/// and thread of its own, releases it (also by destruction, then without a word). A lease that
/// cannot be renewed because the target is busy is tried again; one that was taken over is lost,
/// and the fence of the next publish says so. Who asks through the lock row that the run should
/// stop is passed on to `stop`.
class Lease {
 public:
  /// kLocked E501 when another run holds it.
  Lease(std::unique_ptr<connect::Connection> connection, const connect::RunIdentity& run,
        Stop& stop);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  std::uint64_t epoch() const { return lock_.epoch; }
  connect::Ledger& ledger() { return *ledger_; }
  /// Gives the lock back; once. Throws what the target says; the lock then ends with its lease.
  void release();

 private:
  void keep();
  bool renew();  ///< false: the lock is lost
  bool look();   ///< likewise
  void stop();
  void stop_renewing();

  std::unique_ptr<connect::Connection> connection_;
  std::unique_ptr<connect::Ledger> ledger_;
  connect::LockRow lock_;
  Stop& stop_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  bool released_ = false;
  std::thread thread_;
};

/// The locks of all targets of a run.
class Leases {
 public:
  /// How long to wait for locks that others hold, and whom to tell that it waits, once a lock.
  struct Patience {
    std::int64_t wait_us = 0;
    std::function<void(const base::Error& held)> waiting;
  };

  /// Takes the locks of the targets of these connections, each target once, in an order that is the
  /// same for every plan. True when it had to wait: what was seen before may be old. kLocked E501
  /// when the patience ends, E509 when a stop was asked for; it holds nothing then.
  bool take(Session& session, const std::vector<std::string>& connections,
            const connect::RunIdentity& run, Stop& stop, const Patience& patience);
  Lease& of(const std::string& connection) { return *leases_.at(targets_.at(connection)); }
  const std::map<std::string, std::unique_ptr<Lease>>& all() const { return leases_; }
  /// Gives all back; the first error is thrown when all were tried.
  void release();

 private:
  std::map<std::string, std::string> targets_;            ///< identity by connection
  std::map<std::string, std::unique_ptr<Lease>> leases_;  ///< by identity of the target
};

}  // namespace engine::run
