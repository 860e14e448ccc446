#include "state/journal.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "state/journal_database.h"
#include "state/wire.h"

namespace engine::state {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kApplicationId = 0x454E474A;  // "ENGJ"
constexpr int kBusyTimeoutMs = 10000;

constexpr const char* kSchema =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS run(run_id TEXT PRIMARY KEY, plan_file TEXT NOT NULL,"
    " plan_name TEXT NOT NULL, plan_sha256 TEXT NOT NULL, profile TEXT NOT NULL,"
    " mode TEXT NOT NULL, applied INTEGER NOT NULL, partial INTEGER NOT NULL,"
    " started_us INTEGER NOT NULL, ended_us INTEGER, status TEXT NOT NULL, exit_code INTEGER,"
    " owner TEXT NOT NULL, folder TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS run_of_plan ON run(plan_name, started_us);"
    "CREATE TABLE IF NOT EXISTS stage(run_id TEXT NOT NULL, table_name TEXT NOT NULL,"
    " stage TEXT NOT NULL, status TEXT NOT NULL, rows_done INTEGER NOT NULL, rows_total INTEGER,"
    " started_us INTEGER NOT NULL, ended_us INTEGER, detail TEXT NOT NULL,"
    " PRIMARY KEY(run_id, table_name, stage)) STRICT;"
    "CREATE TABLE IF NOT EXISTS unit(run_id TEXT NOT NULL, unit TEXT NOT NULL,"
    " state TEXT NOT NULL CHECK(state IN ('intent', 'receipt', 'unknown')),"
    " epoch INTEGER NOT NULL, detail TEXT NOT NULL, PRIMARY KEY(run_id, unit)) STRICT;"
    "CREATE TABLE IF NOT EXISTS position(run_id TEXT NOT NULL, table_name TEXT NOT NULL,"
    " stage TEXT NOT NULL, position TEXT NOT NULL,"
    " PRIMARY KEY(run_id, table_name, stage)) STRICT;"
    "PRAGMA application_id = 1162757962;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

/// Tables that came later, under the same version: who does not know them does without.
constexpr const char* kLaterTables =
    "CREATE TABLE IF NOT EXISTS source_columns(plan_name TEXT NOT NULL, profile TEXT NOT NULL,"
    " table_name TEXT NOT NULL, columns TEXT NOT NULL,"
    " PRIMARY KEY(plan_name, profile, table_name)) STRICT, WITHOUT ROWID;";

constexpr std::string_view kRunColumns =
    "run_id, plan_file, plan_name, plan_sha256, profile, mode, applied, partial, started_us, "
    "ended_us, status, exit_code, owner, folder";

/// A journal begins as a private file; SQLite gives its side files the same mode.
void make_private_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) base::throw_system_error("create", path, errno);
  ::close(descriptor);
}

RunRecord read_run(const JournalStatement& row) {
  RunRecord run;
  run.run_id = row.text(0);
  run.plan_file = row.text(1);
  run.plan_name = row.text(2);
  run.plan_sha256 = row.text(3);
  run.profile = row.text(4);
  run.mode = row.text(5);
  run.applied = row.integer(6) != 0;
  run.partial = row.integer(7) != 0;
  run.started_us = row.integer(8);
  run.ended_us = row.maybe_integer(9);
  run.status = row.text(10);
  if (const auto code = row.maybe_integer(11)) run.exit_code = static_cast<int>(*code);
  run.owner = row.text(12);
  run.folder = row.text(13);
  return run;
}

/// "2:id5:email": the bytes of each name, a colon, the name.
std::string packed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += std::to_string(name.size()) + ":" + name;
  return out;
}

/// What does not read as packed names ends the list.
std::vector<std::string> unpacked(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    std::size_t size = 0;
    const char* const end = text.data() + text.size();
    const auto [at, failure] = std::from_chars(text.data(), end, size);
    const auto left = static_cast<std::size_t>(end - at);
    if (failure != std::errc() || left == 0 || *at != ':' || left - 1 < size) break;
    names.emplace_back(at + 1, size);
    text = std::string_view(at + 1 + size, left - 1 - size);
  }
  return names;
}

StageRecord read_stage(const JournalStatement& row) {
  StageRecord stage;
  stage.run_id = row.text(0);
  stage.table = row.text(1);
  stage.stage = row.text(2);
  stage.status = row.text(3);
  stage.rows_done = row.integer(4);
  stage.rows_total = row.maybe_integer(5);
  stage.started_us = row.integer(6);
  stage.ended_us = row.maybe_integer(7);
  stage.detail = row.text(8);
  return stage;
}

}  // namespace

