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
  /// Rises with the key: spools give keys nearly in order, and the table is filled from front to
  /// back.
  std::size_t home(const base::Hash128& key) const {
    __extension__ typedef unsigned __int128 Wide;
    return static_cast<std::size_t>((static_cast<Wide>(key.high) * count_) >> 64);
  }
  std::size_t after(std::size_t slot) const { return slot + 1 == count_ ? 0 : slot + 1; }
  bool has(const base::Hash128& key) const;

  base::MemoryBudget& budget_;
  std::uint64_t bytes_;
  std::uint64_t count_ = 0;  ///< of slots
  struct Free {
    void operator()(base::Hash128* slots) const;
  };
  std::unique_ptr<base::Hash128[], Free> slots_;  ///< all zero: free
  bool has_zero_ = false;                         ///< the one key that looks like a free slot
};

}  // namespace engine::state
