#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "connect/lock.h"
#include "connectors/files/connection.h"

namespace engine::connectors::files {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Fault;
using connect::Conflicts;
using connect::LockRow;

bool is_undo_of(const FileEntry& entry, const connect::LedgerRow& row) {
  return entry.row.run_id == row.run_id && entry.row.undone_step() == row.step;
}

/// What undoing one step means, settled before anything is changed.
struct Undoing {
  FileEntry entry;
  connect::UndoTable table;
  bool moves = false;  ///< the former file, or none, takes its place
};

/// A file is one thing: as a run left it, or changed since.
class OwnFile final : public connect::OwnRows {
 public:
  explicit OwnFile(bool own) : own_(own) {}
  std::vector<bool> look(const data::Batch& rows) override {
    return std::vector<bool>(rows.rows, own_);
  }

 private:
  bool own_;
};

class FilesLedger final : public connect::Ledger {
 public:
  explicit FilesLedger(SharedPtr shared) : shared_(std::move(shared)), store_(shared_->store) {}

  LockRow acquire(const connect::RunIdentity& run, std::int64_t lease_us) override;
  Renewed renew(const LockRow& lock, std::int64_t lease_us) override;
  void release(const LockRow& lock) override;
  std::optional<LockRow> lock() override { return store_.lock(); }
  bool unlock(const std::string& lock_id) override;
  bool ask_to_stop(const std::string& run_id) override;
  std::vector<connect::LedgerRow> receipts(const std::string& run_id) override;
  connect::UndoReport apply_undo(const connect::UndoRequest& request) override;
  std::unique_ptr<connect::OwnRows> own_rows(const std::string& table,
                                             const std::vector<std::string>& key,
                                             std::int64_t since_us) override;
  std::uint64_t prune(std::int64_t now_us, const std::string& keep_run) override {
    if (!fs::exists(store_.folder())) return 0;
    const Store::Section section(store_);
    return store_.prune(now_us, keep_run);
  }

 private:
  std::string target() const { return "files " + shared_->folder.label(); }
  bool is_mine(const std::optional<LockRow>& now, const LockRow& lock) const {
    return now && now->epoch == lock.epoch && now->lock_id == lock.lock_id && now->state != "free";
  }
  void require_lock(const connect::UndoRequest& request) const;
  Undoing settle(const std::vector<FileEntry>& entries, const connect::UndoRequest& request,
                 const std::string& step) const;
  void judge(const connect::UndoRequest& request, const std::vector<FileEntry>& entries,
             Undoing& undoing) const;
  Intent prepare(const connect::UndoRequest& request, std::vector<Undoing>& all,
                 const std::vector<FileEntry>& entries);

  SharedPtr shared_;
  Store& store_;
};

LockRow FilesLedger::acquire(const connect::RunIdentity& run, std::int64_t lease_us) {
  const Store::Section section(store_);
  const std::int64_t now_us = base::system_clock().now_us();
  const auto held = store_.lock();
  if (held && !connect::may_take(*held, run, now_us)) connect::throw_held(target(), *held);
  const LockRow lock =
      connect::taken_lock("folder", held ? &*held : nullptr, run, now_us, lease_us);
  store_.write_lock(lock);
  store_.remove_staged();
  return lock;
}

FilesLedger::Renewed FilesLedger::renew(const LockRow& lock, std::int64_t lease_us) {
  const Store::Section section(store_);
  auto now = store_.lock();
  if (!is_mine(now, lock)) return Renewed::kLost;
  now->lease_until_us = connect::end_of_lease(base::system_clock().now_us(), lease_us);
  store_.write_lock(*now);
  return now->state == "stopping" ? Renewed::kAskedToStop : Renewed::kOurs;
}

bool FilesLedger::unlock(const std::string& lock_id) {
  const Store::Section section(store_);
  auto now = store_.lock();
  if (!now || now->lock_id != lock_id || now->state == "free") return false;
  now->state = "free";
  now->lease_until_us = 0;
  ++now->epoch;
  store_.write_lock(*now);
  return true;
}

bool FilesLedger::ask_to_stop(const std::string& run_id) {
  const Store::Section section(store_);
  auto now = store_.lock();
  if (!now || now->run_id != run_id || now->state == "free") return false;
  now->state = "stopping";
  store_.write_lock(*now);
  return true;
}

void FilesLedger::release(const LockRow& lock) {
  const Store::Section section(store_);
  auto now = store_.lock();
  if (!is_mine(now, lock)) return;
  now->state = "free";
  store_.write_lock(*now);
}

std::vector<connect::LedgerRow> FilesLedger::receipts(const std::string& run_id) {
  std::vector<connect::LedgerRow> rows;
  for (FileEntry& entry : store_.entries()) {
    if (!run_id.empty() && entry.row.run_id != run_id) continue;
    entry.row.undo_bytes = entry.before ? entry.before->size : 0;
    entry.row.undo_expires_us = store_.expires_us(entry);
    rows.push_back(std::move(entry.row));
  }
  return rows;
}

std::unique_ptr<connect::OwnRows> FilesLedger::own_rows(const std::string& table,
                                                        const std::vector<std::string>&,
                                                        std::int64_t since_us) {
  const auto now = digest_of(store_.root() / table);
  const std::vector<FileEntry> entries = store_.entries();
  const bool own = std::any_of(entries.begin(), entries.end(), [&](const FileEntry& entry) {
    return entry.path == table && entry.row.committed_us > since_us && entry.after == now;
  });
  return std::make_unique<OwnFile>(own);
}

void FilesLedger::require_lock(const connect::UndoRequest& request) const {
  const auto lock = store_.lock();
  if (lock && lock->state != "free" && lock->run_id == request.run.run_id) return;
  connect::throw_not_held(target(), request.run.run_id);
}

// Rows are not looked at: a file is one thing, as it was left or changed since.
void FilesLedger::judge(const connect::UndoRequest& request, const std::vector<FileEntry>& entries,
                        Undoing& undoing) const {
  const FileEntry& entry = undoing.entry;
  connect::UndoTable& table = undoing.table;
  const auto now = digest_of(store_.root() / entry.path);
  if (now == entry.before && now != entry.after) return;  // as before already
  if (now != entry.after && request.conflicts != Conflicts::kForce) {
    table.conflict_count = 1;
    table.conflicts.push_back("the file " + entry.path + (now ? "" : ", which is gone"));
    table.kept_created = entry.row.created;
    return;
  }
  undoing.moves = true;
  table.removed = entry.row.inserted;
  table.dropped = !entry.before;
  for (const FileEntry& earlier : entries) {
    if (entry.before && earlier.path == entry.path && earlier.after == entry.before) {
      table.reinserted = earlier.row.inserted;
    }
  }
}

Undoing FilesLedger::settle(const std::vector<FileEntry>& entries,
                            const connect::UndoRequest& request, const std::string& step) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const FileEntry& entry) {
    return entry.row.run_id == request.undo_run_id && entry.row.step == step;
  });
  if (found == entries.end()) {
    throw Error(Fault::kState, "E502",
                "run " + request.undo_run_id + " published no " + step + " in files " +
                    shared_->folder.label());
  }
  Undoing undoing;
  undoing.entry = *found;
  undoing.table.step = step;
  undoing.table.table = found->row.table;
  for (const FileEntry& entry : entries) {
    if (is_undo_of(entry, found->row) && entry.row.is_clean()) {
      undoing.table.already = true;
      return undoing;
    }
  }
  if (!store_.has_undo(*found)) {
    throw Error(Fault::kState, "E507",
                "what stood in " + found->path + " before run " + request.undo_run_id +
                    " is not kept any more",
                "nothing was written; undo is kept for 'snapshot.retain'");
  }
  judge(request, entries, undoing);
  return undoing;
}

