#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "data/batch.h"
#include "state/block_file.h"

namespace engine::state {

/// Which side of a plan a table lies on.
enum class Side { kSource, kTarget };
std::string_view side_name(Side side);

/// One table of a snapshot: where it lay, and what was kept of it.
struct KeptTable {
  std::string table;  ///< the plan's name
  Side side = Side::kTarget;
  std::string connection;   ///< the plan's name of it
  std::string type;         ///< of the connection: "sqlite"
  std::string identity;     ///< of what the connection leads to; never a secret
  std::string physical;     ///< the table's name there
  bool is_file = false;     ///< a file, kept as its bytes: `physical` is its path
  bool missing = false;     ///< there was no such table: nothing but this is kept
  std::string file;         ///< of the rows, beneath the snapshot's folder
  std::uint64_t rows = 0;   ///< of a file: its pieces
  std::uint64_t bytes = 0;  ///< of the copy
  std::string digest;       ///< base::TableDigest::text of data::row_hashes over all columns
  std::vector<std::string> key;
  std::vector<std::string> columns;     ///< "id int64 not null", for people; the file has the types
  std::vector<std::string> definition;  ///< statements that make the table anew; may be empty
  std::int64_t ledger_us = 0;           ///< when the newest entry of the target's ledger was made
};

/// Whole copies of tables, taken together. Its id is the id of the run that took it.
struct Snapshot {
  std::string id;
  std::string plan_file, plan_name, plan_sha256, profile;
  std::int64_t created_us = 0;
  std::int64_t expires_us = 0;
  std::int64_t keep = 1;  ///< so many of the newest of the plan stay, whatever their age
  std::vector<KeptTable> tables;

  std::uint64_t rows() const;
  std::uint64_t bytes() const;
};

/// Takes one snapshot: its files are written aside (`<state dir>/snapshots/.<id>`), synced, read
/// back, and renamed into place by finish(); without that nothing is left. One thread.
/// Errors: E208, E505 of the folder; E521 when what was read back is not what was written.
class SnapshotWriter {
 public:
  SnapshotWriter(const std::filesystem::path& state_dir, Snapshot head);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  /// The next table; its rows follow until end(). A missing one has no rows and no end.
  void begin(KeptTable table, std::shared_ptr<const data::Schema> columns);
  void write(const data::Batch& rows);
  void end();
  void add_missing(KeptTable table);

  /// Of all tables so far.
  std::uint64_t bytes() const;
  Snapshot finish();

 private:
  Snapshot snapshot_;
  std::filesystem::path folder_, aside_;
  KeptTable table_;
  std::unique_ptr<BlockWriter> rows_;
  base::TableDigest digest_;
  bool finished_ = false;
};

/// `<state dir>/snapshots/<id>`
std::filesystem::path snapshot_folder(const std::filesystem::path& state_dir,
                                      const std::string& id);
/// The ids of the snapshots that have a folder, oldest first; other entries are not looked at.
std::vector<std::string> snapshot_ids(const std::filesystem::path& state_dir);
/// What it says of itself; E503 when that is missing, damaged or foreign, E504 of a later format.
Snapshot read_snapshot(const std::filesystem::path& state_dir, const std::string& id);
/// The id that a user means: a whole one, a unique start of one, its last eight digits, `latest`.
/// None or several: kState E520 that lists what there is.
std::string find_snapshot(const std::filesystem::path& state_dir, std::string_view text);

/// Reads all rows of a kept table and compares them with what was noted: E503 that names file and
/// table.
void verify_table(const std::filesystem::path& folder, const KeptTable& table);
/// A file that no table of the snapshot names: E503.
void verify_folder(const std::filesystem::path& folder, const Snapshot& snapshot);

/// Takes a snapshot away, first its name and then its files; returns the bytes.
std::uint64_t remove_snapshot(const std::filesystem::path& state_dir, const std::string& id);
/// Takes away what processes that were killed left aside; `alive` says whether one is still at
/// work on the snapshot of that id.
void remove_unfinished(const std::filesystem::path& state_dir,
                       const std::function<bool(const std::string& id)>& alive);

}  // namespace engine::state
