#include "state/read_only_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "state/wire.h"

namespace engine::state {
namespace {

[[noreturn]] void throw_unreadable(const std::filesystem::path& path, int error_number) {
  throw base::Error(base::Fault::kRemote, "E205",
                    "cannot read " + base::quoted(path.string()) + ": " +
                        std::generic_category().message(error_number));
}

}  // namespace

ReadOnlyFile::ReadOnlyFile(std::filesystem::path path) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) throw_unreadable(path_, errno);
  struct ::stat facts = {};
  if (::fstat(descriptor_, &facts) != 0) {
    const int failure = errno;
    ::close(descriptor_);
    throw_unreadable(path_, failure);
  }
  size_ = static_cast<std::uint64_t>(facts.st_size);
}

ReadOnlyFile::~ReadOnlyFile() {
  ::close(descriptor_);
}

void ReadOnlyFile::read_at(std::uint64_t offset, char* out, std::size_t length) const {
  if (offset > size_ || length > size_ - offset) throw_broken(path_, "it ends too early");
  while (length > 0) {
    const auto got = ::pread(descriptor_, out, length, static_cast<::off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_unreadable(path_, errno);
    if (got == 0) throw_broken(path_, "it became shorter while it was read");
    out += got;
    offset += static_cast<std::uint64_t>(got);
    length -= static_cast<std::size_t>(got);
  }
}

std::string ReadOnlyFile::read_at(std::uint64_t offset, std::size_t length) const {
  if (offset > size_ || length > size_ - offset) throw_broken(path_, "it ends too early");
  std::string out(length, '\0');
  read_at(offset, out.data(), length);
  return out;
}

}  // namespace engine::state
