#include "connectors/postgres/postgres.h"

#include "connectors/postgres/connection.h"
#include "connectors/postgres/dialect.h"

namespace engine::connectors::postgres {
namespace {

class PostgresConnector final : public connect::Connector {
 public:
  PostgresConnector() : dialect_(postgres_dialect()) {}

  std::string type() const override { return "postgres"; }

  std::unique_ptr<connect::Connection> open(const plan::Connection& connection, const std::string&,
                                            connect::OpenMode mode) const override {
    return std::make_unique<PostgresConnection>(settings_of(connection), mode, &dialect_);
  }

 private:
  expr::Dialect dialect_;
};

}  // namespace

std::unique_ptr<connect::Connector> postgres_connector() {
  return std::make_unique<PostgresConnector>();
}

}  // namespace engine::connectors::postgres
