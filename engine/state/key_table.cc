#include "state/key_table.h"

#include <bit>

namespace engine::state {
namespace {

constexpr base::Hash128 kFree;

}  // namespace

std::unique_ptr<KeyTable> KeyTable::of(const KeySpool& spool, base::MemoryBudget& budget) {
  // At most two thirds full, so that a search ends after a slot or two.
  const std::uint64_t slots = std::bit_ceil(spool.size() + spool.size() / 2 + 16);
  const std::uint64_t bytes = slots * sizeof(base::Hash128);
  if (!budget.try_take(bytes)) return nullptr;
  std::unique_ptr<KeyTable> table(new KeyTable(budget, bytes));
  table->mask_ = slots - 1;
  table->slots_.resize(slots);
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
    at = (at + 1) & mask_;
  }
  slots_[at] = key;
}

bool KeyTable::has(const base::Hash128& key) const {
  if (key == kFree) return has_zero_;
  std::size_t at = home(key);
  while (slots_[at] != kFree) {
    if (slots_[at] == key) return true;
    at = (at + 1) & mask_;
  }
  return false;
}

void KeyTable::look_up(std::span<const base::Hash128> keys,
                       std::vector<std::uint8_t>& found) const {
  constexpr std::size_t kAhead = 12;
  found.resize(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + kAhead < keys.size()) __builtin_prefetch(&slots_[home(keys[i + kAhead])]);
    found[i] = has(keys[i]) ? 1 : 0;
  }
}

}  // namespace engine::state
