#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "connect/read.h"
#include "data/batch.h"

namespace engine::connect {

/// Who publishes, for lock, fence and ledger.
struct RunIdentity {
  std::string run_id;
  std::string plan_sha256;
  std::string owner;  ///< "host=... pid=... boot=..."
  std::int64_t started_us = 0;
};

enum class Op : std::uint8_t {
  kInsert = 1,
  kUpdate = 2,
  kDelete = 3,
  kMark = 4,  ///< a soft delete: only TableWrite::mark is set; in ledger and undo it is an update
};

/// The column of ReadRequest::columns that asks for the row's own number (int64), by which
/// Publisher::remove finds rows that have no key. Only where TableInfo::row_numbers says so; a
/// number holds as long as nobody else writes.
inline constexpr const char* kRowNumber = "_engine_row";

/// Rows to write with what is to be done to each. Of Publisher::apply: kInsert and kUpdate, `rows`
/// has the columns of TableWrite::columns. Of Publisher::remove: kDelete and kMark, `rows` has the
/// key's columns in the order of TableWrite::key and, behind them, TableWrite::mark where it is
/// set; without a key it has kRowNumber alone. Keys are unique in the whole stream; rows that equal
/// the target's are not in it.
struct ChangeBatch {
  data::Batch rows;
  std::vector<Op> ops;
  /// About the size of the rows that go, as the target has them; only for estimates.
  std::uint64_t removed_bytes = 0;
};

/// The changes of one table, pulled by the publisher on its own thread. `next` says false at the
/// end. It throws base::Error when a check or the source failed; the publisher then aborts the unit
/// and lets the error pass.
class Changes {
 public:
  virtual ~Changes() = default;
  virtual bool next(ChangeBatch& batch) = 0;
};

struct CreateTable {
  struct Column {
    std::string name;
    data::Type type;
    bool nullable = true;
    std::optional<std::string> default_text;  ///< value text of the column's type
  };
  std::vector<Column> columns;
  std::vector<std::string> primary_key;
  std::string partition_column, partition_by;
  std::vector<std::string> cluster_by;
  std::vector<std::vector<std::string>> indexes;
  /// What Connection::definition gave for the table that is made again: run instead of all the
  /// above.
  std::vector<std::string> statements;
};

/// One table of a publish unit.
struct TableWrite {
  std::string step;                     ///< the plan's name of the table; ledger key
  std::string table;                    ///< physical name
  data::Schema columns;                 ///< columns written, in batch order
  std::vector<std::string> key;         ///< empty: rows are told apart by nothing
  std::vector<std::string> updated;     ///< what a kUpdate writes; empty: all columns but the key
  std::string mark;                     ///< the column that a kMark sets; empty: none
  std::optional<CreateTable> create;    ///< the table is missing and is created first
  std::optional<plan::FileShape> file;  ///< written instead of a table
  bool was_empty = false;  ///< seen empty; begin() says kMoved when that is no longer so
  bool compared = true;    ///< rows of the target decided what is written
};

struct PublishUnit {
  RunIdentity run;
  std::uint64_t epoch = 0;  ///< from Ledger::acquire
  std::int64_t undo_expires_us = 0;
  std::vector<TableWrite> tables;
};

struct TableReceipt {
  std::string step;
  std::string table;
  std::int64_t inserted = 0, updated = 0, deleted = 0;
  bool created = false;
  std::uint64_t undo_bytes = 0;
  base::TableDigest after;  ///< of the rows written, as the target holds them
};
struct Receipt {
  std::vector<TableReceipt> tables;
  std::int64_t committed_us = 0;  ///< by the target's clock
  bool already_done = false;  ///< the ledger had these steps of this run: nothing was written again
};

/// Publishes one unit atomically: begin; remove per table that rows vanish from, children first;
/// apply per table, parents first; commit; or abort (also by destruction). Target with
/// transactions: begin takes the fence (an UPDATE of the lock row that requires the epoch; E501
/// when it is lost) and the write lock; everything until commit is one transaction. Targets that
/// publish by a job collect in apply and send in commit. A commit whose outcome could not be learnt
/// throws kUnknownOutcome E508. One thread.
class Publisher {
 public:
  enum class Begun {
    kReady,
    kMoved,  ///< as kReady, but the target changed since the comparison: compare again, with read()
    kAlreadyDone,  ///< the ledger has all steps of the unit: commit() returns the receipt
  };
  virtual ~Publisher() = default;
  virtual Begun begin(const PublishUnit& unit) = 0;
  virtual void apply(const TableWrite& table, Changes& changes) = 0;
  /// Deletes and soft deletes; only with Capabilities::deletes.
  virtual void remove(const TableWrite& table, Changes& changes);
  /// The image inside the unit; only with Capabilities::reads_inside.
  virtual std::unique_ptr<Source> read(const ReadRequest& request) = 0;
  virtual Receipt commit() = 0;
  virtual void abort() = 0;
};

/// For connections that stage in the server (Capabilities::Staging::kTarget): rows of one table on
/// their way there. stage() may be called from one thread at a time; finish() says that all rows
/// are there and counts what a merge would do.
struct Staged {
  std::int64_t rows = 0, inserts = 0, updates = 0, deletes = 0, same = 0;
};
class Target {
 public:
  virtual ~Target() = default;
  virtual void stage(const data::Batch& batch) = 0;
  virtual Staged finish() = 0;
  virtual void discard() = 0;
};

}  // namespace engine::connect
