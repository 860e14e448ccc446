#include "connectors/sqlite/connection.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "connectors/sqlite/binding.h"
#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/ledger.h"
#include "connectors/sqlite/publisher.h"
#include "connectors/sqlite/query.h"
#include "connectors/sqlite/source.h"
#include "data/value_text.h"

namespace engine::connectors::sqlite {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Fault;
using connect::OpenMode;

/// Statements of one handle take turns batch by batch, so more sources cost nothing but memory.
constexpr int kMaxReaders = 16;

bool is_there(const std::string& path) {
  std::error_code ignored;  // what cannot be looked at is reported by the attempt to open it
  return fs::exists(path, ignored);
}

/// Only the last folder is created: a path with several missing folders is a mistyped one.
void create_folder_of(const std::string& path, const std::string& label) {
  const fs::path folder = fs::path(path).parent_path();
  if (is_there(folder.string())) return;
  if (::mkdir(folder.c_str(), 0777) == 0 || errno == EEXIST) return;
  throw Error(Fault::kRemote, "E201",
              "sqlite " + label + ": cannot create the folder " + base::quoted(folder.string()) +
                  ": " + std::generic_category().message(errno),
              "create the folder, or correct the path of the connection");
}

Database::Mode database_mode(const std::string& path, const std::string& label, OpenMode mode) {
  std::error_code ignored;  // as above
  if (fs::is_directory(path, ignored)) {
    throw Error(Fault::kRemote, "E201", "sqlite " + label + ": the path is a folder, not a file",
                "correct the path of the connection");
  }
  if (mode == OpenMode::kPublish) {
    create_folder_of(path, label);
    return Database::Mode::kWrite;
  }
  if (is_there(path)) return Database::Mode::kRead;
  if (mode == OpenMode::kReadTarget) return Database::Mode::kNothing;
  throw Error(Fault::kRemote, "E201", "sqlite " + label + ": there is no such file (" + path + ")",
              "check the path of the connection; it is relative to the plan's folder");
}

connect::Capabilities capabilities_of(OpenMode mode, const expr::Dialect* dialect) {
  connect::Capabilities out;
  out.type = "sqlite";
  out.writes = true;
  out.dialect = dialect;
  out.staging = connect::Capabilities::Staging::kLocal;
  out.transactional_ddl = true;
  out.tables_together = true;
  out.reads_inside = true;
  out.live_publish = true;
  out.deletes = true;
  out.ordered_read = true;
  out.key_lookup = true;
  if (mode != OpenMode::kPublish) out.snapshot = connect::Capabilities::Snapshot::kConnection;
  out.max_readers = kMaxReaders;
  out.max_row_bytes = 1'000'000'000;
  return out;
}

/// Counts itself among the readers of the connection while it is alive.
class CountedSource final : public connect::Source {
 public:
  CountedSource(SharedPtr shared, std::unique_ptr<connect::Source> source)
      : shared_(std::move(shared)), source_(std::move(source)) {
    ++shared_->readers;
  }
  ~CountedSource() override {
    source_.reset();
    --shared_->readers;
  }
  bool next(data::Batch& batch) override { return source_->next(batch); }
  std::string position() const override { return source_->position(); }

 private:
  SharedPtr shared_;
  std::unique_ptr<connect::Source> source_;
};

TableShape require_shape(Database& database, const std::string& table) {
  auto shape = load_columns_alone(database, table);
  if (shape) return std::move(*shape);
  throw Error(Fault::kPlan, "E301",
              "sqlite " + database.label() + " has no table " + base::quoted(table));
}

}  // namespace

SqliteConnection::SqliteConnection(std::string path, std::string label, OpenMode mode,
                                   const expr::Dialect* dialect)
    : path_(std::move(path)),
      label_(std::move(label)),
      mode_(mode),
      capabilities_(capabilities_of(mode, dialect)),
      shared_(std::make_shared<Shared>()) {
  const Database::Mode how = database_mode(path_, label_, mode);
  shared_->main = std::make_shared<Database>(path_, label_, how);
  define_order_key(*shared_->main);
  if (mode == OpenMode::kPublish) shared_->watch = std::make_shared<Database>(path_, label_, how);
}

std::string SqliteConnection::identity() const {
  struct ::stat facts = {};
  if (::stat(path_.c_str(), &facts) == 0) {
    return fmt::format("sqlite:{}:{}", facts.st_dev, facts.st_ino);
  }
  std::error_code ignored;  // a path that cannot be resolved stands for itself
  const fs::path canonical = fs::weakly_canonical(path_, ignored);
  return "sqlite:" + (canonical.empty() ? path_ : canonical.string());
}

