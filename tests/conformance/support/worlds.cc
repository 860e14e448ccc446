#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

#include "base/random.h"
#include "conformance/support/toy_store.h"
#include "conformance/support/world.h"
#include "connectors/sqlite/sqlite.h"
#include "data/key.h"

namespace engine::conformance {
namespace {

namespace fs = std::filesystem;

/// A real file in a folder of its own; the other program is the store's library used directly.
class SqliteWorld final : public World {
 public:
  SqliteWorld()
      : folder_(fs::temp_directory_path() / ("engine-conformance-" + base::random_hex(8))),
        connector_(connectors::sqlite::sqlite_connector()) {
    fs::create_directories(folder_);
  }
  ~SqliteWorld() override {
    std::error_code ignored;  // a folder that stays behind fails no test
    fs::remove_all(folder_, ignored);
  }

  std::string name() const override { return "sqlite"; }
  std::unique_ptr<connect::Connection> open(connect::OpenMode mode) override {
    plan::Connection connection;
    connection.name.text = "target";
    connection.type = "sqlite";
    connection.options.kind = plan::OptionKind::kObject;
    connection.options.fields["path"].text.text = "target.db";
    return connector_->open(connection, folder_.string(), mode);
  }
  void rename_row(const std::string& table, std::int64_t id, const std::string& name) override {
    run("UPDATE " + table + " SET name = '" + name + "' WHERE id = " + std::to_string(id));
  }
  void insert_row(const std::string& table, std::int64_t id, const std::string& name) override {
    run("INSERT INTO " + table + " (id, name) VALUES (" + std::to_string(id) + ", '" + name + "')");
  }
  void spoil_row(const std::string& table, std::int64_t id) override {
    run("UPDATE " + table + " SET name = x'00ff' WHERE id = " + std::to_string(id));
  }

 private:
  void run(const std::string& sql) const {
    sqlite3* handle = nullptr;
    if (sqlite3_open((folder_ / "target.db").c_str(), &handle) != SQLITE_OK ||
        sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      const std::string reason = sqlite3_errmsg(handle);
      sqlite3_close(handle);
      throw std::runtime_error(sql + ": " + reason);
    }
    sqlite3_close(handle);
  }

  fs::path folder_;
  std::unique_ptr<connect::Connector> connector_;
};

class ToyWorld final : public World {
 public:
  std::string name() const override { return "toy"; }
  std::unique_ptr<connect::Connection> open(connect::OpenMode mode) override {
    return open_toy(store_, mode);
  }
  void rename_row(const std::string& table, std::int64_t id, const std::string& name) override {
    cell(table, id).value = data::Value::of_text(name);
  }
  void insert_row(const std::string& table, std::int64_t id, const std::string& name) override {
    ToyTable& held = store_->tables.at(table);
    ToyRow row;
    for (const auto& field : held.schema.fields) {
      row.push_back({.value = data::Value::null_of(field.type), .spoiled = false});
    }
    row[held.schema.find("id").value()].value = data::Value::of_int64(id);
    row[held.schema.find("name").value()].value = data::Value::of_text(name);
    held.rows[key(id)] = row;
    ++store_->version;
  }
  void spoil_row(const std::string& table, std::int64_t id) override {
    cell(table, id).spoiled = true;
  }

 private:
  static std::string key(std::int64_t id) {
    data::ColumnBuilder builder(data::Type::of(data::Kind::kInt64));
    builder.append_int64(id);
    data::Batch batch;
    batch.rows = 1;
    batch.columns.push_back(builder.finish());
    return data::key_of(batch, {0}, 0);
  }
  ToyCell& cell(const std::string& table, std::int64_t id) {
    ToyTable& held = store_->tables.at(table);
    ++store_->version;
    return held.rows.at(key(id))[held.schema.find("name").value()];
  }

  ToyStorePtr store_ = std::make_shared<ToyStore>();
};

}  // namespace

std::unique_ptr<World> sqlite_world() {
  return std::make_unique<SqliteWorld>();
}
std::unique_ptr<World> toy_world() {
  return std::make_unique<ToyWorld>();
}

std::vector<WorldMaker> all_worlds() {
  return {{"sqlite", sqlite_world},
          {"toy", toy_world},
          {"files", files_world},
          {"postgres", postgres_world}};
}

}  // namespace engine::conformance
