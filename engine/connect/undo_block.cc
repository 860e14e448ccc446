#include "connect/undo_block.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace engine::connect {
namespace {

constexpr char kMagic[4] = {'E', 'U', 'B', '1'};
constexpr std::size_t kHeaderBytes = 4 + 4 + 8 + 16;
/// Keys and hashes shrink little at any level; a fast one keeps the publish fast.
constexpr int kLevel = -3;
/// A block holds about one batch; anything near this is no block of ours.
constexpr std::uint64_t kMaxPayload = std::uint64_t{1} << 31;

template <typename T>
void put(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

[[noreturn]] void throw_broken(const std::string& what) {
  throw base::Error(base::Fault::kState, "E503", "an undo block is broken: " + what,
                    "the undo of this run cannot be trusted; restore the rows from a backup");
}

/// Reads little-endian values off the front of a text; running out of it is a broken block.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T get() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) throw_broken("it ends too early");
    const auto part = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return part;
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

base::Hash128 get_hash(Cursor& cursor) {
  base::Hash128 hash;
  hash.low = cursor.get<std::uint64_t>();
  hash.high = cursor.get<std::uint64_t>();
  return hash;
}

void put_hash(std::string& out, const base::Hash128& hash) {
  put(out, hash.low);
  put(out, hash.high);
}

/// Of a record: operation, two lengths, hash.
constexpr std::size_t kRecordBytes = 1 + 4 + 4 + 16;

char* put_sized(char* at, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(at, &size, sizeof(size));
  std::copy(bytes.begin(), bytes.end(), at + sizeof(size));
  return at + sizeof(size) + bytes.size();
}

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

/// Appends one frame. The context is kept: making one costs more than a small block.
void append_compressed(std::string& out, std::string_view payload) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  const std::size_t start = out.size();
  out.resize(start + ZSTD_compressBound(payload.size()));
  const std::size_t size = ZSTD_compressCCtx(context.get(), out.data() + start, out.size() - start,
                                             payload.data(), payload.size(), kLevel);
  if (ZSTD_isError(size) != 0) base::bug(ZSTD_getErrorName(size));
  out.resize(start + size);
}

std::string decompressed(std::string_view frame, std::uint64_t size) {
  if (size > kMaxPayload) throw_broken("its length is out of range");
  std::string payload(size, '\0');
  const std::size_t got = ZSTD_decompress(payload.data(), size, frame.data(), frame.size());
  if (ZSTD_isError(got) != 0 || got != size) throw_broken("it does not decompress");
  return payload;
}

UndoRecord get_record(Cursor& cursor) {
  UndoRecord record;
  const auto op = cursor.get<std::uint8_t>();
  if (op < 1 || op > 3) throw_broken("unknown operation");
  record.op = static_cast<Op>(op);
  record.key = cursor.take(cursor.get<std::uint32_t>());
  record.before = cursor.take(cursor.get<std::uint32_t>());
  record.after = get_hash(cursor);
  return record;
}

}  // namespace

void UndoBlockWriter::add(Op op, std::string_view key, std::string_view before,
                          const base::Hash128& after) {
  const std::size_t start = payload_.size();
  payload_.resize(start + kRecordBytes + key.size() + before.size());
  char* at = payload_.data() + start;
  *at++ = static_cast<char>(op);
  at = put_sized(at, key);
  at = put_sized(at, before);
  std::memcpy(at, &after.low, sizeof(after.low));
  std::memcpy(at + sizeof(after.low), &after.high, sizeof(after.high));
  ++records_;
}

std::string UndoBlockWriter::finish() {
  std::string out;
  out.append(kMagic, sizeof(kMagic));
  put(out, records_);
  put(out, static_cast<std::uint64_t>(payload_.size()));
  put_hash(out, base::hash128(payload_));
  append_compressed(out, payload_);
  payload_.clear();
  records_ = 0;
  return out;
}

std::string encode_undo_block(const std::vector<UndoRecord>& records) {
  UndoBlockWriter writer;
  for (const auto& record : records) {
    writer.add(record.op, record.key, record.before, record.after);
  }
  return writer.finish();
}

std::vector<UndoRecord> decode_undo_block(std::string_view block) {
  Cursor header(block);
  if (block.size() < kHeaderBytes || header.take(4) != std::string_view(kMagic, 4)) {
    throw_broken("it does not begin with EUB1");
  }
  const auto count = header.get<std::uint32_t>();
  const auto size = header.get<std::uint64_t>();
  const auto digest = get_hash(header);
  const std::string payload = decompressed(header.rest(), size);
  if (base::hash128(payload) != digest) throw_broken("its digest does not match");
  std::vector<UndoRecord> records;
  Cursor cursor(payload);
  for (std::uint32_t i = 0; i < count; ++i) records.push_back(get_record(cursor));
  if (!cursor.rest().empty()) throw_broken("it is longer than its records");
  return records;
}

}  // namespace engine::connect
