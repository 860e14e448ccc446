#include "state/block_codec.h"

#include <zstd.h>

#include <utility>
#include <vector>

#include "base/error.h"
#include "state/wire.h"

namespace engine::state {
namespace {

constexpr std::uint32_t kBlockMagic = 0x314B4C42;  // "BLK1"
constexpr std::uint32_t kCompressed = 1;
constexpr std::uint32_t kHasOps = 2;
constexpr std::uint64_t kMaxPayloadBytes = std::uint64_t{1} << 33;

constexpr std::uint8_t kNullable = 1;
constexpr std::uint8_t kZoned = 2;
constexpr std::uint8_t kNanos = 4;

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

std::string take_text(WireReader& reader) {
  return std::string(reader.take_bytes(reader.take<std::uint32_t>()));
}

void append_buffer(std::string& out, const void* data, std::size_t length) {
  if (length > 0) out.append(static_cast<const char*>(data), length);
  pad_to_8(out);
}

void append_column(std::string& out, const data::Column& column) {
  append_buffer(out, column.validity().data(), column.validity().size());
  append_buffer(out, column.values().data(), column.values().size());
  append_buffer(out, column.offsets().data(), column.offsets().size() * sizeof(std::int32_t));
  append_buffer(out, column.bytes().data(), column.bytes().size());
}

void append_row_errors(std::string& out, const std::vector<data::RowError>& errors) {
  put(out, static_cast<std::uint64_t>(errors.size()));
  for (const auto& error : errors) {
    put(out, error.row);
    put_text(out, error.column);
    put_text(out, error.code);
    put_text(out, error.reason);
    put_text(out, error.value);
  }
}

void append_payload(std::string& out, const data::Batch& batch,
                    const std::vector<connect::Op>* ops) {
  for (const auto& column : batch.columns) {
    put(out, static_cast<std::uint64_t>(column->validity().size()));
    put(out, static_cast<std::uint64_t>(column->values().size()));
    put(out, static_cast<std::uint64_t>(column->offsets().size()));
    put(out, static_cast<std::uint64_t>(column->bytes().size()));
  }
  for (const auto& column : batch.columns) append_column(out, *column);
  if (ops != nullptr) append_buffer(out, ops->data(), ops->size());
  append_row_errors(out, batch.errors);
}

void append_header(std::string& out, const BlockHeader& header) {
  put(out, kBlockMagic);
  put(out, header.rows);
  put(out, (header.compressed ? kCompressed : 0U) | (header.has_ops ? kHasOps : 0U));
  put(out, std::uint32_t{0});
  put(out, header.stored_bytes);
  put(out, header.payload_bytes);
}

BlockHeader take_header(WireReader& reader, const std::filesystem::path& file) {
  BlockHeader header;
  if (reader.take<std::uint32_t>() != kBlockMagic)
    throw_broken(file, "a block does not begin as one");
  header.rows = reader.take<std::uint32_t>();
  const auto flags = reader.take<std::uint32_t>();
  header.compressed = (flags & kCompressed) != 0;
  header.has_ops = (flags & kHasOps) != 0;
  reader.take<std::uint32_t>();
  header.stored_bytes = reader.take<std::uint64_t>();
  header.payload_bytes = reader.take<std::uint64_t>();
  if (header.payload_bytes > kMaxPayloadBytes) throw_broken(file, "a block has an absurd length");
  return header;
}

void append_compressed(std::string& out, std::string_view payload) {
  const std::size_t start = out.size();
  out.resize(start + ZSTD_compressBound(payload.size()));
  const std::size_t size =
      ZSTD_compress(out.data() + start, out.size() - start, payload.data(), payload.size(), 1);
  if (ZSTD_isError(size) != 0) base::bug(std::string("zstd: ") + ZSTD_getErrorName(size));
  out.resize(start + size);
}

std::string decompressed(std::string_view stored, std::uint64_t length,
                         const std::filesystem::path& file) {
  std::string out(static_cast<std::size_t>(length), '\0');
  const std::size_t size = ZSTD_decompress(out.data(), out.size(), stored.data(), stored.size());
  if (ZSTD_isError(size) != 0 || size != out.size()) {
    throw_broken(file, "a block cannot be decompressed");
  }
  return out;
}

struct BufferLengths {
  std::uint64_t validity, values, offsets, bytes;
};

template <typename Element>
std::vector<Element> take_vector(WireReader& reader, std::uint64_t elements) {
  const auto raw = reader.take_bytes(elements * sizeof(Element));
  std::vector<Element> out;
  if (!raw.empty()) {
    out.resize(static_cast<std::size_t>(elements));
    std::memcpy(out.data(), raw.data(), raw.size());
  }
  reader.skip_padding();
  return out;
}

data::ColumnPtr take_column(WireReader& reader, const data::Type& type, std::size_t rows,
                            const BufferLengths& lengths) {
  auto validity = take_vector<std::uint8_t>(reader, lengths.validity);
  auto values = take_vector<std::uint8_t>(reader, lengths.values);
  auto offsets = take_vector<std::int32_t>(reader, lengths.offsets);
  std::string bytes(reader.take_bytes(lengths.bytes));
  reader.skip_padding();
  return data::ColumnBuilder::from_buffers(type, rows, std::move(validity), std::move(values),
                                           std::move(offsets), std::move(bytes));
}

std::vector<data::RowError> take_row_errors(WireReader& reader) {
  std::vector<data::RowError> errors;
  for (auto left = reader.take<std::uint64_t>(); left > 0; --left) {
    data::RowError error;
    error.row = reader.take<std::uint32_t>();
    error.column = take_text(reader);
    error.code = take_text(reader);
    error.reason = take_text(reader);
    error.value = take_text(reader);
    errors.push_back(std::move(error));
  }
  return errors;
}

std::vector<connect::Op> take_ops(WireReader& reader, std::uint32_t rows,
                                  const std::filesystem::path& file) {
  std::vector<connect::Op> ops;
  ops.reserve(rows);
  for (const char op : reader.take_bytes(rows)) {
    if (op < 1 || op > 4) throw_broken(file, "a row has an unknown operation");
    ops.push_back(static_cast<connect::Op>(op));
  }
  reader.skip_padding();
  return ops;
}

void decode_payload(std::string_view payload, const BlockHeader& header,
                    const std::shared_ptr<const data::Schema>& schema,
                    const std::filesystem::path& file, connect::ChangeBatch& out) {
  WireReader reader(payload, file);
  std::vector<BufferLengths> lengths(schema->size());
  for (auto& length : lengths) {
    length.validity = reader.take<std::uint64_t>();
    length.values = reader.take<std::uint64_t>();
    length.offsets = reader.take<std::uint64_t>();
    length.bytes = reader.take<std::uint64_t>();
    if (length.offsets > kMaxPayloadBytes) throw_broken(file, "a column has an absurd length");
  }
  out.rows = data::Batch{.schema = schema, .columns = {}, .rows = header.rows, .errors = {}};
  for (std::size_t i = 0; i < schema->size(); ++i) {
    out.rows.columns.push_back(
        take_column(reader, schema->fields[i].type, header.rows, lengths[i]));
  }
  out.ops = header.has_ops ? take_ops(reader, header.rows, file) : std::vector<connect::Op>{};
  out.rows.errors = take_row_errors(reader);
  if (reader.left() != 0) throw_broken(file, "a block is longer than its rows");
}

}  // namespace

void append_schema(std::string& out, const data::Schema& schema) {
  put(out, static_cast<std::uint32_t>(schema.size()));
  for (const auto& field : schema.fields) {
    put(out, static_cast<std::uint8_t>(field.type.kind));
    put(out, field.type.precision);
    put(out, field.type.scale);
    put(out, static_cast<std::uint8_t>((field.nullable ? kNullable : 0) |
                                       (field.type.zoned ? kZoned : 0) |
                                       (field.type.nanos ? kNanos : 0)));
    put_text(out, field.name);
  }
}

data::Schema decode_schema(std::string_view bytes, const std::filesystem::path& file) {
  WireReader reader(bytes, file);
  data::Schema schema;
  for (auto left = reader.take<std::uint32_t>(); left > 0; --left) {
    data::Field field;
    const auto kind = reader.take<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(data::Kind::kDocument)) {
      throw_broken(file, "a column has an unknown type");
    }
    field.type.kind = static_cast<data::Kind>(kind);
    field.type.precision = reader.take<std::uint8_t>();
    field.type.scale = reader.take<std::uint8_t>();
    const auto flags = reader.take<std::uint8_t>();
    field.nullable = (flags & kNullable) != 0;
    field.type.zoned = (flags & kZoned) != 0;
    field.type.nanos = (flags & kNanos) != 0;
    field.name = take_text(reader);
    schema.fields.push_back(std::move(field));
  }
  if (reader.left() != 0) throw_broken(file, "its schema is longer than its columns");
  return schema;
}

