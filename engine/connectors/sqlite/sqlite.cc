#include "connectors/sqlite/sqlite.h"

#include <sqlite3.h>

#include <filesystem>

#include "base/error.h"
#include "connectors/sqlite/connection.h"
#include "connectors/sqlite/dialect.h"

namespace engine::connectors::sqlite {
namespace {

class SqliteConnector final : public connect::Connector {
 public:
  SqliteConnector() : dialect_(sqlite_dialect()) {}

  std::string type() const override { return "sqlite"; }

  std::unique_ptr<connect::Connection> open(const plan::Connection& connection,
                                            const std::string& plan_folder,
                                            connect::OpenMode mode) const override {
    const auto* const option = connection.options.find("path");
    if (option == nullptr || option->text.text.empty()) {
      throw base::Error(base::Fault::kPlan, "E107",
                        "connection " + connection.name.text + " has no path",
                        "say which file: path: data/target.db");
    }
    const std::string& label = option->text.text;
    const auto path = std::filesystem::absolute(std::filesystem::path(plan_folder) / label);
    return std::make_unique<SqliteConnection>(path.lexically_normal().string(), label, mode,
                                              &dialect_);
  }

 private:
  expr::Dialect dialect_;
};

}  // namespace

// The library counts every allocation under one lock unless it is told not to before its first use;
// nobody asks for the count. Where it was used already it refuses, which costs speed and no more.
std::unique_ptr<connect::Connector> sqlite_connector() {
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  return std::make_unique<SqliteConnector>();
}

}  // namespace engine::connectors::sqlite
