#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <ctime>

#include "fault/interpose/faults.h"

/// The functions of the C library that change what is stored, in front of its own. Writes to
/// anything but files, and what the C library does inside of itself (the streams of stdio), go by.
namespace {

using engine::testing::Call;
using engine::testing::faults;
using Kind = Call::Kind;

/// A look of ours leaves the error of the last call that failed as it is.
class Unnoticed {
 public:
  ~Unnoticed() { errno = error_; }

 private:
  int error_ = errno;
};

bool is_file(int descriptor) {
  const Unnoticed look;
  struct ::stat facts = {};
  return descriptor > 2 && ::fstat(descriptor, &facts) == 0 &&
         (S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode));
}

/// `real` is the call without its wrapper, or -1 with errno.
template <typename Real>
auto of_file(Kind kind, const char* name, int descriptor, off_t offset, std::size_t size,
             const Real& real) -> decltype(real()) {
  if (!is_file(descriptor)) return real();
  return faults().make({kind, name, descriptor, {}, {}, offset, size}, real);
}

template <typename Real>
int of_names(Kind kind, const char* name, const std::string& path, const std::string& from,
             const Real& real) {
  return faults().make({kind, name, -1, path, from, 0, 0},
                       [&] { return static_cast<int>(real()); });
}

off_t position(int descriptor) {
  return ::lseek(descriptor, 0, SEEK_CUR);
}

std::string path_at(int folder, const char* path) {
  if (folder == AT_FDCWD || path[0] == '/') return path;
  char name[4096] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(folder);
  const ssize_t size = ::readlink(link.c_str(), name, sizeof(name) - 1);
  return size > 0 ? std::string(name, static_cast<std::size_t>(size)) + "/" + path : path;
}

bool is_there(const std::string& path) {
  const Unnoticed look;
  struct ::stat facts = {};
  return ::lstat(path.c_str(), &facts) == 0;
}

int open_at(int folder, const char* path, int flags, mode_t mode) {
  const auto real = [&] {
    return static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
  };
  const auto counted = [&] {
    return faults().make({Kind::kOpen, "open", -1, path, {}, 0, 0}, real);
  };
  const bool makes = (flags & O_CREAT) != 0 && (flags & O_TMPFILE) != O_TMPFILE;
  const std::string where = path_at(folder, path);
  if (!makes || is_there(where)) return counted();
  return of_names(Kind::kCreate, "create", where, {}, counted);
}

std::size_t whole(const iovec* parts, int count) {
  std::size_t size = 0;
  for (int i = 0; i < count; ++i) size += parts[i].iov_len;
  return size;
}

int remove_at(int folder, const char* path, int flags) {
  const auto real = [&] { return static_cast<int>(::syscall(SYS_unlinkat, folder, path, flags)); };
  if (!is_there(path_at(folder, path))) return real();
  return of_names(Kind::kRemove, "unlink", path_at(folder, path), {}, real);
}

int rename_at(int from_folder, const char* from, int to_folder, const char* to) {
  return of_names(Kind::kMove, "rename", path_at(to_folder, to), path_at(from_folder, from),
                  [&] { return ::syscall(SYS_renameat, from_folder, from, to_folder, to); });
}

int link_at(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  return of_names(Kind::kLink, "link", path_at(to_folder, to), {},
                  [&] { return ::syscall(SYS_linkat, from_folder, from, to_folder, to, flags); });
}

int make_folder_at(int folder, const char* path, mode_t mode) {
  if (is_there(path_at(folder, path))) {
    return static_cast<int>(::syscall(SYS_mkdirat, folder, path, mode));
  }
  return of_names(Kind::kFolder, "mkdir", path_at(folder, path), {},
                  [&] { return ::syscall(SYS_mkdirat, folder, path, mode); });
}

int truncate_to(int descriptor, off_t size) {
  return of_file(Kind::kTruncate, "ftruncate", descriptor, size, 0,
                 [&] { return static_cast<int>(::syscall(SYS_ftruncate, descriptor, size)); });
}

ssize_t write_at(int descriptor, const void* bytes, std::size_t size, off_t offset) {
  return of_file(Kind::kWrite, "pwrite", descriptor, offset, size,
                 [&] { return ::syscall(SYS_pwrite64, descriptor, bytes, size, offset); });
}

/// Behind the destructors of everything else that was loaded later.
[[gnu::destructor]] void end_of_process() {
  faults().end();
}

}  // namespace