std::string SqliteConnection::describe_self() const {
  return "sqlite " + label_;
}

// A reading connection keeps one transaction open from its first read, so that all tables are seen
// in one state. A target that is going to be written must not: an open reader blocks the commit.
// There the first read notes the version instead.
void SqliteConnection::begin_read() {
  if (mode_ != OpenMode::kPublish) {
    if (!shared_->main->in_transaction()) shared_->main->run("BEGIN");
    return;
  }
  if (shared_->seen_version) return;
  const auto guard = shared_->watch->lock();
  shared_->seen_version = shared_->watch->data_version();
}

std::optional<connect::TableInfo> SqliteConnection::describe(const std::string& table) {
  auto shape = load_shape(*shared_->main, table);
  if (!shape) return std::nullopt;
  return std::move(shape->info);
}

std::vector<std::string> SqliteConnection::definition(const std::string& table) {
  const auto guard = shared_->main->lock();
  return definition_statements(*shared_->main, table);
}

std::vector<std::string> SqliteConnection::tables() {
  return table_names(*shared_->main, Listed::kTables);
}

std::vector<std::string> SqliteConnection::views() {
  return table_names(*shared_->main, Listed::kViews);
}

std::vector<connect::Range> SqliteConnection::partitions(const connect::ReadRequest&) {
  return {connect::Range{}};
}

std::unique_ptr<connect::Source> SqliteConnection::read(const connect::ReadRequest& request,
                                                        const connect::Range& range) {
  const auto guard = shared_->main->lock();
  begin_read();
  return std::make_unique<CountedSource>(shared_, open_source(shared_->main, request, range));
}

connect::QueryInfo SqliteConnection::describe_query(const std::string& sql) {
  return query_info(*shared_->main, sql);
}

connect::Newest SqliteConnection::newest_of_query(const std::string& sql) {
  const auto guard = shared_->main->lock();
  begin_read();
  Statement row = prepare_query(*shared_->main, sql);
  connect::Newest out;
  if (row.step() && !row.is_null(0)) out.text = std::string(row.text(0));
  out.source_now_us = base::system_clock().now_us();
  return out;
}

std::int64_t SqliteConnection::count_query(const std::string& sql) {
  const auto guard = shared_->main->lock();
  begin_read();
  Statement row = prepare_query(*shared_->main, sql);
  std::int64_t rows = 0;
  while (row.step()) ++rows;
  return rows;
}

connect::Newest SqliteConnection::newest(const std::string& table, const std::string& column) {
  const auto guard = shared_->main->lock();
  begin_read();
  const TableShape shape = require_shape(*shared_->main, table);
  if (shape.info.find(column) == nullptr) {
    throw Error(Fault::kPlan, "E302",
                "table " + base::quoted(table) + " has no column " + base::quoted(column));
  }
  auto row = shared_->main->prepare("SELECT max(" + quoted_name(column) + ") FROM " +
                                    quoted_name(shape.info.name));
  connect::Newest out;
  if (row.step() && !row.is_null(0)) out.text = std::string(row.text(0));
  // The store has no clock but this machine's, which it would ask in the same way.
  out.source_now_us = base::system_clock().now_us();
  return out;
}

std::int64_t SqliteConnection::count(const std::string& table,
                                     const std::optional<expr::Sql>& where) {
  const auto guard = shared_->main->lock();
  begin_read();
  const TableShape shape = require_shape(*shared_->main, table);
  std::string sql = "SELECT count(*) FROM " + quoted_name(shape.info.name);
  if (where) sql += where_text(shape, *where);
  auto row = shared_->main->prepare(sql);
  std::vector<std::string> scratch;
  if (where) bind_values(row, 1, where->parameters, scratch);
  return row.step() ? row.integer(0) : 0;
}

std::unique_ptr<connect::Publisher> SqliteConnection::publisher() {
  if (mode_ != OpenMode::kPublish) base::bug("a publisher of a connection opened for reading");
  return make_publisher(shared_);
}

std::unique_ptr<connect::Ledger> SqliteConnection::ledger() {
  return make_ledger(shared_);
}

std::unique_ptr<connect::Target> SqliteConnection::target(const connect::TableWrite&) {
  base::bug("SQLite stages in the run's own files");
}

connect::Connection::Fit SqliteConnection::fits(const connect::ColumnInfo& column,
                                                const data::Type& wanted) const {
  return fit_of(column.name, wanted, column.type);
}

}  // namespace engine::connectors::sqlite
