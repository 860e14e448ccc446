#include "state/key_spool.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "state/wire.h"

namespace engine::state {
namespace {

/// Held whatever the budget says, so that a spool can always go on.
constexpr std::uint64_t kFloorBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kRecordBytes = sizeof(KeyRecord);
static_assert(sizeof(KeyRecord) == 24);

std::string_view bytes_of(std::span<const KeyRecord> records) {
  return {reinterpret_cast<const char*>(records.data()), records.size_bytes()};
}

/// Goes through two sorted parts side by side: is a hash in the second?
class Cursor {
 public:
  explicit Cursor(std::span<const KeyRecord> records) : records_(records) {}
  /// Asked for ascending hashes only.
  bool has(const base::Hash128& hash) {
    while (at_ < records_.size() && records_[at_].hash < hash) ++at_;
    return at_ < records_.size() && records_[at_].hash == hash;
  }

 private:
  std::span<const KeyRecord> records_;
  std::size_t at_ = 0;
};

}  // namespace

KeySpool::KeySpool(base::MemoryBudget& budget, Scratch scratch)
    : budget_(budget), scratch_(std::move(scratch)) {}

KeySpool::~KeySpool() {
  budget_.give_back(taken_);
  for (const auto& spill : spills_) {
    std::error_code ignored;  // the scratch folder goes with the run, whatever is left in it
    std::filesystem::remove(spill.file->path(), ignored);
  }
}

void KeySpool::add(const base::Hash128& hash, std::uint64_t ordinal) {
  if (records_.size() == records_.capacity()) make_room();
  records_.push_back({hash, ordinal});
  ++size_;
}

bool KeySpool::take(std::uint64_t bytes) {
  if (!budget_.try_take(bytes)) return false;
  taken_ += bytes;
  return true;
}

void KeySpool::make_room() {
  const std::uint64_t held = records_.capacity() * kRecordBytes;
  if (held == 0) {
    take(kFloorBytes);
    records_.reserve(kFloorBytes / kRecordBytes);
    return;
  }
  if (held * 2 <= scratch_.max_memory && take(held)) {
    records_.reserve(records_.capacity() * 2);
    return;
  }
  spill();
}

void KeySpool::order_by_part(std::array<std::uint64_t, kParts + 1>& begin) {
  begin.fill(0);
  for (const auto& record : records_) ++begin[part_of(record.hash) + 1];
  for (std::size_t i = 0; i < kParts; ++i) begin[i + 1] += begin[i];
  // In place ("American flag"): every record is swapped straight to its part.
  auto next = begin;
  for (std::size_t part = 0; part < kParts; ++part) {
    while (next[part] < begin[part + 1]) {
      auto& record = records_[next[part]];
      const std::size_t home = part_of(record.hash);
      if (home == part) {
        ++next[part];
      } else {
        std::swap(record, records_[next[home]++]);
      }
    }
  }
}

void KeySpool::spill() {
  if (records_.empty()) return;
  Spill spill;
  order_by_part(spill.begin);
  const std::span<const KeyRecord> all(records_);
  const auto path = scratch_.folder / (scratch_.name + "." + std::to_string(spills_.size()));
  base::OutputFile file(path);
  for (std::size_t i = 0; i < kParts; ++i) {
    const auto bytes = bytes_of(all.subspan(spill.begin[i], spill.begin[i + 1] - spill.begin[i]));
    spill.digest[i] = base::hash128(bytes);
    file.write(bytes);
  }
  file.flush();
  spill.file = std::make_unique<ReadOnlyFile>(path);
  spills_.push_back(std::move(spill));
  records_.clear();
}

void KeySpool::finish() {
  if (!spills_.empty()) {
    spill();
    records_ = {};
    budget_.give_back(std::exchange(taken_, 0));
    return;
  }
  order_by_part(begin_);
  for (std::size_t i = 0; i < kParts; ++i) {
    std::sort(records_.begin() + static_cast<std::ptrdiff_t>(begin_[i]),
              records_.begin() + static_cast<std::ptrdiff_t>(begin_[i + 1]));
  }
}

std::span<const KeyRecord> KeySpool::part(std::size_t number,
                                          std::vector<KeyRecord>& loaded) const {
  if (spills_.empty()) {
    return std::span(records_).subspan(begin_[number], begin_[number + 1] - begin_[number]);
  }
  loaded.clear();
  for (const auto& spill : spills_) {
    const std::uint64_t count = spill.begin[number + 1] - spill.begin[number];
    const std::size_t from = loaded.size();
    loaded.resize(from + count);
    const auto fresh = std::span(loaded).subspan(from);
    spill.file->read_at(spill.begin[number] * kRecordBytes, reinterpret_cast<char*>(fresh.data()),
                        fresh.size_bytes());
    if (base::hash128(bytes_of(fresh)) != spill.digest[number]) {
      throw_broken(spill.file->path(), "the digest of its keys differs");
    }
  }
  std::sort(loaded.begin(), loaded.end());
  return loaded;
}

void KeySpool::duplicates(const OnDuplicate& on_duplicate) const {
  std::vector<KeyRecord> loaded;
  for (std::size_t number = 0; number < kParts; ++number) {
    const auto records = part(number, loaded);
    std::size_t first = 0;
    for (std::size_t i = 1; i < records.size(); ++i) {
      if (records[i].hash == records[first].hash) {
        on_duplicate(records[first].ordinal, records[i].ordinal, records[i].hash);
      } else {
        first = i;
      }
    }
  }
}

void KeySpool::missing_in(std::span<const KeySpool* const> parents,
                          const OnMissing& on_missing) const {
  std::vector<KeyRecord> loaded;
  std::vector<std::vector<KeyRecord>> loaded_parents(parents.size());
  for (std::size_t number = 0; number < kParts; ++number) {
    const auto records = part(number, loaded);
    if (records.empty()) continue;
    std::vector<Cursor> cursors;
    for (std::size_t i = 0; i < parents.size(); ++i) {
      cursors.emplace_back(parents[i]->part(number, loaded_parents[i]));
    }
    for (const auto& record : records) {
      const bool held = std::any_of(cursors.begin(), cursors.end(),
                                    [&record](Cursor& cursor) { return cursor.has(record.hash); });
      if (!held) on_missing(record.ordinal);
    }
  }
}

void KeySpool::missing_in(const KeySpool& parent, const OnMissing& on_missing) const {
  const std::array<const KeySpool*, 1> parents = {&parent};
  missing_in(parents, on_missing);
}

bool KeySpool::contains(const base::Hash128& hash) const {
  std::vector<KeyRecord> loaded;
  const auto records = part(part_of(hash), loaded);
  const auto at = std::lower_bound(
      records.begin(), records.end(), hash,
      [](const KeyRecord& record, const base::Hash128& wanted) { return record.hash < wanted; });
  return at != records.end() && at->hash == hash;
}

void KeySpool::for_each(const std::function<void(const base::Hash128& hash)>& visit) const {
  std::vector<KeyRecord> loaded;
  for (std::size_t number = 0; number < kParts; ++number) {
    for (const KeyRecord& record : part(number, loaded)) visit(record.hash);
  }
}

std::uint64_t KeySpool::spilled_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& spill : spills_) bytes += spill.file->size();
  return bytes;
}

}  // namespace engine::state
