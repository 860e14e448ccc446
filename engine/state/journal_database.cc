#include "state/journal_database.h"

#include <sqlite3.h>

#include "base/disk.h"
#include "base/error.h"
#include "base/text.h"

namespace engine::state {
namespace {

using base::Fault;

struct Failure {
  Fault fault;
  const char* code;
  const char* help;
};

Failure failure_of(int sqlite_code) {
  switch (sqlite_code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
      return {Fault::kState, "E503",
              "move the journal away; runs are still found by their folders"};
    case SQLITE_FULL:
      return {Fault::kTransient, "E208", "free some space there and run the same command again"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Fault::kTransient, "E206", "another engine is writing its journal; try again"};
    default:
      return {Fault::kState, "E505", "name a folder that can be written with --state DIR"};
  }
}

}  // namespace

void throw_journal_error(sqlite3* database, int code, const std::filesystem::path& file) {
  const bool of_system = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
  const Failure failure = failure_of(of_system && base::is_disk_full(file) ? SQLITE_FULL : code);
  const char* why = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  throw base::Error(failure.fault, failure.code,
                    "the journal " + base::quoted(file.string()) + " failed: " + why, failure.help);
}

JournalStatement::JournalStatement(sqlite3* database, const std::filesystem::path& file,
                                   std::string_view sql, Kept& kept)
    : database_(database), file_(file) {
  const auto found = kept.find(sql);
  if (found != kept.end()) {
    statement_ = found->second;
    return;
  }
  check(
      sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr));
  kept.emplace(sql, statement_);
}

/// What went wrong was thrown by step() already.
JournalStatement::~JournalStatement() {
  sqlite3_reset(statement_);
}

void JournalStatement::close(Kept& kept) {
  for (const auto& [sql, statement] : kept) sqlite3_finalize(statement);
  kept.clear();
}

void JournalStatement::check(int code) const {
  if (code != SQLITE_OK) throw_journal_error(database_, code, file_);
}

JournalStatement& JournalStatement::bind(std::string_view text) {
  check(sqlite3_bind_text64(statement_, ++bound_, text.data() == nullptr ? "" : text.data(),
                            text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

JournalStatement& JournalStatement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

JournalStatement& JournalStatement::bind(const std::optional<std::int64_t>& value) {
  if (value.has_value()) return bind(*value);
  check(sqlite3_bind_null(statement_, ++bound_));
  return *this;
}

bool JournalStatement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) throw_journal_error(database_, code, file_);
  return false;
}

void JournalStatement::run() {
  while (step()) {
  }
}

std::string JournalStatement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::int64_t JournalStatement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<std::int64_t> JournalStatement::maybe_integer(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return integer(column);
}

}  // namespace engine::state
