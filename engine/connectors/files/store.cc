#include "connectors/files/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <set>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>

#include "base/disk.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "connectors/files/folder.h"
#include "connectors/files/store_text.h"

namespace engine::connectors::files {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Fault;

constexpr auto kWaitForOthers = std::chrono::seconds(3);
constexpr auto kPause = std::chrono::milliseconds(10);
constexpr std::size_t kDigestBlock = std::size_t{1} << 20;

bool is_there(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked at is reported by the attempt to read it
  return fs::exists(fs::symlink_status(path, ignored));
}

void remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    base::throw_system_error("remove", path, errno);
  }
}

/// A second name for the same bytes; a copy where the file system has no such thing.
void link_or_copy(const fs::path& from, const fs::path& to) {
  remove_file(to);
  if (::link(from.c_str(), to.c_str()) == 0) return;
  if (errno != EXDEV && errno != EPERM && errno != EMLINK && errno != ENOTSUP) {
    base::throw_system_error("keep", from, errno);
  }
  std::error_code failed;
  fs::copy_file(from, to, failed);
  if (failed) base::throw_system_error("copy", from, failed.value());
  const int descriptor = ::open(to.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || ::fsync(descriptor) != 0) base::throw_system_error("sync", to, errno);
  ::close(descriptor);
}

std::vector<FileEntry> entries_in(std::string_view text) {
  std::vector<FileEntry> entries;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // a line that a killed process had begun
    entries.push_back(read_entry(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  return entries;
}

/// What the intent is going to rename is there whatever happens.
void sync_names(const Intent& intent) {
  std::set<fs::path> folders;
  for (const FileMove& move : intent.moves) {
    if (!move.staged.empty()) folders.insert(fs::path(move.staged).parent_path());
  }
  for (const fs::path& folder : folders) base::sync_folder(folder);
}

auto name_of(const FileEntry& entry) {
  return std::tuple(entry.row.run_id, entry.row.step, entry.row.chunk);
}

void add_missing(std::vector<FileEntry>& known, const std::vector<FileEntry>& more) {
  for (const FileEntry& entry : more) {
    const bool there = std::any_of(known.begin(), known.end(), [&](const FileEntry& other) {
      return name_of(other) == name_of(entry);
    });
    if (!there) known.push_back(entry);
  }
}

}  // namespace

std::optional<FileDigest> digest_of(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return std::nullopt;
    base::throw_system_error("read", path, errno);
  }
  FileDigest digest;
  std::vector<char> block(kDigestBlock);
  std::string hashes;
  std::size_t filled = 0;
  while (true) {
    const ssize_t got = ::read(descriptor, block.data() + filled, block.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int problem = errno;
      ::close(descriptor);
      base::throw_system_error("read", path, problem);
    }
    filled += static_cast<std::size_t>(got);
    if (got > 0 && filled < block.size()) continue;
    hashes += base::hex(base::hash128({block.data(), filled}));
    digest.size += filled;
    filled = 0;
    if (got == 0) break;
  }
  ::close(descriptor);
  digest.hash = base::hash128(hashes);
  return digest;
}

Store::Store(fs::path root) : root_(std::move(root)), folder_(root_ / kEngineFolder / "target") {}

std::optional<connect::LockRow> Store::lock() const {
  const fs::path path = folder_ / "lock.json";
  if (!is_there(path)) return std::nullopt;
  return read_lock(base::read_file(path));
}

std::vector<FileEntry> Store::entries() const {
  std::vector<FileEntry> entries;
  const fs::path ledger = folder_ / "ledger.ndjson";
  if (is_there(ledger)) entries = entries_in(base::read_file(ledger));
  const fs::path intent = folder_ / "intent.json";
  if (is_there(intent)) add_missing(entries, read_intent(base::read_file(intent)).entries);
  return entries;
}

fs::path Store::kept(const FileEntry& entry) const {
  return folder_ / entry.undo / "before";
}

bool Store::has_undo(const FileEntry& entry) const {
  return !entry.undo.empty() && is_there(folder_ / entry.undo / "expiry.json") &&
         (!entry.before || is_there(kept(entry)));
}

std::optional<std::int64_t> Store::expires_us(const FileEntry& entry) const {
  if (!has_undo(entry)) return std::nullopt;
  return read_expiry(base::read_file(folder_ / entry.undo / "expiry.json"));
}

