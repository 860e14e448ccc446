#include <filesystem>
#include <memory>
#include <utility>

#include "base/random.h"
#include "conformance/support/world.h"
#include "connectors/postgres/postgres.h"
#include "process/support/postgres_server.h"

namespace engine::conformance {
namespace {

namespace fs = std::filesystem;

testing::PostgresServer& server() {
  static testing::PostgresServer one(fs::temp_directory_path() /
                                     ("engine-postgres-" + base::random_hex(8)));
  return one;
}

/// A real server; the other program is psql.
class PostgresWorld final : public World {
 public:
  PostgresWorld()
      : database_("d" + base::random_hex(8)),
        connector_(connectors::postgres::postgres_connector()) {
    server().create_database(database_);
  }

  std::string name() const override { return "postgres"; }
  std::unique_ptr<connect::Connection> open(connect::OpenMode mode) override {
    plan::Connection connection;
    connection.name.text = "target";
    connection.type = "postgres";
    connection.options.kind = plan::OptionKind::kObject;
    connection.options.fields["host"].text.text = server().host();
    connection.options.fields["user"].text.text = server().user();
    connection.options.fields["database"].text.text = database_;
    return connector_->open(connection, "/", mode);
  }
  void rename_row(const std::string& table, std::int64_t id, const std::string& name) override {
    run("UPDATE " + table + " SET name = '" + name + "' WHERE id = " + std::to_string(id));
  }
  void insert_row(const std::string& table, std::int64_t id, const std::string& name) override {
    run("INSERT INTO " + table + " (id, name) VALUES (" + std::to_string(id) + ", '" + name + "')");
  }
  void spoil_row(const std::string&, std::int64_t) override {}
  bool can_spoil() const override { return false; }
  bool holds_nul() const override { return false; }

 private:
  void run(const std::string& sql) const { server().sql(database_, sql); }

  std::string database_;
  std::unique_ptr<connect::Connector> connector_;
};

}  // namespace

std::unique_ptr<World> postgres_world() {
  return std::make_unique<PostgresWorld>();
}

}  // namespace engine::conformance
