#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace engine::base {

/// The whole file. Errors: E205 with the system's reason. `max_bytes` refuses larger files (E205).
std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes = UINT64_MAX);

/// Written aside in the same folder, synced, renamed over `path`, folder synced: readers see the
/// old or the new file. Mode 0600. Errors: as throw_system_error.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Creates the folder and its parents with mode 0700. Folders that exist keep
/// their mode. Errors: as throw_system_error, naming the folder.
void make_private_folder(const std::filesystem::path& path);

/// A private file (0600) that is only appended to, with buffered writes. Without `append` the file
/// must be new. The destructor writes what is left and closes, but cannot report a failure: call
/// flush() or sync() first. Errors: as throw_system_error. Not thread safe.
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path path, bool append = false);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  void write(std::string_view bytes);
  /// Hands the buffer to the system.
  void flush();
  /// flush and fsync.
  void sync();
  /// Bytes given to write() so far.
  std::uint64_t written() const { return written_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::string buffer_;
  std::uint64_t written_ = 0;
};

/// The error for a failed system call on a path we write: a full disk or quota is E208
/// (kTransient), all else E505 (kState). The message is "cannot <doing> <path>: <the system's
/// reason>".
[[noreturn]] void throw_system_error(std::string_view doing, const std::filesystem::path& path,
                                     int error_number);

}  // namespace engine::base
