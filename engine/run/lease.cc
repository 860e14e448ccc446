#include "run/lease.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <utility>

#include "base/clock.h"
#include "base/error.h"

namespace engine::run {
namespace {

/// ENGINE_TEST_LEASE_MS is for tests, which cannot wait so long for a lock to be free.
std::int64_t lease_us() noexcept {
  constexpr std::int64_t kMinuteUs = 60'000'000;
  const char* const shortened = std::getenv("ENGINE_TEST_LEASE_MS");
  const std::int64_t milliseconds = shortened == nullptr ? 0 : std::atoll(shortened);
  return milliseconds > 0 ? milliseconds * 1000 : kMinuteUs;
}

const std::int64_t kLeaseUs = lease_us();
const std::chrono::microseconds kRenewEvery(kLeaseUs / 4);
const std::chrono::microseconds kLookEvery(kLeaseUs / 60);
constexpr auto kAskAgainAfter = std::chrono::milliseconds(200);

}  // namespace

Lease::Lease(std::unique_ptr<connect::Connection> connection, const connect::RunIdentity& run,
             Stop& stop)
    : connection_(std::move(connection)),
      ledger_(connection_->ledger()),
      lock_(ledger_->acquire(run, kLeaseUs)),
      stop_(stop),
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

// A look or a renewal that fails is no reason to end a run: only the fence inside a publish decides
// whether the lock is still ours.
void Lease::keep() {
  std::unique_lock lock(mutex_);
  auto renewed = std::chrono::steady_clock::now();
  while (!wake_.wait_for(lock, kLookEvery, [this] { return ended_; })) {
    try {
      const auto now = std::chrono::steady_clock::now();
      const bool due = now - renewed >= kRenewEvery;
      if (due) renewed = now;
      if (!(due ? renew() : look())) return;
    } catch (const base::Error& error) {
      if (error.fault() != base::Fault::kTransient) return;
    }
  }
}

bool Lease::renew() {
  const auto renewed = ledger_->renew(lock_, kLeaseUs);
  if (renewed == connect::Ledger::Renewed::kAskedToStop) stop();
  return renewed != connect::Ledger::Renewed::kLost;
}

bool Lease::look() {
  const auto now = ledger_->lock();
  if (!now || now->epoch != lock_.epoch) return false;
  if (now->state == "stopping") stop();
  return true;
}

void Lease::stop() {
  if (!stop_.asked()) stop_.ask(SIGTERM);
}

namespace {

/// The lock, or nullptr while another run holds it and there is time left.
std::unique_ptr<Lease> try_to_take(Session& session, const std::string& connection,
                                   const connect::RunIdentity& run, Stop& stop,
                                   const Leases::Patience& patience, double deadline,
                                   bool& waited) {
  try {
    return std::make_unique<Lease>(session.second(connection), run, stop);
  } catch (const base::Error& error) {
    if (error.code() != "E501" || base::monotonic_seconds() >= deadline) throw;
    if (!waited && patience.waiting) patience.waiting(error);
  }
  waited = true;
  stop.check();
  std::this_thread::sleep_for(kAskAgainAfter);
  return nullptr;
}

}  // namespace

bool Leases::take(Session& session, const std::vector<std::string>& connections,
                  const connect::RunIdentity& run, Stop& stop, const Patience& patience) {
  const double deadline = base::monotonic_seconds() + static_cast<double>(patience.wait_us) / 1e6;
  std::map<std::string, std::string> connection_of;
  for (const std::string& connection : connections) {
    const std::string identity = session.target(connection).identity();
    targets_[connection] = identity;
    connection_of.emplace(identity, connection);
  }
  bool waited_at_all = false;
  std::map<std::string, std::unique_ptr<Lease>> taken;
  for (const auto& [identity, connection] : connection_of) {
    bool waited = false;
    auto& lease = taken[identity];
    while (!lease) {
      lease = try_to_take(session, connection, run, stop, patience, deadline, waited);
    }
    waited_at_all = waited_at_all || waited;
  }
  leases_ = std::move(taken);
  return waited_at_all;
}

void Leases::release() {
  std::exception_ptr first;
  for (auto& [identity, lease] : leases_) {
    try {
      lease->release();
    } catch (const base::Error&) {
      if (!first) first = std::current_exception();
    }
  }
  leases_.clear();
  if (first) std::rethrow_exception(first);
}

}  // namespace engine::run