Store::Section::Section(Store& store) {
  base::make_private_folder(store.folder_);
  const fs::path guard = store.folder_ / "guard";
  descriptor_ = ::open(guard.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) base::throw_system_error("open", guard, errno);
  const auto until = std::chrono::steady_clock::now() + kWaitForOthers;
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    const int problem = errno;
    ::close(descriptor_);
    if (problem != EWOULDBLOCK) base::throw_system_error("lock", guard, problem);
    throw Error(Fault::kLocked, "E501",
                "another process is publishing files beneath " + base::quoted(store.root_.string()),
                "nothing was written; wait until that run ends");
  }
  try {
    store.finish_intent();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

Store::Section::~Section() {
  ::close(descriptor_);
}

void Store::write_lock(const connect::LockRow& lock) {
  base::write_file_atomically(folder_ / "lock.json", lock_text(lock));
}

bool Store::has_begun(const Intent& intent) const {
  if (is_there(folder_ / "intent.json")) return true;
  const auto known = entries();
  return std::any_of(known.begin(), known.end(), [&](const FileEntry& entry) {
    return name_of(entry) == name_of(intent.entries.front());
  });
}

void Store::commit(const Intent& intent) {
  if (intent.entries.empty()) return;
  sync_names(intent);
  try {
    base::write_file_atomically(folder_ / "intent.json", intent_text(intent));
    finish_intent();
  } catch (const Error& error) {
    if (!has_begun(intent)) throw;
    throw Error(Fault::kUnknownOutcome, "E508",
                "the files are written but not all are in their places: " + error.message(),
                "the next command that writes there finishes this; see what the folder lacks");
  }
}

// Every step may have been done before: the process that began may have been killed after any.
void Store::finish_intent() {
  const fs::path path = folder_ / "intent.json";
  if (!is_there(path)) return;
  const Intent intent = read_intent(base::read_file(path));
  std::set<fs::path> folders;
  for (const FileMove& move : intent.moves) {
    const fs::path target = root_ / move.path;
    folders.insert(target.parent_path());
    if (move.staged.empty()) {
      remove_file(target);
    } else if (is_there(move.staged) && ::rename(move.staged.c_str(), target.c_str()) != 0) {
      base::throw_system_error("rename", target, errno);
    }
  }
  for (const fs::path& folder : folders) base::sync_folder(folder);
  append(intent.entries);
  remove_file(path);
  base::sync_folder(folder_);
}

void Store::append(const std::vector<FileEntry>& entries) {
  const fs::path path = folder_ / "ledger.ndjson";
  std::string text = is_there(path) ? base::read_file(path) : std::string();
  text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  std::vector<FileEntry> known = entries_in(text);
  const std::size_t before = known.size();
  add_missing(known, entries);
  for (std::size_t i = before; i < known.size(); ++i) text += entry_text(known[i]);
  base::write_file_atomically(path, text);
}

std::string Store::keep(const FileEntry& entry, std::int64_t expires_us) {
  const std::string name =
      "undo/" + entry.row.run_id + "/" + base::hex(base::hash128(entry.path)).substr(0, 16);
  const fs::path folder = folder_ / name;
  base::make_private_folder(folder);
  if (entry.before) link_or_copy(root_ / entry.path, folder / "before");
  base::write_file_atomically(folder / "expiry.json", expiry_text(expires_us));
  return name;
}

void Store::bring_back(const FileEntry& entry, const fs::path& staged) {
  link_or_copy(kept(entry), staged);
}

std::uint64_t Store::prune(std::int64_t now_us, const std::string& keep_run) {
  std::uint64_t bytes = 0;
  std::error_code none;  // there is no such folder before the first publish
  for (fs::directory_iterator run(folder_ / "undo", none), end; !none && run != end; ++run) {
    if (run->path().filename() == keep_run) continue;
    bool empty = true;
    for (const auto& table : fs::directory_iterator(run->path())) {
      const fs::path expiry = table.path() / "expiry.json";
      if (is_there(expiry) && read_expiry(base::read_file(expiry)) >= now_us) {
        empty = false;
        continue;
      }
      for (const auto& file : fs::directory_iterator(table.path())) bytes += file.file_size();
      fs::remove_all(table.path());
    }
    if (empty) fs::remove(run->path());
  }
  return bytes;
}

void Store::note_staged(const std::string& run_id, const fs::path& staged) {
  base::make_private_folder(folder_ / "staged");
  const fs::path path = folder_ / "staged" / run_id;
  const bool is_new = !is_there(path);
  base::OutputFile list(path, true);
  list.write(staged.string() + "\n");
  list.sync();
  if (is_new) base::sync_folder(path.parent_path());
}

void Store::forget_staged(const std::string& run_id) {
  remove_file(folder_ / "staged" / run_id);
}

void Store::remove_staged() {
  std::error_code none;  // there is no such folder before the first publish
  std::vector<fs::path> lists;
  for (fs::directory_iterator at(folder_ / "staged", none), end; !none && at != end; ++at) {
    lists.push_back(at->path());
  }
  for (const fs::path& list : lists) {
    for (const std::string& staged : base::split(base::read_file(list), '\n')) {
      if (!staged.empty()) remove_file(staged);
    }
    remove_file(list);
  }
}

}  // namespace engine::connectors::files
