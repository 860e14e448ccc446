#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::state {

/// One run as the journal knows it. `status` is "running" until end_run, then "done", "paused"
/// (after a phase that was asked for), "failed", "blocked", "stopped" or "rolled back". A run that
/// is "running" although its process is gone was killed.
struct RunRecord {
  std::string run_id;
  std::string plan_file, plan_name, plan_sha256, profile;
  std::string mode;      ///< "run", "plan", "check", "rollback"
  bool applied = false;  ///< meant to publish
  bool partial = false;  ///< --only, --limit, --phase: says nothing about a whole run
  std::int64_t started_us = 0;
  std::optional<std::int64_t> ended_us;
  std::string status = "running";
  std::optional<int> exit_code;
  std::string owner;   ///< "host=... pid=... boot=..."
  std::string folder;  ///< of the run; absolute
};

struct StageRecord {
  std::string run_id, table;
  std::string stage;   ///< "extract", "transform", "check", "merge", "verify", "publish"
  std::string status;  ///< "running", "done", "failed"
  std::int64_t rows_done = 0;
  std::optional<std::int64_t> rows_total;
  std::int64_t started_us = 0;
  std::optional<std::int64_t> ended_us;
  std::string detail;
};

/// What was meant for, and known of, one publish unit. The ledger in the target has the last word.
struct UnitRecord {
  std::string run_id, unit;
  std::string state;  ///< "intent", "receipt", "unknown"
  std::uint64_t epoch = 0;
  std::string detail;  ///< JSON
};

/// Runs of one plan under one profile (which are other databases) are compared with each other.
struct PlanRef {
  std::string name, profile;
};

struct PositionRecord {
  std::string table, stage, position;
};

/// The local journal `<state dir>/journal.db`: what was meant, run by run. SQLite in WAL mode:
/// several processes read while one writes. begin_run, unit_* and end_run are on the disk when they
/// return (synchronous FULL); stages and positions may lose their last entries with the power,
/// which only costs work. Thread safe. Format: FORMATS.md.
/// Errors: E505 cannot be written, E208 disk full, E206 busy (transient), E503 damaged or foreign,
/// E504 of a later format, E205 unreadable.
class Journal {
 public:
  /// Made when it is missing.
  static std::unique_ptr<Journal> open(const std::filesystem::path& state_dir);
  /// For looking only; nullptr when there is none.
  static std::unique_ptr<Journal> open_to_read(const std::filesystem::path& state_dir);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// A run that is known goes on: what says how it ended is forgotten, and `applied`, `partial`,
  /// `owner` are the new ones.
  void begin_run(const RunRecord& run);
  /// A later entry of the same run, table and stage takes the place of the earlier one.
  void set_stage(const StageRecord& stage);
  void set_position(const std::string& run_id, const PositionRecord& position);
  void unit_intent(const std::string& run_id, const std::string& unit, std::uint64_t epoch,
                   const std::string& detail_json);
  void unit_receipt(const std::string& run_id, const std::string& unit,
                    const std::string& detail_json);
  /// What was written of the unit before stays.
  void unit_unknown(const std::string& run_id, const std::string& unit);
  void end_run(const std::string& run_id, const std::string& status, int exit_code,
               std::int64_t ended_us);

  /// Of a run that ended; does nothing when the journal does not know it.
  void set_status(const std::string& run_id, const std::string& status);

  /// The columns of each table's source as of the last applied whole run; a later entry takes the
  /// place of the earlier one.
  using Columns = std::map<std::string, std::vector<std::string>>;  ///< by table of the plan
  void set_columns(const PlanRef& plan, const Columns& columns);
  Columns columns(const PlanRef& plan);

  /// Newest first; at most `limit`.
  std::vector<RunRecord> runs(std::size_t limit = 1000);
  std::optional<RunRecord> run(const std::string& run_id);
  /// In the order in which they were first entered.
  std::vector<StageRecord> stages(const std::string& run_id);
  std::vector<UnitRecord> units(const std::string& run_id);
  std::vector<PositionRecord> positions(const std::string& run_id);

  /// Rows that the last whole applied run of this plan and profile that ended with 0 read from this
  /// table.
  std::optional<std::int64_t> last_read_rows(const PlanRef& plan, const std::string& table);
  /// How long the last whole run that ended with 0 took; of applied runs, or of others.
  std::optional<std::int64_t> last_run_us(const PlanRef& plan, bool applied);
  /// How long each table took in that run, all its stages together.
  std::map<std::string, std::int64_t> last_table_us(const PlanRef& plan, bool applied);

 private:
  struct Database;
  static std::unique_ptr<Journal> open_once(const std::filesystem::path& state_dir);
  static std::unique_ptr<Journal> open_to_read_once(const std::filesystem::path& state_dir);
  explicit Journal(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace engine::state
