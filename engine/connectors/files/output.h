#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace engine::connectors::files {

/// Where the bytes of a new file go. `finish` writes what is left and syncs; without it the file is
/// incomplete. Errors: as base::throw_system_error. One thread.
class ByteOutput {
 public:
  virtual ~ByteOutput() = default;
  virtual void write(std::string_view bytes) = 0;
  virtual void finish() = 0;
};

/// A new file (it must not exist) with the permissions `mode`, or with what the process allows;
/// compressed as `name` ends in .gz or .zst.
std::unique_ptr<ByteOutput> create_output(const std::filesystem::path& path,
                                          const std::string& name, std::optional<unsigned> mode);

}  // namespace engine::connectors::files
