#include "connectors/postgres/connection.h"

#include "base/error.h"
#include "base/text.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/encode.h"
#include "connectors/postgres/ledger.h"
#include "connectors/postgres/publisher.h"
#include "connectors/postgres/query.h"
#include "connectors/postgres/select.h"
#include "connectors/postgres/source.h"

namespace engine::connectors::postgres {
namespace {

/// Each is a session of the server, of which a server has a hundred by default.
constexpr int kMaxReaders = 8;

connect::Capabilities capabilities_of(connect::OpenMode mode, const expr::Dialect* dialect) {
  connect::Capabilities out;
  out.type = "postgres";
  out.writes = true;
  out.keyless_rows = false;
  out.dialect = dialect;
  out.transactional_ddl = true;
  out.tables_together = true;
  out.reads_inside = true;
  out.live_publish = true;
  out.deletes = true;
  out.ordered_read = true;
  out.key_lookup = true;
  if (mode != connect::OpenMode::kPublish)
    out.snapshot = connect::Capabilities::Snapshot::kConnection;
  out.max_readers = kMaxReaders;
  out.max_row_bytes = 1'000'000'000;
  return out;
}

/// The server by the number it was given when it was made, whatever name leads to it.
std::string identity_of(Session& session) {
  const Rows rows = session.query(
      "SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()), oid"
      " FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()");
  return "postgres:" + std::string(rows.text(0, 0)) + ":" + std::string(rows.text(0, 1)) + ":" +
         session.settings().schema;
}

}  // namespace

PostgresConnection::PostgresConnection(const Settings& settings, connect::OpenMode mode,
                                       const expr::Dialect* dialect)
    : settings_(settings),
      mode_(mode),
      capabilities_(capabilities_of(mode, dialect)),
      snapshot_(std::make_shared<Snapshot>(settings)),
      shared_(std::make_shared<Shared>()) {
  shared_->settings = settings;
  shared_->snapshot = snapshot_;
  shared_->writes = mode == connect::OpenMode::kPublish;
  identity_ = identity_of(snapshot_->main());
}

Session& PostgresConnection::reading() {
  snapshot_->begin();
  return snapshot_->main();
}

std::optional<connect::TableInfo> PostgresConnection::describe(const std::string& table) {
  auto shape = load_shape(snapshot_->main(), table);
  if (!shape) return std::nullopt;
  return std::move(shape->info);
}

std::vector<std::string> PostgresConnection::tables() {
  return table_names(snapshot_->main(), Listed::kTables);
}

std::vector<std::string> PostgresConnection::views() {
  return table_names(snapshot_->main(), Listed::kViews);
}

std::vector<connect::Range> PostgresConnection::partitions(const connect::ReadRequest&) {
  return {connect::Range{}};
}

std::unique_ptr<connect::Source> PostgresConnection::read(const connect::ReadRequest& request,
                                                          const connect::Range&) {
  return open_source(snapshot_->take(), request);
}

connect::QueryInfo PostgresConnection::describe_query(const std::string& sql) {
  return load_query(reading(), sql).info;
}

/// `value` is the text of a SELECT of one value; the clock is that of the same statement.
connect::Newest PostgresConnection::newest_of(const std::string& value) {
  const Rows row =
      reading().query("SELECT (" + value +
                      ")::pg_catalog.text, (extract(epoch FROM pg_catalog.clock_timestamp())"
                      " * 1000000)::pg_catalog.int8");
  connect::Newest out;
  if (!row.is_null(0, 0)) out.text = std::string(row.text(0, 0));
  out.source_now_us = row.integer(0, 1);
  return out;
}

connect::Newest PostgresConnection::newest_of_query(const std::string& sql) {
  const QueryShape shape = require_query(reading(), sql);
  return newest_of("SELECT q." + quoted_name(shape.info.info.columns.front().name) + " FROM (" +
                   inner_query(sql) + "\n) AS q LIMIT 1");
}

std::int64_t PostgresConnection::count_query(const std::string& sql) {
  require_query(reading(), sql);
  return reading().query("SELECT count(*) FROM (" + inner_query(sql) + "\n) AS q").integer(0, 0);
}

connect::Newest PostgresConnection::newest(const std::string& table, const std::string& column) {
  const TableShape shape = require_columns(reading(), table);
  const std::string term = order_term(shape, column);
  // Not max(): it has no answer for some types, and another order of texts.
  return newest_of("SELECT t." + quoted_name(column) + " FROM " + shape.sql_name +
                   " AS t WHERE t." + quoted_name(column) + " IS NOT NULL ORDER BY " +
                   term.substr(0, term.find(" NULLS FIRST")) + " DESC LIMIT 1");
}

std::int64_t PostgresConnection::count(const std::string& table,
                                       const std::optional<expr::Sql>& where) {
  const TableShape shape = require_columns(reading(), table);
  const std::string condition = where ? where_text(reading(), *where) : std::string();
  return reading().query("SELECT count(*) FROM " + shape.sql_name + condition).integer(0, 0);
}

std::unique_ptr<connect::Publisher> PostgresConnection::publisher() {
  if (mode_ != connect::OpenMode::kPublish) {
    base::bug("a publisher of a connection opened for reading");
  }
  return make_publisher(shared_);
}

std::unique_ptr<connect::Ledger> PostgresConnection::ledger() {
  return make_ledger(shared_);
}

std::unique_ptr<connect::Target> PostgresConnection::target(const connect::TableWrite&) {
  base::bug("PostgreSQL's rows wait in the run's own files");
}

connect::Connection::Fit PostgresConnection::fits(const connect::ColumnInfo& column,
                                                  const data::Type& wanted) const {
  if (CellEncoder::takes(column.type, wanted)) return {.ok = true, .why_not = ""};
  return {.ok = false, .why_not = "the column is " + column.declared};
}

}  // namespace engine::connectors::postgres
