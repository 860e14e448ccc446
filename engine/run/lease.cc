#include "run/lease.h"

#include <chrono>
#include <utility>

#include "base/error.h"

namespace engine::run {
namespace {

constexpr std::int64_t kLeaseUs = 60'000'000;
constexpr auto kRenewEvery = std::chrono::seconds(15);

}  // namespace

Lease::Lease(std::unique_ptr<connect::Connection> connection, const connect::RunIdentity& run)
    : connection_(std::move(connection)),
      ledger_(connection_->ledger()),
      lock_(ledger_->acquire(run, kLeaseUs)),
      thread_([this] { keep(); }) {}

Lease::~Lease() {
  stop_renewing();
  if (released_) return;
  try {
    ledger_->release(lock_);
  } catch (const base::Error&) {
    released_ = false;  // An error is on its way already; the lock ends with its lease.
  }
}

void Lease::release() {
  stop_renewing();
  released_ = true;
  ledger_->release(lock_);
}

void Lease::stop_renewing() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// A renewal that fails is no reason to end a run: only the fence inside a publish decides whether
// the lock is still ours.
void Lease::keep() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kRenewEvery, [this] { return ended_; })) {
    try {
      if (!ledger_->renew(lock_, kLeaseUs)) return;
    } catch (const base::Error& error) {
      if (error.fault() != base::Fault::kTransient) return;
    }
  }
}

}  // namespace engine::run
