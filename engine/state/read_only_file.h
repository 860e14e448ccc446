#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace engine::state {

/// A file opened for reading at any place. Thread safe; closed by the destructor.
/// Errors: E205 with the system's reason, E503 when the file ends before what was asked for.
class ReadOnlyFile {
 public:
  explicit ReadOnlyFile(std::filesystem::path path);
  ~ReadOnlyFile();
  ReadOnlyFile(const ReadOnlyFile&) = delete;
  ReadOnlyFile& operator=(const ReadOnlyFile&) = delete;

  std::uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }
  /// Fills `length` bytes from `offset`.
  void read_at(std::uint64_t offset, char* out, std::size_t length) const;
  std::string read_at(std::uint64_t offset, std::size_t length) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace engine::state
