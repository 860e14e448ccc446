#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "connect/ledger.h"

namespace engine::connectors::files {

/// What a file holds, by its bytes: their number, and the XXH3-128 of the XXH3-128 of each MiB.
struct FileDigest {
  std::uint64_t size = 0;
  base::Hash128 hash;
  bool operator==(const FileDigest&) const = default;
};
/// nullopt: there is no such file.
std::optional<FileDigest> digest_of(const std::filesystem::path& path);

/// A ledger row with what undoing it needs.
struct FileEntry {
  connect::LedgerRow row;
  std::string path;                  ///< beneath the root
  std::optional<FileDigest> before;  ///< nullopt: there was no file
  std::optional<FileDigest> after;   ///< nullopt: there is none (of a rollback)
  std::string undo;                  ///< folder beneath the store with what was there before
};

/// One file of a publish or a rollback, prepared: `staged` takes the place of `path`, or the file
/// is removed.
struct FileMove {
  std::string path;    ///< beneath the root
  std::string staged;  ///< absolute; empty: remove
};
struct Intent {
  std::vector<FileMove> moves;
  std::vector<FileEntry> entries;
};

/// The engine's own files beneath the root of a target: lock, ledger, undo, and the intent of a
/// publish that is under way (FORMATS.md). Whoever changes anything holds a Section.
class Store {
 public:
  /// `root` is the root of the data files.
  explicit Store(std::filesystem::path root);

  const std::filesystem::path& root() const { return root_; }
  const std::filesystem::path& folder() const { return folder_; }

  std::optional<connect::LockRow> lock() const;
  /// All entries, oldest first, with those of an intent that waits to be finished.
  std::vector<FileEntry> entries() const;
  bool has_undo(const FileEntry& entry) const;
  /// nullopt: there is no undo.
  std::optional<std::int64_t> expires_us(const FileEntry& entry) const;

  /// Keeps all other processes and objects out while it is alive; first finishes an intent that a
  /// killed process left behind. E501 when another holds it for long, E505 when the folder cannot
  /// be written.
  class Section {
   public:
    explicit Section(Store& store);
    ~Section();
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

   private:
    int descriptor_ = -1;
  };

  // Only within a Section.
  void write_lock(const connect::LockRow& lock);
  /// From here on the intent happens, whatever becomes of this process. E508 when something failed
  /// behind its beginning, any other error before it.
  void commit(const Intent& intent);
  /// Keeps what stands at `path` now; returns FileEntry::undo. Nothing is copied where a link will
  /// do.
  std::string keep(const FileEntry& entry, std::int64_t expires_us);
  /// Puts what was kept at `staged`; commit() makes the name last.
  void bring_back(const FileEntry& entry, const std::filesystem::path& staged);
  /// Forgets what expired before `now_us`, but of `keep_run`; returns its bytes.
  std::uint64_t prune(std::int64_t now_us, const std::string& keep_run);

  // Files written aside are noted first, so that what a killed process left can be removed.
  void note_staged(const std::string& run_id, const std::filesystem::path& staged);
  void forget_staged(const std::string& run_id);
  /// Of all runs: whoever has just taken the lock has written nothing yet, this run included.
  void remove_staged();

 private:
  std::filesystem::path kept(const FileEntry& entry) const;
  void finish_intent();
  bool has_begun(const Intent& intent) const;
  void append(const std::vector<FileEntry>& entries);

  std::filesystem::path root_, folder_;
};

}  // namespace engine::connectors::files
