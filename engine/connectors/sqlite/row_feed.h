#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <vector>

#include "connectors/sqlite/stored.h"

namespace engine::connectors::sqlite {

/// Rows of the program as a table that a statement can read: `INSERT ... SELECT c0, c1 FROM
/// _engine_rows` writes any number of them. Against a statement a row that binds nothing, and keeps
/// its place in the table between two rows, so that rows in key order are appended without a
/// search. A virtual table of the handle alone; nothing of it is in the file.
class RowFeed {
 public:
  /// Asked for one row after the other while the statement runs.
  class Rows {
   public:
    virtual ~Rows() = default;
    /// The row, valid until the next call; nullptr at the end. The row before it is written by
    /// then. What it throws fails the statement.
    virtual const std::vector<Stored>* next_row() = 0;
  };

  /// One at a time on a handle, which must outlive it.
  RowFeed(Database& database, std::size_t columns);
  ~RowFeed();
  RowFeed(const RowFeed&) = delete;
  RowFeed& operator=(const RowFeed&) = delete;

  static const char* table() { return "_engine_rows"; }
  static std::string column(std::size_t at) { return "c" + std::to_string(at); }

  /// Runs a statement that reads the feed once; errors as of Statement::run.
  void run(Statement& statement, Rows& rows);
  /// After an error of run(): throws what a row threw, if that was its cause.
  void rethrow();

 private:
  struct Module;
  bool advance() noexcept;

  Database& database_;
  std::size_t columns_;
  Rows* rows_ = nullptr;
  const std::vector<Stored>* row_ = nullptr;
  std::exception_ptr failure_;
};

}  // namespace engine::connectors::sqlite
