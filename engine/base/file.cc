#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/disk.h"
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"

namespace engine::base {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

std::string reason_of(int error_number) {
  return std::generic_category().message(error_number);
}

[[noreturn]] void throw_unreadable(const std::filesystem::path& path, const std::string& reason) {
  throw Error(Fault::kRemote, "E205", "cannot read " + base::quoted(path.string()) + ": " + reason);
}

/// A file descriptor that is closed whatever happens; close_checked() reports what a delayed write
/// may still say.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  bool close_checked() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

/// Bytes written until the end or the first failure (then errno is set).
std::size_t write_all(int descriptor, std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto wrote = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  return done;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// 0, or the errno of the first step that failed.
int write_new_file(const std::filesystem::path& path, std::string_view bytes) {
  Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (descriptor.get() < 0) return errno;
  if (write_all(descriptor.get(), bytes) != bytes.size()) return errno;
  if (::fsync(descriptor.get()) != 0) return errno;
  return descriptor.close_checked() ? 0 : errno;
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) throw_unreadable(path, reason_of(errno));
  struct ::stat facts = {};
  if (::fstat(descriptor.get(), &facts) != 0) throw_unreadable(path, reason_of(errno));
  std::string out;
  std::size_t chunk = S_ISREG(facts.st_mode) ? static_cast<std::size_t>(facts.st_size) + 1 : 65536;
  for (;;) {
    const std::size_t size = out.size();
    if (size > max_bytes) {
      throw_unreadable(path, "it is larger than " + std::to_string(max_bytes) + " bytes");
    }
    if (max_bytes < chunk) chunk = static_cast<std::size_t>(max_bytes) + 1;
    out.resize(size + chunk);
    const auto got = ::read(descriptor.get(), out.data() + size, chunk);
    const int failure = errno;
    out.resize(size + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0 && failure != EINTR) throw_unreadable(path, reason_of(failure));
    if (got == 0) return out;
    chunk = 65536;
  }
}

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  const auto folder = folder_of(path);
  const auto aside = folder / ("." + path.filename().string() + "." + random_hex(8) + ".tmp");
  int failure = write_new_file(aside, bytes);
  if (failure == 0 && ::rename(aside.c_str(), path.c_str()) != 0) failure = errno;
  if (failure != 0) {
    ::unlink(aside.c_str());
    throw_system_error("write", path, failure);
  }
  sync_folder(folder);
}

void make_private_folder(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    sync_folder(folder_of(path));
    return;
  }
  std::error_code unseen;  // as below
  if (errno == EEXIST && std::filesystem::is_directory(path, unseen)) return;
  const auto clean = path.lexically_normal();
  std::filesystem::path done;
  for (const auto& part : clean) {
    done /= part;
    if (part.empty()) continue;
    if (::mkdir(done.c_str(), 0700) == 0) {
      sync_folder(folder_of(done));
      continue;
    }
    const int failure = errno;
    std::error_code ignored;  // "not there" and "not seen" both mean: report why mkdir failed
    if (!std::filesystem::is_directory(done, ignored)) {
      throw_system_error("create the folder", done, failure);
    }
  }
}

OutputFile::OutputFile(std::filesystem::path path, bool append) : path_(std::move(path)) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (append ? 0 : O_EXCL);
  descriptor_ = ::open(path_.c_str(), flags, 0600);
  if (descriptor_ < 0) throw_system_error("create", path_, errno);
}

OutputFile::~OutputFile() {
  write_all(descriptor_, buffer_);
  ::close(descriptor_);
}

void OutputFile::write(std::string_view bytes) {
  written_ += bytes.size();
  buffer_ += bytes;
  if (buffer_.size() >= kBufferBytes) flush();
}

void OutputFile::flush() {
  const std::size_t done = write_all(descriptor_, buffer_);
  const int failure = errno;
  const bool all = done == buffer_.size();
  buffer_.erase(0, done);
  if (!all) throw_system_error("write", path_, failure);
}

void OutputFile::sync() {
  flush();
  if (::fsync(descriptor_) != 0) throw_system_error("sync", path_, errno);
}

void throw_system_error(std::string_view doing, const std::filesystem::path& path,
                        int error_number) {
  const std::string message = "cannot " + std::string(doing) + " " + base::quoted(path.string()) +
                              ": " + reason_of(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT) {
    throw Error(Fault::kTransient, "E208", message,
                "free some space there and run the same command again");
  }
  throw Error(Fault::kState, "E505", message);
}

}  // namespace engine::base
