#include "fault/interpose/faults.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>

namespace engine::testing {
namespace {

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

std::uint64_t number(const char* name) {
  return std::strtoull(setting(name).c_str(), nullptr, 10);
}

}  // namespace

Faults::Faults()
    : what_(setting("ENGINE_FAULT")),
      at_(number("ENGINE_FAULT_AT")),
      error_(static_cast<int>(number("ENGINE_FAULT_ERRNO"))),
      seconds_(std::strtoll(setting("ENGINE_FAULT_SECONDS").c_str(), nullptr, 10)),
      lasting_(!setting("ENGINE_FAULT_LASTING").empty()),
      opens_(!setting("ENGINE_FAULT_OPENS").empty()) {
  const std::string trace = setting("ENGINE_FAULT_TRACE");
  if (!trace.empty()) {
    trace_ = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, trace.c_str(),
                                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  }
  if (what_ != "lose") return;
  std::optional<std::uint64_t> seed;
  if (!setting("ENGINE_FAULT_SEED").empty()) seed = number("ENGINE_FAULT_SEED");
  unsynced_ = std::make_unique<Unsynced>(setting("ENGINE_FAULT_STASH"), seed);
}

int Faults::before(const Call& call) {
  ++count_;
  if (trace_ >= 0) trace(call);
  if (what_ == "fail") {
    const bool still = lasting_ && count_ > at_ && (opens_ || call.takes_space());
    // A full disk says so where space is taken, and at a sync where it is taken late.
    const bool can = error_ != ENOSPC || call.takes_space() || call.kind == Call::Kind::kSync ||
                     call.kind == Call::Kind::kSyncAll;
    return (count_ == at_ && can) || still ? error_ : 0;
  }
  if (what_ == "jump") {
    if (count_ == at_) jumped_ = seconds_;
    return 0;
  }
  if (count_ == at_ && unsynced_) unsynced_->take_back();
  if (count_ == at_ && !what_.empty()) die();
  if (unsynced_) unsynced_->note(call);
  return 0;
}

void Faults::end() {
  if (unsynced_ && at_ == 0) unsynced_->take_back();
}

void Faults::trace(const Call& call) const {
  std::string file = call.path;
  if (call.descriptor >= 0) {
    char name[4096] = {};
    const std::string link = "/proc/self/fd/" + std::to_string(call.descriptor);
    const ssize_t size = ::readlink(link.c_str(), name, sizeof(name) - 1);
    if (size > 0) file.assign(name, static_cast<std::size_t>(size));
  }
  const std::string line = std::to_string(count_) + " " + call.name + " " + file + "\n";
  ::syscall(SYS_write, trace_, line.data(), line.size());
}

void Faults::die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

Faults& faults() {
  static Faults* const only = new Faults();
  return *only;
}

}  // namespace engine::testing
