#include "base/memory.h"

#include <fstream>
#include <string>

#include "base/error.h"

namespace engine::base {

bool MemoryBudget::try_take(std::uint64_t bytes) {
  auto used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ || used > limit_ - bytes) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

void MemoryBudget::give_back(std::uint64_t bytes) {
  const auto before = used_.fetch_sub(bytes, std::memory_order_relaxed);
  if (before < bytes) bug("more memory given back than was taken");
}

// VmHWM and not getrusage: the latter keeps the peak of the process image before exec.
std::uint64_t peak_resident_bytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::uint64_t kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

}  // namespace engine::base
