#include "connectors/sqlite/database.h"

#include <sqlite3.h>

#include <utility>

#include "base/disk.h"
#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;

constexpr int kWaitForLocksMs = 3000;
/// KiB. Big enough that a merge does not read index pages again and again, small against the memory
/// budget. Who only reads passes over most pages once: fewer stay in the processor's own cache.
constexpr int kWriterCache = 32768;
constexpr int kReaderCache = 4096;
/// A commit lasts once it is said to stand: EXTRA syncs the folder, without which a loss of power
/// brings the removed journal back, and with it the former state.
constexpr const char* kSettings = "PRAGMA foreign_keys=OFF; PRAGMA synchronous=EXTRA";

struct Mapped {
  int code;
  Fault fault;
  const char* error;
  const char* what;
  const char* help;
};

/// Extended codes first: the first entry that fits decides.
constexpr Mapped kErrors[] = {
    {SQLITE_READONLY_ROLLBACK, Fault::kRemote, "E204",
     "a writer died in the middle of a transaction, and its journal has not been rolled back",
     "open the database once with a program that may write to it (sqlite3 FILE 'PRAGMA "
     "user_version;'), which restores the last committed state, then run the same command again"},
    {SQLITE_READONLY, Fault::kRemote, "E203", "it is read-only",
     "give the user of this process write permission on the file and on its folder"},
    {SQLITE_PERM, Fault::kRemote, "E203", "permission denied",
     "give the user of this process the permission"},
    {SQLITE_AUTH, Fault::kRemote, "E203", "permission denied",
     "give the user of this process the permission"},
    {SQLITE_BUSY, Fault::kTransient, "E206", "another process has it locked",
     "wait until the other reader or writer is done, then run the same command again"},
    {SQLITE_LOCKED, Fault::kTransient, "E206", "a table in it is locked",
     "wait until the other reader or writer is done, then run the same command again"},
    {SQLITE_FULL, Fault::kTransient, "E208", "the disk is full",
     "free some space there and run the same command again"},
    {SQLITE_NOTADB, Fault::kRemote, "E202", "it is not a SQLite database",
     "check the path of the connection"},
    {SQLITE_CORRUPT, Fault::kRemote, "E202", "the database is damaged",
     "run PRAGMA integrity_check on it, and restore it from a backup"},
    {SQLITE_CANTOPEN, Fault::kRemote, "E201", "the file cannot be opened",
     "check the path of the connection and the permissions of the file and its folder"},
    {SQLITE_IOERR, Fault::kRemote, "E205", "reading or writing the file failed",
     "check that the path is a file and not a folder, and the health of the disk"},
    {SQLITE_CONSTRAINT, Fault::kData, "E416", "a constraint of the table refused the row", ""},
};

const Mapped* mapped(int extended) {
  for (const auto& entry : kErrors) {
    if (entry.code == extended || entry.code == (extended & 0xff)) return &entry;
  }
  return nullptr;
}

/// What a full disk makes of a sync or of a new file, among others.
bool is_of_system(int extended) {
  return (extended & 0xff) == SQLITE_IOERR || (extended & 0xff) == SQLITE_CANTOPEN;
}

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

Database::Database(std::string path, std::string label, Mode mode)
    : path_(std::move(path)), label_(std::move(label)) {
  try {
    open(mode);
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

void Database::open(Mode mode) {
  const int access =
      mode == Mode::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const char* const name = mode == Mode::kNothing ? ":memory:" : path_.c_str();
  const int result = sqlite3_open_v2(name, &handle_,
                                     access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (result != SQLITE_OK) fail("open it");
  wait_for_locks(kWaitForLocksMs);
  const int cache = mode == Mode::kRead ? kReaderCache : kWriterCache;
  run(kSettings);
  run("PRAGMA cache_size=-" + std::to_string(cache));
  // The file is looked at only when something is read: a wrong file or a hot journal shows here.
  integer("SELECT count(*) FROM sqlite_master");
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

void Database::wait_for_locks(int milliseconds) {
  sqlite3_busy_timeout(handle_, milliseconds);
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail("run \"" + sql + "\"");
  }
}

Statement Database::prepare(std::string_view sql) {
  return Statement(*this, sql);
}

std::int64_t Database::integer(std::string_view sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}

bool Database::is_writing() const {
  return sqlite3_txn_state(handle_, "main") == SQLITE_TXN_WRITE;
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

void Database::rollback() noexcept {
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Database::fail(std::string_view doing) const {
  const int code = handle_ == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle_);
  const std::string reason = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
  const bool may_be_full = is_of_system(code) && sqlite3_db_readonly(handle_, "main") == 0;
  const Mapped* const known = mapped(may_be_full && base::is_disk_full(path_) ? SQLITE_FULL : code);
  const std::string where = "sqlite " + label_;
  if (known == nullptr) {
    throw Error(Fault::kState, "E505",
                where + ": cannot " + std::string(doing) + ": " + reason + " (code " +
                    std::to_string(code) + ")");
  }
  std::string message = where + ": " + known->what;
  if (known->fault == Fault::kData || code == SQLITE_IOERR) message += ": " + reason;
  throw Error(known->fault, known->error, message, known->help);
}

Statement::Statement(Database& database, std::string_view sql) : database_(&database) {
  const auto guard = database.lock();
  if (sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK) {
    database.fail("prepare \"" + std::string(sql) + "\"");
  }
}

Statement::~Statement() {
  finalize();
}

void Statement::finalize() noexcept {
  if (statement_ == nullptr) return;
  const auto guard = database_->lock();
  sqlite3_finalize(statement_);
  statement_ = nullptr;
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this == &other) return *this;
  finalize();
  database_ = other.database_;
  statement_ = std::exchange(other.statement_, nullptr);
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  sqlite3_bind_null(statement_, parameter);
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_, parameter, value);
  return *this;
}

Statement& Statement::bind_real(int parameter, double value) {
  sqlite3_bind_double(statement_, parameter, value);
  return *this;
}

// A null pointer would bind NULL, so an empty text gets a pointer of its own.
Statement& Statement::bind_text(int parameter, std::string_view text) {
  const char* const bytes = text.data() == nullptr ? "" : text.data();
  if (sqlite3_bind_text64(statement_, parameter, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8) !=
      SQLITE_OK) {
    database_->fail("bind a text");
  }
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  const char* const data = bytes.data() == nullptr ? "" : bytes.data();
  if (sqlite3_bind_blob64(statement_, parameter, data, bytes.size(), SQLITE_STATIC) != SQLITE_OK) {
    database_->fail("bind a blob");
  }
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE)
    database_->fail("run \"" + std::string(sqlite3_sql(statement_)) + "\"");
  return false;
}

// The result repeats the failure of the last step, which was reported there.
void Statement::reset() {
  sqlite3_reset(statement_);
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view Statement::text(int column) const {
  const auto* const bytes = sqlite3_column_text(statement_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::blob(int column) const {
  const auto* const bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

sqlite3_value* Statement::value(int column) const {
  return sqlite3_column_value(statement_, column);
}

std::string Statement::column_name(int column) const {
  return sqlite3_column_name(statement_, column);
}

int Statement::columns() const {
  return sqlite3_column_count(statement_);
}

}  // namespace engine::connectors::sqlite
