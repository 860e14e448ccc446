#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/postgres/settings.h"

struct pg_conn;
struct pg_result;

namespace engine::connectors::postgres {

/// `"name"` with quotes doubled, for identifiers in SQL.
std::string quoted_name(std::string_view name);

/// The rows of one statement, as texts.
class Rows {
 public:
  explicit Rows(pg_result* result);
  int size() const;
  bool is_null(int row, int column) const;
  /// Valid as long as the rows live.
  std::string_view text(int row, int column) const;
  std::int64_t integer(int row, int column) const;
  bool truth(int row, int column) const { return text(row, column) == "t"; }
  /// Rows that a statement without a result changed.
  std::int64_t changed() const;

 private:
  std::shared_ptr<pg_result> result_;
};

/// A column of a result, by the server's numbers of types.
struct ResultColumn {
  std::string name;
  std::uint32_t type = 0;
  std::int32_t modifier = -1;
};

/// One session of a server. One thread at a time. Times are in UTC, ISO forms, floats in digits
/// that read back. Failures become base::Error by the server's own code of five characters:
///   E201 cannot connect · E203 not allowed · E206 busy, a time limit or a conflict (transient) ·
///   E208 disk full (transient) · E209 the connection was lost (transient) · E416 a row was refused
///   · E210 all else.
class Session {
 public:
  Session(const Settings& settings, const std::string& application);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Settings& settings() const { return settings_; }
  std::string self() const { return "postgres " + settings_.label; }

  /// Statements without a result, separated by semicolons.
  void run(const std::string& sql);
  /// One statement; parameters are texts and count from $1.
  Rows query(const std::string& sql, const std::vector<std::string>& parameters = {});
  /// Columns of an open cursor.
  std::vector<ResultColumn> columns_of_cursor(const std::string& cursor);
  /// Never throws: with its transaction a cursor is gone anyhow.
  void close_cursor(const std::string& name) noexcept;
  bool in_transaction() const;
  /// Good for more, outside of any transaction.
  bool is_idle() const;
  /// Never throws; a session that is lost has rolled back by itself.
  void rollback() noexcept;
  /// A value as a literal, quoted by the library; texts hold no NUL.
  std::string literal(std::string_view text) const;

  /// Begins `COPY ... TO STDOUT`.
  void begin_copy_out(const std::string& sql);
  /// The next message of rows, valid until the next call; empty at the end.
  std::string_view copy_out();
  /// `COPY ... FROM STDIN` of a whole stream.
  void copy_in(const std::string& sql, std::string_view bytes);
  /// Rows in their binary forms.
  Rows query_binary(const std::string& sql);
  /// Asks the server to stop what it is doing and forgets the rest of it.
  void cancel() noexcept;

 private:
  [[noreturn]] void fail_to_connect() const;
  [[noreturn]] void fail(pg_result* result) const;
  pg_result* checked(pg_result* result) const;

  Settings settings_;
  pg_conn* handle_ = nullptr;
  char* message_ = nullptr;  ///< of copy_out()
};
using SessionPtr = std::shared_ptr<Session>;

}  // namespace engine::connectors::postgres
