#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "connect/write.h"

namespace engine::connect {

/// One undone change. `key` and `before` are in the connector's own wire form; `before` is empty
/// for an insert; `after` is the hash of the row as the target held it right after the change (zero
/// for a delete).
struct UndoRecord {
  Op op = Op::kInsert;
  std::string key;
  std::string before;
  base::Hash128 after;
};

/// Undo rows are stored in blocks. Layout, version 1, all integers little-endian:
///   bytes 0..3   "EUB1"
///   u32          number of records
///   u64          length of the payload before compression
///   u64 u64      XXH3-128 (low, high) of the payload before compression
///   ...          the payload, one Zstandard frame
/// Payload: per record u8 op, u32 key length, key, u32 before length, before, u64 u64 after (low,
/// high).
std::string encode_undo_block(const std::vector<UndoRecord>& records);

/// The same block written record by record, without a vector in between: the hot path of a publish.
/// One thread.
class UndoBlockWriter {
 public:
  void add(Op op, std::string_view key, std::string_view before, const base::Hash128& after);
  std::uint32_t records() const { return records_; }
  std::size_t payload_bytes() const { return payload_.size(); }
  /// The block; the writer is empty afterwards and keeps its memory.
  std::string finish();

 private:
  std::string payload_;
  std::uint32_t records_ = 0;
};

/// Throws E503 when magic, version, length or digest is wrong.
std::vector<UndoRecord> decode_undo_block(std::string_view block);

}  // namespace engine::connect
