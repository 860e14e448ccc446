#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "connect/write.h"

namespace engine::connect {

/// A row of `_engine_ledger`: what happened in the target. Primary key (run_id, step, chunk).
struct LedgerRow {
  std::string run_id;
  std::string step;  ///< plan's name of the table; undo_step() of it for its undoing
  std::int64_t chunk = 0;
  std::uint64_t epoch = 0;
  std::string plan_sha256;
  std::string table;
  std::int64_t inserted = 0, updated = 0, deleted = 0;
  bool created = false;
  std::string after_digest;  ///< TableDigest text
  std::string watermark;     ///< of an undoing: conflicts_note()
  std::int64_t committed_us = 0;
  std::uint64_t undo_bytes = 0;
  /// Until when the before images are there; nullopt: they are not. Only read.
  std::optional<std::int64_t> undo_expires_us;

  /// The step that this row undid; nullopt: it published one.
  std::optional<std::string> undone_step() const;
  /// Of an undoing: nothing was left alone.
  bool is_clean() const;
};

/// "rollback:<step>": as what the undoing of a step is entered.
std::string undo_step(const std::string& step);
/// "conflicts:<count>": how many rows an undoing left alone.
std::string conflicts_note(std::int64_t count);

/// A row of `_engine_lock`.
struct LockRow {
  std::string scope;
  std::uint64_t epoch = 0;
  std::string run_id;
  std::string owner;
  std::string lock_id;
  std::int64_t lease_until_us = 0;
  std::int64_t since_us = 0;
  std::string state;  ///< "held" | "free" | "stopping"
};

enum class Conflicts { kSkip, kAbort, kForce };

struct UndoRequest {
  RunIdentity run;                 ///< the undoing run
  std::string undo_run_id;         ///< whose changes are undone
  std::vector<std::string> steps;  ///< tables in the order in which to undo them
  Conflicts conflicts = Conflicts::kSkip;
  bool dry_run = false;
};
struct UndoTable {
  std::string step, table;
  std::int64_t removed = 0;            ///< rows the run had inserted
  std::int64_t restored = 0;           ///< rows the run had updated, as before
  std::int64_t reinserted = 0;         ///< rows the run had deleted
  bool dropped = false;                ///< the table the run had created, still empty and unchanged
  bool kept_created = false;           ///< created by the run, but not empty or changed: stays
  bool already = false;                ///< undone before
  std::vector<std::string> conflicts;  ///< keys of rows changed since, at most 100
  std::int64_t conflict_count = 0;
  bool verified = false;  ///< read back: every undone row has its before image (or is gone)
};
struct UndoReport {
  std::vector<UndoTable> tables;
};

/// Tells what runs of the engine left in a table from what others did since.
class OwnRows {
 public:
  virtual ~OwnRows() = default;
  /// Per row of `rows`, which has the table's key (columns named as in the table) or kRowNumber:
  /// true when what stands there now, or that nothing does, is the work of one of the runs. Without
  /// a key also whole rows (all written columns) that do not stand there: true when one of the runs
  /// took such a row away. A table without rows of its own (a file) is asked with any one row.
  virtual std::vector<bool> look(const data::Batch& rows) = 0;
};

/// The engine's own tables in one target. Everything is read and written by the target's clock
/// where it has one.
class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Takes the lock of this target for a run; creates the engine's tables when they are missing.
  /// Returns the row with the epoch raised by one. Held by another live run: kLocked E501 naming
  /// holder, host, pid, since when and how to unlock.
  virtual LockRow acquire(const RunIdentity& run, std::int64_t lease_us) = 0;
  /// Extends the lease, unless the lock is no longer ours. kAskedToStop: it is, and somebody wants
  /// the run to end.
  enum class Renewed { kOurs, kAskedToStop, kLost };
  virtual Renewed renew(const LockRow& lock, std::int64_t lease_us) = 0;
  virtual void release(const LockRow& lock) = 0;
  /// The lock as it stands; nullopt: it was never taken.
  virtual std::optional<LockRow> lock() = 0;
  /// Frees the lock of this id, whoever holds it: the holder's fence refuses it from then on. False
  /// when it is not held under this id.
  virtual bool unlock(const std::string& lock_id) = 0;
  /// Asks the run that holds the lock to stop; false when this run does not hold it.
  virtual bool ask_to_stop(const std::string& run_id) = 0;
  /// Rows of one run, or of all runs when the id is empty; ordered by time. Empty where the tables
  /// do not exist.
  virtual std::vector<LedgerRow> receipts(const std::string& run_id) = 0;
  /// Undoes one run in one transaction (where there are transactions), rows changed since being
  /// conflicts. E507 when undo is missing or expired. With dry_run nothing is written. A rollback
  /// is itself entered in the ledger.
  virtual UndoReport apply_undo(const UndoRequest& request) = 0;
  /// What the runs did to a table that committed after `since_us`, as far as their before images
  /// are still there. `key`: what identifies its rows; empty: nothing does.
  virtual std::unique_ptr<OwnRows> own_rows(const std::string& table,
                                            const std::vector<std::string>& key,
                                            std::int64_t since_us) = 0;
  /// Forgets undo that expired before `now_us`, except of `keep_run`. Returns bytes freed.
  virtual std::uint64_t prune(std::int64_t now_us, const std::string& keep_run) = 0;
};

}  // namespace engine::connect
