#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "connectors/files/folder.h"

namespace engine::connectors::files {

/// What tells whether a file is still the one that was looked at.
struct Signature {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0;
  bool operator==(const Signature&) const = default;
};
/// nullopt: there is none.
std::optional<Signature> signature_of(const std::filesystem::path& path);

/// A stream of bytes. `read` gives at least one byte, or 0 at the end. One thread.
class ByteInput {
 public:
  virtual ~ByteInput() = default;
  virtual std::size_t read(char* into, std::size_t size) = 0;
};

/// The bytes of a file, decompressed where its name ends in .gz or .zst. `seen`: what it was when
/// it was looked at first. Errors while reading: E205; E422 when compressed data is damaged or ends
/// early; E423 at the end when the file is not what it was.
std::unique_ptr<ByteInput> open_input(const DataFile& file,
                                      const std::optional<Signature>& seen = std::nullopt);

/// The bytes as they lie there. Errors: as above, but for E422.
std::unique_ptr<ByteInput> open_stored(const DataFile& file, const std::optional<Signature>& seen);

/// Bytes in memory.
std::unique_ptr<ByteInput> bytes_input(std::string bytes);

}  // namespace engine::connectors::files