/// The opened file. Every public call of the journal holds the mutex throughout.
struct Journal::Database {
  explicit Database(std::filesystem::path path) : file(std::move(path)) {}
  ~Database() {
    JournalStatement::close(kept);
    sqlite3_close(handle);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void open(int flags) {
    const int code = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code != SQLITE_OK) throw_journal_error(handle, code, file);
    sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  }

  void execute(const char* sql) {
    const int code = sqlite3_exec(handle, sql, nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return;
    try {
      throw_journal_error(handle, code, file);
    } catch (...) {
      if (sqlite3_get_autocommit(handle) == 0) {
        sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
      }
      throw;
    }
  }

  JournalStatement prepare(std::string_view sql) {
    return JournalStatement(handle, file, sql, kept);
  }

  std::int64_t pragma(std::string_view name) {
    auto statement = prepare("PRAGMA " + std::string(name));
    return statement.step() ? statement.integer(0) : 0;
  }

  /// True when the file is a journal of this format, false when it is new. The three looks see one
  /// state: another process may be making the journal at the same moment.
  bool check_format() {
    execute("BEGIN");
    const auto version = pragma("user_version");
    const auto application = pragma("application_id");
    const bool empty = is_empty();
    execute("COMMIT");
    if (version == 0 && application == 0 && empty) return false;
    if (application != kApplicationId) {
      throw base::Error(
          base::Fault::kState, "E503",
          base::quoted(file.string()) + " is no journal but another program's database",
          "it was left as it is; name another folder with --state DIR");
    }
    if (version != kVersion) {
      throw_version(file, static_cast<std::uint32_t>(version),
                    static_cast<std::uint32_t>(kVersion));
    }
    return true;
  }

  bool is_empty() {
    auto statement = prepare("SELECT count(*) FROM sqlite_master");
    statement.step();
    return statement.integer(0) == 0;
  }

  void durable(bool yes) {
    if (yes == is_durable) return;
    execute(yes ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    is_durable = yes;
  }

  void set_unit(const std::string& run_id, const std::string& unit, std::string_view state,
                const std::string& detail) {
    durable(true);
    prepare("UPDATE unit SET state = ?, detail = ? WHERE run_id = ? AND unit = ?")
        .bind(state)
        .bind(detail)
        .bind(run_id)
        .bind(unit)
        .run();
    if (sqlite3_changes(handle) != 1) base::bug("a receipt without an intent");
  }

  std::optional<std::string> last_run(const PlanRef& plan, bool applied) {
    auto statement = prepare(
        "SELECT run_id FROM run WHERE plan_name = ? AND profile = ? AND applied = ? AND partial = "
        "0 AND "
        "exit_code = 0 AND mode IN ('run', 'plan') ORDER BY started_us DESC, run_id DESC LIMIT 1");
    statement.bind(plan.name).bind(plan.profile).bind(std::int64_t{applied});
    if (!statement.step()) return std::nullopt;
    return statement.text(0);
  }

  std::filesystem::path file;
  sqlite3* handle = nullptr;
  JournalStatement::Kept kept;
  std::mutex mutex;
  bool is_durable = false;
};

Journal::Journal(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Journal::~Journal() = default;

std::unique_ptr<Journal> Journal::open(const std::filesystem::path& state_dir) {
  return patiently([&] { return open_once(state_dir); });
}

std::unique_ptr<Journal> Journal::open_once(const std::filesystem::path& state_dir) {
  auto database = std::make_unique<Database>(state_dir / "journal.db");
  make_private_file(database->file);
  database->open(SQLITE_OPEN_READWRITE);
  if (!database->check_format()) {
    database->execute("PRAGMA journal_mode = WAL");
    database->execute(kSchema);
  }
  database->execute(kLaterTables);
  database->durable(true);
  return std::unique_ptr<Journal>(new Journal(std::move(database)));
}

std::unique_ptr<Journal> Journal::open_to_read(const std::filesystem::path& state_dir) {
  return patiently([&] { return open_to_read_once(state_dir); });
}

std::unique_ptr<Journal> Journal::open_to_read_once(const std::filesystem::path& state_dir) {
  auto database = std::make_unique<Database>(state_dir / "journal.db");
  std::error_code failure;
  if (!std::filesystem::exists(database->file, failure)) return nullptr;
  // A killed process may have left what only a writer can mend; where the file is write-protected
  // this is a reader.
  database->open(SQLITE_OPEN_READWRITE);
  if (!database->check_format()) return nullptr;
  return std::unique_ptr<Journal>(new Journal(std::move(database)));
}

void Journal::begin_run(const RunRecord& run) {
  const std::lock_guard lock(database_->mutex);
  database_->durable(true);
  std::optional<std::int64_t> exit_code;
  if (run.exit_code.has_value()) exit_code = *run.exit_code;
  database_
      ->prepare("INSERT INTO run(" + std::string(kRunColumns) +
                ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(run_id) DO UPDATE SET "
                "status = excluded.status, applied = excluded.applied, partial = "
                "excluded.partial, owner = excluded.owner, ended_us = NULL, exit_code = NULL")
      .bind(run.run_id)
      .bind(run.plan_file)
      .bind(run.plan_name)
      .bind(run.plan_sha256)
      .bind(run.profile)
      .bind(run.mode)
      .bind(std::int64_t{run.applied})
      .bind(std::int64_t{run.partial})
      .bind(run.started_us)
      .bind(run.ended_us)
      .bind(run.status)
      .bind(exit_code)
      .bind(run.owner)
      .bind(run.folder)
      .run();
}

void Journal::set_stage(const StageRecord& stage) {
  const std::lock_guard lock(database_->mutex);
  database_->durable(false);
  database_
      ->prepare(
          "INSERT INTO stage(run_id, table_name, stage, status, rows_done, rows_total, started_us, "
          "ended_us, detail) VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET "
          "status = excluded.status, rows_done = excluded.rows_done, "
          "rows_total = excluded.rows_total, started_us = excluded.started_us, "
          "ended_us = excluded.ended_us, detail = excluded.detail")
      .bind(stage.run_id)
      .bind(stage.table)
      .bind(stage.stage)
      .bind(stage.status)
      .bind(stage.rows_done)
      .bind(stage.rows_total)
      .bind(stage.started_us)
      .bind(stage.ended_us)
      .bind(stage.detail)
      .run();
}

void Journal::set_position(const std::string& run_id, const PositionRecord& position) {
  const std::lock_guard lock(database_->mutex);
  database_->durable(false);
  database_
      ->prepare(
          "INSERT INTO position(run_id, table_name, stage, position) VALUES(?,?,?,?) "
          "ON CONFLICT DO UPDATE SET position = excluded.position")
      .bind(run_id)
      .bind(position.table)
      .bind(position.stage)
      .bind(position.position)
      .run();
}

void Journal::unit_intent(const std::string& run_id, const std::string& unit, std::uint64_t epoch,
                          const std::string& detail_json) {
  const std::lock_guard lock(database_->mutex);
  database_->durable(true);
  database_
      ->prepare(
          "INSERT INTO unit(run_id, unit, state, epoch, detail) VALUES(?,?,'intent',?,?) "
          "ON CONFLICT DO UPDATE SET state = 'intent', epoch = excluded.epoch, "
          "detail = excluded.detail")
      .bind(run_id)
      .bind(unit)
      .bind(static_cast<std::int64_t>(epoch))
      .bind(detail_json)
      .run();
}

void Journal::unit_receipt(const std::string& run_id, const std::string& unit,
                           const std::string& detail_json) {
  const std::lock_guard lock(database_->mutex);
  database_->set_unit(run_id, unit, "receipt", detail_json);
}

void Journal::unit_unknown(const std::string& run_id, const std::string& unit) {
  const std::lock_guard lock(database_->mutex);
  database_->durable(true);
  database_->prepare("UPDATE unit SET state = 'unknown' WHERE run_id = ? AND unit = ?")
      .bind(run_id)
      .bind(unit)
      .run();
}

void Journal::end_run(const std::string& run_id, const std::string& status, int exit_code,
                      std::int64_t ended_us) {
  const std::lock_guard lock(database_->mutex);
  database_->durable(true);
  database_->prepare("UPDATE run SET status = ?, exit_code = ?, ended_us = ? WHERE run_id = ?")
      .bind(status)
      .bind(std::int64_t{exit_code})
      .bind(ended_us)
      .bind(run_id)
      .run();
  if (sqlite3_changes(database_->handle) != 1) base::bug("the end of a run that never began");
}

void Journal::set_status(const std::string& run_id, const std::string& status) {
  const std::lock_guard lock(database_->mutex);
  database_->durable(true);
  database_->prepare("UPDATE run SET status = ? WHERE run_id = ?").bind(status).bind(run_id).run();
}

void Journal::set_columns(const PlanRef& plan, const Columns& columns) {
  const Columns before = this->columns(plan);
  const std::lock_guard lock(database_->mutex);
  database_->durable(false);
  for (const auto& [table, names] : columns) {
    const auto known = before.find(table);
    if (known != before.end() && known->second == names) continue;
    database_
        ->prepare(
            "INSERT INTO source_columns(plan_name, profile, table_name, columns) VALUES(?,?,?,?) "
            "ON CONFLICT DO UPDATE SET columns = excluded.columns")
        .bind(plan.name)
        .bind(plan.profile)
        .bind(table)
        .bind(packed(names))
        .run();
  }
}

Journal::Columns Journal::columns(const PlanRef& plan) {
  const std::lock_guard lock(database_->mutex);
  auto statement = database_->prepare(
      "SELECT table_name, columns FROM source_columns WHERE plan_name = ? AND profile = ?");
  statement.bind(plan.name).bind(plan.profile);
  Columns out;
  while (statement.step()) out.emplace(statement.text(0), unpacked(statement.text(1)));
  return out;
}

std::vector<RunRecord> Journal::runs(std::size_t limit) {
  const std::lock_guard lock(database_->mutex);
  auto statement = database_->prepare("SELECT " + std::string(kRunColumns) +
                                      " FROM run ORDER BY started_us DESC, run_id DESC LIMIT ?");
  statement.bind(static_cast<std::int64_t>(limit));
  std::vector<RunRecord> out;
  while (statement.step()) out.push_back(read_run(statement));
  return out;
}

std::optional<RunRecord> Journal::run(const std::string& run_id) {
  const std::lock_guard lock(database_->mutex);
  auto statement =
      database_->prepare("SELECT " + std::string(kRunColumns) + " FROM run WHERE run_id = ?");
  statement.bind(run_id);
  if (!statement.step()) return std::nullopt;
  return read_run(statement);
}

std::vector<StageRecord> Journal::stages(const std::string& run_id) {
  const std::lock_guard lock(database_->mutex);
  auto statement = database_->prepare(
      "SELECT run_id, table_name, stage, status, rows_done, rows_total, started_us, ended_us, "
      "detail FROM stage WHERE run_id = ? ORDER BY rowid");
  statement.bind(run_id);
  std::vector<StageRecord> out;
  while (statement.step()) out.push_back(read_stage(statement));
  return out;
}

std::vector<UnitRecord> Journal::units(const std::string& run_id) {
  const std::lock_guard lock(database_->mutex);
  auto statement = database_->prepare(
      "SELECT run_id, unit, state, epoch, detail FROM unit WHERE run_id = ? ORDER BY rowid");
  statement.bind(run_id);
  std::vector<UnitRecord> out;
  while (statement.step()) {
    out.push_back({.run_id = statement.text(0),
                   .unit = statement.text(1),
                   .state = statement.text(2),
                   .epoch = static_cast<std::uint64_t>(statement.integer(3)),
                   .detail = statement.text(4)});
  }
  return out;
}

std::vector<PositionRecord> Journal::positions(const std::string& run_id) {
  const std::lock_guard lock(database_->mutex);
  auto statement = database_->prepare(
      "SELECT table_name, stage, position FROM position WHERE run_id = ? ORDER BY rowid");
  statement.bind(run_id);
  std::vector<PositionRecord> out;
  while (statement.step()) {
    out.push_back(
        {.table = statement.text(0), .stage = statement.text(1), .position = statement.text(2)});
  }
  return out;
}

std::optional<std::int64_t> Journal::last_read_rows(const PlanRef& plan, const std::string& table) {
  const std::lock_guard lock(database_->mutex);
  const auto run_id = database_->last_run(plan, true);
  if (!run_id.has_value()) return std::nullopt;
  auto statement = database_->prepare(
      "SELECT rows_done FROM stage WHERE run_id = ? AND table_name = ? AND stage = 'extract' AND "
      "status = 'done'");
  statement.bind(*run_id).bind(table);
  if (!statement.step()) return std::nullopt;
  return statement.integer(0);
}

std::optional<std::int64_t> Journal::last_run_us(const PlanRef& plan, bool applied) {
  const std::lock_guard lock(database_->mutex);
  const auto run_id = database_->last_run(plan, applied);
  if (!run_id.has_value()) return std::nullopt;
  auto statement = database_->prepare("SELECT ended_us - started_us FROM run WHERE run_id = ?");
  statement.bind(*run_id);
  return statement.step() ? statement.maybe_integer(0) : std::nullopt;
}

std::map<std::string, std::int64_t> Journal::last_table_us(const PlanRef& plan, bool applied) {
  const std::lock_guard lock(database_->mutex);
  std::map<std::string, std::int64_t> out;
  const auto run_id = database_->last_run(plan, applied);
  if (!run_id.has_value()) return out;
  auto statement = database_->prepare(
      "SELECT table_name, sum(ended_us - started_us) FROM stage WHERE run_id = ? AND "
      "ended_us IS NOT NULL GROUP BY table_name");
  statement.bind(*run_id);
  while (statement.step()) out[statement.text(0)] = statement.integer(1);
  return out;
}

}  // namespace engine::state
