#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "connect/write.h"
#include "data/batch.h"
#include "data/schema.h"

namespace engine::state {

/// The bytes of schemas and blocks as FORMATS.md ("Staged rows") lays them down. Pure functions;
/// block_file.h puts them into files.

void append_schema(std::string& out, const data::Schema& schema);
/// E503 naming `file` when the bytes are no schema.
data::Schema decode_schema(std::string_view bytes, const std::filesystem::path& file);

/// What stands in front of a block's stored payload, after its digest.
struct BlockHeader {
  std::uint32_t rows = 0;
  bool compressed = false;
  bool has_ops = false;
  std::uint64_t stored_bytes = 0;
  std::uint64_t payload_bytes = 0;
};
inline constexpr std::size_t kDigestBytes = 16;
inline constexpr std::size_t kBlockHeaderBytes = 32;

/// Replaces `out` with one whole block: digest, header, payload. `ops` may be null; otherwise it
/// has an operation a row. `payload` is working memory that the caller keeps between calls.
void encode_block(const data::Batch& batch, const std::vector<connect::Op>* ops, bool compress,
                  std::string& out, std::string& payload);

/// The rows of a block (as encode_block wrote it) into `out`, whose schema becomes `schema`; `ops`
/// is empty when the block has none. Digest, lengths and offsets are checked: E503 naming `file`.
void decode_block(std::string_view block, const std::shared_ptr<const data::Schema>& schema,
                  const std::filesystem::path& file, connect::ChangeBatch& out);

}  // namespace engine::state
