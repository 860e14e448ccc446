#include "state/block_file.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "state/block_codec.h"
#include "state/wire.h"

namespace engine::state {
namespace {

constexpr std::string_view kMagic = "ENGROWS1";
constexpr std::string_view kEndMagic = "ENGROWSE";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderStartBytes = 16;
constexpr std::size_t kTrailerBytes = 48;
constexpr std::size_t kIndexEntryBytes = 32;

}  // namespace

BlockWriter::BlockWriter(std::filesystem::path path, std::shared_ptr<const data::Schema> schema,
                         Compress compress)
    : path_(std::move(path)), schema_(std::move(schema)), compress_(compress), file_(path_) {
  std::string fields;
  append_schema(fields, *schema_);
  std::string header(kMagic);
  put(header, kVersion);
  put(header, static_cast<std::uint32_t>(fields.size()));
  header += fields;
  put(header, base::hash128(header));
  pad_to_8(header);
  file_.write(header);
}

void BlockWriter::write(const data::Batch& batch) {
  write_block(batch, nullptr);
}

void BlockWriter::write(const connect::ChangeBatch& batch) {
  write_block(batch.rows, &batch.ops);
}

void BlockWriter::write_block(const data::Batch& batch, const std::vector<connect::Op>* ops) {
  if (batch.rows == 0) return;
  if (batch.columns.size() != schema_->size()) base::bug("a block with other columns");
  encode_block(batch, ops, compress_ == Compress::kZstd, block_, payload_);
  put(index_, file_.written());
  put(index_, static_cast<std::uint64_t>(block_.size()));
  put(index_, rows_);
  put(index_, static_cast<std::uint64_t>(batch.rows));
  pad_to_8(block_);
  file_.write(block_);
  rows_ += batch.rows;
  ++blocks_;
}

void BlockWriter::finish(Durable durable) {
  const std::uint64_t start = file_.written();
  put(index_, blocks_);
  put(index_, rows_);
  std::string trailer;
  put(trailer, base::hash128(index_));
  put(trailer, start);
  put(trailer, static_cast<std::uint64_t>(index_.size()));
  put(trailer, kVersion);
  put(trailer, std::uint32_t{0});
  trailer += kEndMagic;
  file_.write(index_);
  file_.write(trailer);
  if (durable == Durable::kYes) {
    file_.sync();
  } else {
    file_.flush();
  }
}

BlockReader::BlockReader(std::filesystem::path path) : file_(std::move(path)) {
  read_header();
  read_footer();
}

void BlockReader::read_header() {
  const auto start = file_.read_at(0, std::min<std::uint64_t>(file_.size(), kHeaderStartBytes));
  if (!start.starts_with(kMagic)) throw_broken(file_.path(), "it is no file of staged rows");
  WireReader reader(start, file_.path());
  reader.take_bytes(kMagic.size());
  const auto version = reader.take<std::uint32_t>();
  if (version != kVersion) throw_version(file_.path(), version, kVersion);
  const std::size_t length = reader.take<std::uint32_t>();
  const auto whole = file_.read_at(0, kHeaderStartBytes + length + kDigestBytes);
  const auto covered = std::string_view(whole).substr(0, kHeaderStartBytes + length);
  WireReader digest(std::string_view(whole).substr(covered.size()), file_.path());
  if (digest.take_hash() != base::hash128(covered)) {
    throw_broken(file_.path(), "the digest of its schema differs");
  }
  schema_ = std::make_shared<const data::Schema>(
      decode_schema(covered.substr(kHeaderStartBytes), file_.path()));
}

void BlockReader::read_footer() {
  if (file_.size() < kTrailerBytes) throw_broken(file_.path(), "it was never finished");
  const auto trailer = file_.read_at(file_.size() - kTrailerBytes, kTrailerBytes);
  if (!trailer.ends_with(kEndMagic)) throw_broken(file_.path(), "it was never finished");
  WireReader reader(trailer, file_.path());
  const auto digest = reader.take_hash();
  const auto start = reader.take<std::uint64_t>();
  const auto length = reader.take<std::uint64_t>();
  const auto index = file_.read_at(start, static_cast<std::size_t>(length));
  if (base::hash128(index) != digest) throw_broken(file_.path(), "the digest of its index differs");
  WireReader entries(index, file_.path());
  while (entries.left() >= kIndexEntryBytes) {
    Entry entry;
    entry.offset = entries.take<std::uint64_t>();
    entry.length = entries.take<std::uint64_t>();
    entry.first_row = entries.take<std::uint64_t>();
    entry.rows = entries.take<std::uint64_t>();
    index_.push_back(entry);
  }
  const auto blocks = entries.take<std::uint64_t>();
  rows_ = entries.take<std::uint64_t>();
  if (blocks != index_.size()) throw_broken(file_.path(), "its index counts other blocks");
}

bool BlockReader::next(data::Batch& batch) {
  connect::ChangeBatch changes;
  if (!next(changes)) return false;
  batch = std::move(changes.rows);
  return true;
}

bool BlockReader::next(connect::ChangeBatch& batch) {
  if (at_ == index_.size()) return false;
  read_block(at_++, batch);
  return true;
}

void BlockReader::read_block(std::size_t number, connect::ChangeBatch& batch) {
  const Entry& entry = index_.at(number);
  if (entry.length > file_.size()) throw_broken(file_.path(), "it ends too early");
  block_.resize(static_cast<std::size_t>(entry.length));
  file_.read_at(entry.offset, block_.data(), block_.size());
  decode_block(block_, schema_, file_.path(), batch);
  if (batch.rows.rows != entry.rows) throw_broken(file_.path(), "a block counts other rows");
}

BlockReader::Place BlockReader::place_of(std::uint64_t ordinal) const {
  const auto after =
      std::upper_bound(index_.begin(), index_.end(), ordinal,
                       [](std::uint64_t row, const Entry& entry) { return row < entry.first_row; });
  if (after == index_.begin() || ordinal >= rows_) base::bug("a row beyond the end of a file");
  const auto& entry = *std::prev(after);
  return {static_cast<std::size_t>(std::prev(after) - index_.begin()),
          static_cast<std::size_t>(ordinal - entry.first_row)};
}

}  // namespace engine::state
