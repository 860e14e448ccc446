#include "state/key_table.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace engine::state {
namespace {

constexpr base::Hash128 kFree;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Zeroed. Look-ups go everywhere: with pages of the usual size most of them miss the processor's
/// table of pages as well.
base::Hash128* make_slots(std::size_t bytes) {
  const std::size_t alignment = bytes < kHugePage ? alignof(std::max_align_t) : kHugePage;
  const std::size_t size = (bytes + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, size);
  if (memory == nullptr) throw std::bad_alloc();
  if (alignment == kHugePage) ::madvise(memory, size, MADV_HUGEPAGE);  // a wish, may be refused
  std::memset(memory, 0, size);
  return static_cast<base::Hash128*>(memory);
}

}  // namespace

void KeyTable::Free::operator()(base::Hash128* slots) const {
  std::free(slots);
}

std::unique_ptr<KeyTable> KeyTable::of(const KeySpool& spool, base::MemoryBudget& budget) {
  // Two thirds full, so that a search ends after a slot or two.
  const std::uint64_t slots = spool.size() + spool.size() / 2 + 16;
  const std::uint64_t bytes = slots * sizeof(base::Hash128);
  if (!budget.try_take(bytes)) return nullptr;
  std::unique_ptr<KeyTable> table(new KeyTable(budget, bytes));
  table->count_ = slots;
  table->slots_.reset(make_slots(bytes));
  spool.for_each([&table](const base::Hash128& key) { table->insert(key); });
  return table;
}

KeyTable::~KeyTable() {
  budget_.give_back(bytes_);
}

void KeyTable::insert(const base::Hash128& key) {
  if (key == kFree) {
    has_zero_ = true;
    return;
  }
  std::size_t at = home(key);
  while (slots_[at] != kFree) {
    if (slots_[at] == key) return;
    at = after(at);
  }
  slots_[at] = key;
}

bool KeyTable::has(const base::Hash128& key) const {
  if (key == kFree) return has_zero_;
  std::size_t at = home(key);
  while (slots_[at] != kFree) {
    if (slots_[at] == key) return true;
    at = after(at);
  }
  return false;
}

void KeyTable::look_up(std::span<const base::Hash128> keys,
                       std::vector<std::uint8_t>& found) const {
  constexpr std::size_t kAhead = 32;
  found.resize(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + kAhead < keys.size()) __builtin_prefetch(&slots_[home(keys[i + kAhead])]);
    found[i] = has(keys[i]) ? 1 : 0;
  }
}

}  // namespace engine::state
