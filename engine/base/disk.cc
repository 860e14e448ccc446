#include "base/disk.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/file.h"

namespace engine::base {

bool is_disk_full(const std::filesystem::path& file) {
  constexpr std::uint64_t kNextToNothing = std::uint64_t{64} << 10;
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  struct ::statvfs facts = {};
  if (::statvfs(folder.c_str(), &facts) != 0) return false;
  const bool counts_files = facts.f_files != 0;  // some file systems have room for any number
  return facts.f_bavail * facts.f_frsize < kNextToNothing || (counts_files && facts.f_favail == 0);
}

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw_system_error("open the folder", folder, errno);
  const int problem = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (problem != 0) throw_system_error("sync the folder", folder, problem);
}

}  // namespace engine::base
