#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace engine::state {

/// One prepared statement of the journal. Parameters are bound in order; columns are read in order
/// after step() said true. Lives shorter than its database.
class JournalStatement {
 public:
  /// Statements that are prepared once and lent out again and again; nobody asks for one that is
  /// lent. Closed before the database.
  using Kept = std::map<std::string, sqlite3_stmt*, std::less<>>;

  JournalStatement(sqlite3* database, const std::filesystem::path& file, std::string_view sql,
                   Kept& kept);
  ~JournalStatement();
  JournalStatement(const JournalStatement&) = delete;
  JournalStatement& operator=(const JournalStatement&) = delete;

  JournalStatement& bind(std::string_view text);
  JournalStatement& bind(std::int64_t value);
  JournalStatement& bind(const std::optional<std::int64_t>& value);
  /// True when there is a row.
  bool step();
  /// Runs a statement that gives no rows.
  void run();

  std::string text(int column) const;
  std::int64_t integer(int column) const;
  std::optional<std::int64_t> maybe_integer(int column) const;

  static void close(Kept& kept);

 private:
  void check(int code) const;

  sqlite3* database_;
  const std::filesystem::path& file_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

/// Throws the error for a failed call on the journal.
[[noreturn]] void throw_journal_error(sqlite3* database, int code,
                                      const std::filesystem::path& file);

/// The store does not wait for its own locks while a journal is made or mended by several processes
/// at once: who comes too early comes again.
template <typename Open>
auto patiently(const Open& open) {
  constexpr int kTries = 100;
  for (int tries = 1;; ++tries) {
    try {
      return open();
    } catch (const base::Error& error) {
      if (error.code() != "E206" || tries == kTries) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace engine::state
