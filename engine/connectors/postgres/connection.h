#pragma once

#include <memory>
#include <optional>
#include <string>

#include "connect/connection.h"
#include "connectors/postgres/shared.h"

namespace engine::connectors::postgres {

class PostgresConnection final : public connect::Connection {
 public:
  PostgresConnection(const Settings& settings, connect::OpenMode mode,
                     const expr::Dialect* dialect);

  const connect::Capabilities& capabilities() const override { return capabilities_; }
  std::string identity() const override { return identity_; }
  std::string describe_self() const override { return "postgres " + settings_.label; }
  std::optional<connect::TableInfo> describe(const std::string& table) override;
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
  Session& reading();
  connect::Newest newest_of(const std::string& value);

  Settings settings_;
  connect::OpenMode mode_;
  connect::Capabilities capabilities_;
  std::shared_ptr<Snapshot> snapshot_;
  SharedPtr shared_;
  std::string identity_;
};

}  // namespace engine::connectors::postgres