void encode_block(const data::Batch& batch, const std::vector<connect::Op>* ops, bool compress,
                  std::string& out, std::string& payload) {
  if (ops != nullptr && ops->size() != batch.rows) base::bug("a block with too few operations");
  payload.clear();
  append_payload(payload, batch, ops);
  out.assign(kDigestBytes + kBlockHeaderBytes, '\0');
  if (compress) {
    append_compressed(out, payload);
  } else {
    out.append(payload);
  }
  std::string header;
  append_header(header, BlockHeader{.rows = static_cast<std::uint32_t>(batch.rows),
                                    .compressed = compress,
                                    .has_ops = ops != nullptr,
                                    .stored_bytes = out.size() - kDigestBytes - kBlockHeaderBytes,
                                    .payload_bytes = payload.size()});
  out.replace(kDigestBytes, kBlockHeaderBytes, header);
  std::string digest;
  put(digest, base::hash128(std::string_view(out).substr(kDigestBytes)));
  out.replace(0, kDigestBytes, digest);
}

void decode_block(std::string_view block, const std::shared_ptr<const data::Schema>& schema,
                  const std::filesystem::path& file, connect::ChangeBatch& out) {
  WireReader reader(block, file);
  if (reader.take_hash() != base::hash128(block.substr(kDigestBytes))) {
    throw_broken(file, "the digest of a block differs");
  }
  const BlockHeader header = take_header(reader, file);
  const auto stored = reader.take_bytes(header.stored_bytes);
  if (header.compressed) {
    decode_payload(decompressed(stored, header.payload_bytes, file), header, schema, file, out);
  } else {
    decode_payload(stored, header, schema, file, out);
  }
}

}  // namespace engine::state
