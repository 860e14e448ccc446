#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "connect/connection.h"
#include "connectors/sqlite/database.h"

namespace engine::connectors::sqlite {

/// What the parts of one connection know of each other. `main` reads and publishes; `watch` holds
/// the ledger, and tells whether somebody else wrote: the store's data_version counts only the
/// commits of other handles, and `main` writes nothing but publishes, `watch` nothing but lock
/// rows.
struct Shared {
  DatabasePtr main;
  DatabasePtr watch;  ///< null in the reading modes
  /// watch's data_version just before the first read of the target; kept until a publish of ours
  /// moves it.
  std::optional<std::int64_t> seen_version;
  /// Sources of ours that may hold a read lock, and a publish that holds the write lock: a lease
  /// that cannot be renewed then is not lost, the fence decides.
  std::atomic<int> readers = 0;
  std::atomic<bool> publishing = false;
};
using SharedPtr = std::shared_ptr<Shared>;

class SqliteConnection final : public connect::Connection {
 public:
  SqliteConnection(std::string path, std::string label, connect::OpenMode mode,
                   const expr::Dialect* dialect);

  const connect::Capabilities& capabilities() const override { return capabilities_; }
  std::string identity() const override;
  std::string describe_self() const override;
  std::optional<connect::TableInfo> describe(const std::string& table) override;
  std::vector<std::string> definition(const std::string& table) override;
  std::vector<std::string> tables() override;
  std::vector<std::string> views() override;
  std::vector<connect::Range> partitions(const connect::ReadRequest& request) override;
  std::unique_ptr<connect::Source> read(const connect::ReadRequest& request,
                                        const connect::Range& range) override;
  connect::QueryInfo describe_query(const std::string& sql) override;
  connect::Newest newest_of_query(const std::string& sql) override;
  std::int64_t count_query(const std::string& sql) override;
  connect::Newest newest(const std::string& table, const std::string& column) override;
  std::int64_t count(const std::string& table, const std::optional<expr::Sql>& where) override;
  std::unique_ptr<connect::Publisher> publisher() override;
  std::unique_ptr<connect::Ledger> ledger() override;
  std::unique_ptr<connect::Target> target(const connect::TableWrite& table) override;
  Fit fits(const connect::ColumnInfo& column, const data::Type& wanted) const override;

 private:
  void begin_read();

  std::string path_;
  std::string label_;
  connect::OpenMode mode_;
  connect::Capabilities capabilities_;
  SharedPtr shared_;
};

}  // namespace engine::connectors::sqlite
