#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/catalog.h"

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_value;

namespace engine::connectors::sqlite {

class Statement;

/// By the folded name of a parent, the foreign keys that lead to it.
using ChildrenByParent = std::map<std::string, std::vector<connect::ForeignKeyInfo>>;

struct TableShape;

struct TableKind {
  std::string name;  ///< as the database spells it
  std::string type;  ///< table, view, virtual, shadow
  bool without_rowid = false;
  bool strict = false;
};

/// What the catalog keeps between two looks, by folded names; good for one version of the schema.
struct CatalogMemo {
  std::int64_t schema_version = -1;
  std::map<std::string, TableKind> kinds;
  std::optional<ChildrenByParent> children;
  std::map<std::string, std::shared_ptr<const TableShape>> columns;  ///< as load_columns_alone()
};

/// `"name"` with quotes doubled, for identifiers in SQL.
std::string quoted_name(std::string_view name);

/// One handle of the store. It is opened without the store's own mutex, which would be taken at
/// every cell; whoever uses a handle that two threads can reach holds lock() for a whole batch
/// instead. Errors of the store become base::Error:
///   E201 cannot open · E202 no database, or damaged · E203 read-only · E204 hot journal · E206
///   busy (transient) · E208 disk full (transient) · E205 reading or
///   writing failed · E416 a constraint refused a row · E505 all
///   other failures of a write.
class Database {
 public:
  enum class Mode {
    kRead,     ///< the file must exist; never written
    kWrite,    ///< created when missing
    kNothing,  ///< stands for a file that does not exist: an empty database in memory
  };
  /// `path` is absolute; `label` is what messages say ("data/staging.db").
  Database(std::string path, std::string label, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  std::unique_lock<std::recursive_mutex> lock() const {
    return std::unique_lock<std::recursive_mutex>(mutex_);
  }
  sqlite3* handle() const { return handle_; }
  const std::string& path() const { return path_; }
  const std::string& label() const { return label_; }

  /// Statements without a result, separated by semicolons.
  void run(const std::string& sql);
  Statement prepare(std::string_view sql);
  /// The first column of the first row; 0 when there is none.
  std::int64_t integer(std::string_view sql);
  std::int64_t changes() const;
  bool in_transaction() const;
  /// In a transaction that has written, or may write at once.
  bool is_writing() const;
  CatalogMemo& memo() { return memo_; }
  /// Rolls back when a transaction is open; never throws (the store rolls back by itself at close).
  void rollback() noexcept;
  /// Changes when another handle committed. Begins and ends a read of its own outside of
  /// transactions.
  std::int64_t data_version() { return integer("PRAGMA data_version"); }
  /// How long to wait for a lock of someone else.
  void wait_for_locks(int milliseconds);

  /// The error for the last failed call on this handle. `doing`: "read table orders".
  [[noreturn]] void fail(std::string_view doing) const;

 private:
  void open(Mode mode);

  std::string path_;
  std::string label_;
  sqlite3* handle_ = nullptr;
  mutable std::recursive_mutex mutex_;
  CatalogMemo memo_;  ///< under lock()
};

using DatabasePtr = std::shared_ptr<Database>;

/// A prepared statement; keeps no reference on the database, which must outlive it. Parameters
/// count from 1, columns from 0.
class Statement {
 public:
  Statement() = default;
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;

  sqlite3_stmt* raw() const { return statement_; }
  explicit operator bool() const { return statement_ != nullptr; }

  Statement& bind_null(int parameter);
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind_real(int parameter, double value);
  /// The bytes are not copied: they must live until the statement was stepped to its end or reset.
  Statement& bind_text(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::string_view bytes);

  /// True: a row is there. False: done. Throws as Database says.
  bool step();
  void reset();
  /// step() to the end, then reset; for statements without rows.
  void run();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  /// Valid until the next step or reset.
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  sqlite3_value* value(int column) const;
  int columns() const;
  std::string column_name(int column) const;

 private:
  void finalize() noexcept;

  Database* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace engine::connectors::sqlite
