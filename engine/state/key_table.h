#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/digest.h"
#include "base/memory.h"
#include "state/key_spool.h"

namespace engine::state {

/// The keys of a finished spool as a hash table in memory, for rows that look up their parents
/// while they pass. Immutable; any number of threads may ask.
class KeyTable {
 public:
  /// nullptr when the budget has no room for it: the caller compares spools instead.
  static std::unique_ptr<KeyTable> of(const KeySpool& spool, base::MemoryBudget& budget);
  ~KeyTable();
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  /// Sets found[i] to 1 or 0 for each key. The keys of a batch at once, so that the memory they
  /// stand in is fetched side by side.
  void look_up(std::span<const base::Hash128> keys, std::vector<std::uint8_t>& found) const;

 private:
  KeyTable(base::MemoryBudget& budget, std::uint64_t bytes) : budget_(budget), bytes_(bytes) {}
  void insert(const base::Hash128& key);
  std::size_t home(const base::Hash128& key) const {
    return static_cast<std::size_t>(key.low) & mask_;
  }
  bool has(const base::Hash128& key) const;

  base::MemoryBudget& budget_;
  std::uint64_t bytes_;
  std::size_t mask_ = 0;
  std::vector<base::Hash128> slots_;  ///< all zero: free
  bool has_zero_ = false;             ///< the one key that looks like a free slot
};

}  // namespace engine::state
