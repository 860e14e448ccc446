#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/memory.h"
#include "state/read_only_file.h"
#include "state/row_sorter.h"

namespace engine::state {

/// A key as a spool holds it: the hash of its bytes and the number of its row. 24 bytes.
struct KeyRecord {
  base::Hash128 hash;
  std::uint64_t ordinal = 0;
  auto operator<=>(const KeyRecord&) const = default;
};

/// An exact multiset of keys (exact as far as XXH3-128 tells keys apart) that any number of rows
/// fits in: what memory cannot hold goes to the scratch folder, cut into kParts ranges of the hash
/// so that each range is sorted and compared by itself. One thread adds and finishes; from then on
/// the spool is read-only and any number of threads may ask. Answers come in the order of hashes.
/// Errors: E208, E505 of the scratch folder, E503 when a scratch file is damaged.
class KeySpool {
 public:
  KeySpool(base::MemoryBudget& budget, Scratch scratch);
  ~KeySpool();
  KeySpool(const KeySpool&) = delete;
  KeySpool& operator=(const KeySpool&) = delete;

  void add(const base::Hash128& hash, std::uint64_t ordinal);
  void finish();

  /// Keys added, repeats included.
  std::uint64_t size() const { return size_; }

  /// For each key that came again: the lowest ordinal, and each other one in ascending order.
  using OnDuplicate =
      std::function<void(std::uint64_t first, std::uint64_t other, const base::Hash128& hash)>;
  void duplicates(const OnDuplicate& on_duplicate) const;

  /// The ordinals of the keys that none of `parents` holds (all of them finished).
  using OnMissing = std::function<void(std::uint64_t ordinal)>;
  void missing_in(std::span<const KeySpool* const> parents, const OnMissing& on_missing) const;
  void missing_in(const KeySpool& parent, const OnMissing& on_missing) const;

  bool contains(const base::Hash128& hash) const;

  /// Every key, repeats included, in the order of hashes.
  void for_each(const std::function<void(const base::Hash128& hash)>& visit) const;

  std::uint64_t spilled_bytes() const;

 private:
  static constexpr std::size_t kPartBits = 10;
  static constexpr std::size_t kParts = std::size_t{1} << kPartBits;
  static std::size_t part_of(const base::Hash128& hash) {
    return static_cast<std::size_t>(hash.high >> (64 - kPartBits));
  }

  /// One spilled buffer: its records ordered by part, with the digest of each part.
  struct Spill {
    std::unique_ptr<ReadOnlyFile> file;
    std::array<std::uint64_t, kParts + 1> begin{};
    std::array<base::Hash128, kParts> digest{};
  };

  void make_room();
  bool take(std::uint64_t bytes);
  void spill();
  void order_by_part(std::array<std::uint64_t, kParts + 1>& begin);
  /// The sorted records of one part; `loaded` holds them when they were not in memory.
  std::span<const KeyRecord> part(std::size_t number, std::vector<KeyRecord>& loaded) const;

  base::MemoryBudget& budget_;
  Scratch scratch_;
  std::vector<KeyRecord> records_;
  std::uint64_t taken_ = 0;
  std::uint64_t size_ = 0;
  std::vector<Spill> spills_;
  std::array<std::uint64_t, kParts + 1> begin_{};  ///< of records_, when all are in memory
};

}  // namespace engine::state