extern "C" {

#define ENGINE_OPENING(function, folder, ...)  \
  int function(__VA_ARGS__, int flags, ...) {  \
    va_list more;                              \
    va_start(more, flags);                     \
    const mode_t mode = va_arg(more, mode_t);  \
    va_end(more);                              \
    return open_at(folder, path, flags, mode); \
  }

ENGINE_OPENING(open, AT_FDCWD, const char* path)
ENGINE_OPENING(open64, AT_FDCWD, const char* path)
ENGINE_OPENING(openat, folder, int folder, const char* path)
ENGINE_OPENING(openat64, folder, int folder, const char* path)
#undef ENGINE_OPENING

ssize_t write(int descriptor, const void* bytes, std::size_t size) {
  return of_file(Kind::kWrite, "write", descriptor, position(descriptor), size,
                 [&] { return ::syscall(SYS_write, descriptor, bytes, size); });
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
  return of_file(Kind::kWrite, "writev", descriptor, position(descriptor), whole(parts, count),
                 [&] { return ::syscall(SYS_writev, descriptor, parts, count); });
}

ssize_t pwrite(int descriptor, const void* bytes, std::size_t size, off_t offset) {
  return write_at(descriptor, bytes, size, offset);
}

ssize_t pwrite64(int descriptor, const void* bytes, std::size_t size, off_t offset) {
  return write_at(descriptor, bytes, size, offset);
}

ssize_t pwritev(int descriptor, const iovec* parts, int count, off_t offset) {
  return of_file(Kind::kWrite, "pwritev", descriptor, offset, whole(parts, count),
                 [&] { return ::syscall(SYS_pwritev, descriptor, parts, count, offset, 0); });
}

ssize_t sendfile(int to, int from, off_t* offset, std::size_t size) noexcept {
  return of_file(Kind::kWrite, "sendfile", to, position(to), size,
                 [&] { return ::syscall(SYS_sendfile, to, from, offset, size); });
}

int fsync(int descriptor) {
  return of_file(Kind::kSync, "fsync", descriptor, 0, 0,
                 [&] { return static_cast<int>(::syscall(SYS_fsync, descriptor)); });
}

int fdatasync(int descriptor) {
  return of_file(Kind::kSync, "fdatasync", descriptor, 0, 0,
                 [&] { return static_cast<int>(::syscall(SYS_fdatasync, descriptor)); });
}

int syncfs(int descriptor) noexcept {
  return of_file(Kind::kSyncAll, "syncfs", descriptor, 0, 0,
                 [&] { return static_cast<int>(::syscall(SYS_syncfs, descriptor)); });
}

int ftruncate(int descriptor, off_t size) noexcept {
  return truncate_to(descriptor, size);
}

int ftruncate64(int descriptor, off_t size) noexcept {
  return truncate_to(descriptor, size);
}

int rename(const char* from, const char* to) noexcept {
  return rename_at(AT_FDCWD, from, AT_FDCWD, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return rename_at(from_folder, from, to_folder, to);
}

int unlink(const char* path) noexcept {
  return remove_at(AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  return remove_at(folder, path, flags);
}

int rmdir(const char* path) noexcept {
  return remove_at(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char* path) noexcept {
  struct ::stat facts = {};
  const bool is_folder = ::lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
  return remove_at(AT_FDCWD, path, is_folder ? AT_REMOVEDIR : 0);
}

int link(const char* from, const char* to) noexcept {
  return link_at(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  return link_at(from_folder, from, to_folder, to, flags);
}

int symlink(const char* text, const char* path) noexcept {
  return of_names(Kind::kLink, "symlink", path, {},
                  [&] { return ::syscall(SYS_symlink, text, path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  return make_folder_at(AT_FDCWD, path, mode);
}

int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return make_folder_at(folder, path, mode);
}

/// The clock on the wall, which somebody may set; the one that only counts goes on as it did.
int clock_gettime(clockid_t clock, struct timespec* now) noexcept {
  if (::syscall(SYS_clock_gettime, clock, now) != 0) return -1;
  if (clock == CLOCK_REALTIME) now->tv_sec += faults().jumped();
  return 0;
}

int gettimeofday(struct timeval* now, void*) noexcept {
  struct timespec exact = {};
  if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
  *now = {exact.tv_sec, exact.tv_nsec / 1000};
  return 0;
}

/// A full disk says so to whoever asks.
int statvfs(const char* path, struct statvfs* facts) noexcept {
  struct ::statfs raw = {};
  if (::syscall(SYS_statfs, path, &raw) != 0) return -1;
  *facts = {};
  facts->f_bsize = static_cast<unsigned long>(raw.f_bsize);
  facts->f_frsize = static_cast<unsigned long>(raw.f_frsize);
  facts->f_blocks = raw.f_blocks;
  facts->f_bfree = raw.f_bfree;
  facts->f_bavail = faults().is_full() ? 0 : raw.f_bavail;
  facts->f_files = raw.f_files;
  facts->f_ffree = raw.f_ffree;
  facts->f_favail = raw.f_ffree;
  return 0;
}

}  // extern "C"
