#include "fault/interpose/unsynced.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

// Every change of this file is made by the bare call, so that it is not counted itself.
namespace engine::testing {
namespace {

using Bytes = std::vector<char>;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Bytes read_at(int descriptor, off_t offset, std::size_t size) {
  Bytes bytes(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        ::pread(descriptor, bytes.data() + done, size - done, offset + static_cast<off_t>(done));
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

void put_bytes(int descriptor, off_t old_size, off_t offset, const Bytes& bytes) {
  ::syscall(SYS_ftruncate, descriptor, old_size);
  if (!bytes.empty()) ::syscall(SYS_pwrite64, descriptor, bytes.data(), bytes.size(), offset);
}

void rename_back(const std::string& from, const std::string& to) {
  ::syscall(SYS_rename, from.c_str(), to.c_str());
}

}  // namespace

void Unsynced::note(const Call& call) {
  next_.reset();
  synced_.reset();
  if (call.kind == Call::Kind::kSync || call.kind == Call::Kind::kSyncAll) {
    struct ::stat facts = {};
    if (::fstat(call.descriptor, &facts) == 0) synced_ = {facts.st_dev, facts.st_ino};
    whole_device_ = call.kind == Call::Kind::kSyncAll;
  } else if (call.descriptor >= 0) {
    note_bytes(call);
  } else {
    note_names(call);
  }
}

void Unsynced::keep() {
  if (next_) {
    places_.emplace(next_->place, places_.size());
    changes_.push_back(std::move(*next_));
  }
  next_.reset();
  if (!synced_) return;
  std::erase_if(changes_, [&](const Change& change) {
    return whole_device_ ? change.place.first == synced_->first : change.place == *synced_;
  });
}

void Unsynced::note_bytes(const Call& call) {
  struct ::stat facts = {};
  if (::fstat(call.descriptor, &facts) != 0) return;
  const Place place = {facts.st_dev, facts.st_ino};
  const int own = own_descriptor(call, place);
  const off_t size = facts.st_size;
  off_t offset = call.offset;
  std::size_t length = call.size;
  if (call.kind == Call::Kind::kTruncate) {
    length = offset < size ? static_cast<std::size_t>(size - offset) : 0;
  } else if ((::fcntl(call.descriptor, F_GETFL) & O_APPEND) != 0) {
    offset = size;
  }
  next_ = {place, [own, size, offset, bytes = read_at(own, offset, length)] {
             put_bytes(own, size, offset, bytes);
           }};
}

int Unsynced::own_descriptor(const Call& call, Place place) {
  const auto known = descriptors_.find(place);
  if (known != descriptors_.end()) return known->second;
  const std::string name = "/proc/self/fd/" + std::to_string(call.descriptor);
  const auto own =
      static_cast<int>(::syscall(SYS_openat, AT_FDCWD, name.c_str(), O_RDWR | O_CLOEXEC, 0));
  descriptors_.emplace(place, own);
  return own;
}

/// A second name for the file, under which it outlives the loss of its own; empty where there is no
/// file.
std::string Unsynced::stashed(const std::string& path) {
  std::string name = stash_ + "/" + std::to_string(::getpid()) + "." + std::to_string(++stashed_);
  return ::syscall(SYS_link, path.c_str(), name.c_str()) == 0 ? name : std::string();
}

void Unsynced::note_names(const Call& call) {
  struct ::stat facts = {};
  if (::stat(folder_of(call.path).c_str(), &facts) != 0) return;
  const Place place = {facts.st_dev, facts.st_ino};
  const std::string path = call.path;
  const bool is_folder = ::lstat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
  std::function<void()> undo;
  switch (call.kind) {
    case Call::Kind::kMove:
      undo = [from = call.from, path, former = stashed(path)] {
        rename_back(path, from);
        if (!former.empty()) rename_back(former, path);
      };
      break;
    case Call::Kind::kRemove:
      if (is_folder) {
        undo = [path] { ::syscall(SYS_mkdir, path.c_str(), 0700); };
      } else {
        undo = [path, former = stashed(path)] { rename_back(former, path); };
      }
      break;
    default:  // something new: it goes, a folder with all that is in it
      undo = [path, away = stash_ + "/gone." + std::to_string(++stashed_)] {
        rename_back(path, away);
      };
  }
  next_ = {place, std::move(undo)};
}

bool Unsynced::is_lost(const Place& place) const {
  if (!seed_) return true;
  std::uint64_t mixed = ((*seed_ << 20U) + places_.at(place)) * 0x9e3779b97f4a7c15U;
  mixed ^= mixed >> 29U;
  return (mixed * 0xbf58476d1ce4e5b9U >> 40U) % 2 == 0;
}

void Unsynced::take_back() const {
  std::for_each(changes_.rbegin(), changes_.rend(), [&](const Change& change) {
    if (is_lost(change.place)) change.undo();
  });
}

}  // namespace engine::testing
