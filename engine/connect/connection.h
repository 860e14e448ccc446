#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connect/capabilities.h"
#include "connect/catalog.h"
#include "connect/ledger.h"
#include "connect/read.h"
#include "connect/write.h"
#include "plan/model.h"

namespace engine::connect {

enum class OpenMode {
  kRead,        ///< never writes: sources; what is missing is E201
  kReadTarget,  ///< never writes: targets of dry runs; what is missing is seen as empty and is not
                ///< created
  kPublish,     ///< a target of an applied run or a rollback; what is missing is created
};

/// One opened connection of a plan. Calls come from one thread at a time, unless said otherwise;
/// sources made by it may be pulled from another thread than the connection is used from. All names
/// are physical ones.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual const Capabilities& capabilities() const = 0;
  /// The target object by its own identity (two names for one file have one identity); never a
  /// secret.
  virtual std::string identity() const = 0;
  /// "sqlite data/staging.db": for people; never a secret.
  virtual std::string describe_self() const = 0;

  /// nullopt: there is no such table. The engine's own tables are never described.
  virtual std::optional<TableInfo> describe(const std::string& table) = 0;
  /// Only with Capabilities::files. Errors: E320 nothing there, E321 outside of the root, E322 a
  /// header or format that cannot be. A connection opened as a target only checks that it could be
  /// written, and answers nullopt.
  virtual std::optional<TableInfo> describe_file(const plan::FileShape& file);
  /// Tables that hold rows, in order of name: neither views nor the engine's or the store's own.
  virtual std::vector<std::string> tables() = 0;
  /// What has rows but can only be read, in order of name.
  virtual std::vector<std::string> views() { return {}; }
  /// Statements in the server's own words that make the table and its indexes anew as they are now,
  /// for CreateTable::statements; empty where there are none.
  virtual std::vector<std::string> definition(const std::string& table);
  /// At least one range.
  virtual std::vector<Range> partitions(const ReadRequest& request) = 0;
  virtual std::unique_ptr<Source> read(const ReadRequest& request, const Range& range) = 0;
  /// Read-only SQL of the source's own dialect, as a plan gives it; where there is none these throw
  /// E317. Columns of a query are untyped.
  virtual QueryInfo describe_query(const std::string& sql);
  /// The first value of its first row.
  virtual Newest newest_of_query(const std::string& sql);
  virtual std::int64_t count_query(const std::string& sql);
  virtual Newest newest(const std::string& table, const std::string& column) = 0;
  virtual std::int64_t count(const std::string& table, const std::optional<expr::Sql>& where) = 0;

  /// Only with OpenMode::kPublish (a ledger of the reading modes answers receipts() and a dry
  /// apply_undo()); one at a time. The connection outlives them. A ledger may be used from another
  /// thread than the publisher.
  virtual std::unique_ptr<Publisher> publisher() = 0;
  virtual std::unique_ptr<Ledger> ledger() = 0;
  /// Only with Capabilities::Staging::kTarget.
  virtual std::unique_ptr<Target> target(const TableWrite& table) = 0;

  /// The type a value of `wanted` comes back with after it was written to `column`, and whether
  /// that is exact; empty reason: it cannot be held at all (E304).
  struct Fit {
    bool ok = false;
    std::string why_not;
  };
  virtual Fit fits(const ColumnInfo& column, const data::Type& wanted) const = 0;
};

/// Makes connections of one type. Its options are declared in a plan::ConnectorDecl.
class Connector {
 public:
  virtual ~Connector() = default;
  virtual std::string type() const = 0;
  /// Errors: E201, E202, E203, E204, E205 with what to do.
  virtual std::unique_ptr<Connection> open(const plan::Connection& connection,
                                           const std::string& plan_folder, OpenMode mode) const = 0;
};

}  // namespace engine::connect