Intent FilesLedger::prepare(const connect::UndoRequest& request, std::vector<Undoing>& all,
                            const std::vector<FileEntry>& entries) {
  Intent intent;
  for (Undoing& undoing : all) {
    if (undoing.table.already) continue;
    FileEntry entry;
    entry.path = undoing.entry.path;
    entry.row = undoing.entry.row;
    entry.row.step = connect::undo_step(undoing.entry.row.step);
    entry.row.chunk = std::count_if(entries.begin(), entries.end(), [&](const FileEntry& other) {
      return is_undo_of(other, undoing.entry.row);
    });
    entry.row.inserted = undoing.table.reinserted;
    entry.row.deleted = undoing.table.removed;
    entry.row.created = false;
    entry.row.watermark = connect::conflicts_note(undoing.table.conflict_count);
    entry.row.committed_us = base::system_clock().now_us();
    if (undoing.moves) {
      const fs::path target = store_.root() / entry.path;
      std::string staged;
      if (undoing.entry.before) {
        staged = (target.parent_path() /
                  ("." + target.filename().string() + "." + base::random_hex(8) + ".engine"))
                     .string();
        store_.note_staged(request.run.run_id, staged);
        store_.bring_back(undoing.entry, staged);
      }
      intent.moves.push_back({entry.path, staged});
    }
    intent.entries.push_back(std::move(entry));
  }
  return intent;
}

connect::UndoReport FilesLedger::apply_undo(const connect::UndoRequest& request) {
  std::optional<Store::Section> section;
  if (!request.dry_run) {
    section.emplace(store_);
    require_lock(request);
  }
  const std::vector<FileEntry> entries = store_.entries();
  std::vector<Undoing> all;
  for (const std::string& step : request.steps) all.push_back(settle(entries, request, step));
  connect::UndoReport report;
  for (const Undoing& undoing : all) {
    if (request.conflicts != Conflicts::kAbort || undoing.table.conflict_count == 0) continue;
    throw Error(Fault::kState, "E506", undoing.table.conflicts.front(),
                "nothing was written; look with --dry-run, or leave the file alone with "
                "'--conflicts skip'");
  }
  if (!request.dry_run) {
    store_.commit(prepare(request, all, entries));
    store_.forget_staged(request.run.run_id);
  }
  for (Undoing& undoing : all) {
    undoing.table.verified = !request.dry_run && undoing.moves &&
                             digest_of(store_.root() / undoing.entry.path) == undoing.entry.before;
    report.tables.push_back(std::move(undoing.table));
  }
  const std::lock_guard guard(shared_->mutex);
  if (!request.dry_run) shared_->seen.clear();  // what was looked at is not what stands there now
  return report;
}

}  // namespace

std::unique_ptr<connect::Ledger> make_ledger(SharedPtr shared) {
  return std::make_unique<FilesLedger>(std::move(shared));
}

}  // namespace engine::connectors::files
