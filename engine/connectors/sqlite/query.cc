#include "connectors/sqlite/query.h"

#include <sqlite3.h>

#include <memory>
#include <set>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::sqlite {
namespace {

/// What a statement wanted that reading does not need; the first of it.
struct Verdict {
  std::string denied;
};

const char* action_name(int action) {
  switch (action) {
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
      return "reaches for another database";
    case SQLITE_PRAGMA:
      return "asks for a PRAGMA";
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return "begins or ends a transaction";
    case SQLITE_FUNCTION:
      return "calls load_extension";
    default:
      return "would write";
  }
}

int allow_reading(void* verdict, int action, const char*, const char* second, const char*,
                  const char*) {
  const bool function = action == SQLITE_FUNCTION && second != nullptr &&
                        base::lower_ascii(second) != "load_extension";
  if (action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE || function) {
    return SQLITE_OK;
  }
  std::string& denied = static_cast<Verdict*>(verdict)->denied;
  if (denied.empty()) denied = action_name(action);
  return SQLITE_DENY;
}

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using RawStatement = std::unique_ptr<sqlite3_stmt, Finalizer>;

/// Compiles the first statement of `sql` under the authorizer; `rest` is what follows it.
RawStatement compile(Database& database, std::string_view sql, std::string_view& rest,
                     std::string& refused) {
  Verdict verdict;
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  sqlite3_set_authorizer(database.handle(), allow_reading, &verdict);
  const int result = sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                        &statement, &tail);
  sqlite3_set_authorizer(database.handle(), nullptr, nullptr);
  if (result != SQLITE_OK) {
    refused = verdict.denied.empty() ? std::string("the store does not understand it: ") +
                                           sqlite3_errmsg(database.handle())
                                     : "it " + verdict.denied;
    return nullptr;
  }
  rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  return RawStatement(statement);
}

std::string why_not_one(Database& database, std::string_view rest) {
  while (!rest.empty()) {
    std::string refused;
    std::string_view after;
    const RawStatement more = compile(database, rest, after, refused);
    if (more != nullptr || !refused.empty()) return "it is more than one statement";
    if (after.size() == rest.size()) break;
    rest = after;
  }
  return {};
}

std::string why_refused(sqlite3_stmt* statement) {
  if (statement == nullptr) return "it is empty";
  if (sqlite3_stmt_readonly(statement) == 0) return "it would write";
  if (sqlite3_stmt_isexplain(statement) != 0) return "it explains a statement and runs none";
  if (sqlite3_column_count(statement) == 0) return "it gives no rows";
  if (sqlite3_bind_parameter_count(statement) == 0) return {};
  return "it has parameters, and a plan gives none";
}

void describe_columns(sqlite3_stmt* statement, connect::QueryInfo& out) {
  std::set<std::string> names;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    connect::ColumnInfo column;
    column.name = sqlite3_column_name(statement, i);
    column.type = data::Type::of(data::Kind::kText);
    column.untyped = true;
    if (!names.insert(column.name).second) {
      out.refused = "two of its columns are named " + base::quoted(column.name);
    }
    out.info.columns.push_back(std::move(column));
  }
}

}  // namespace

connect::QueryInfo query_info(Database& database, const std::string& sql) {
  const auto guard = database.lock();
  connect::QueryInfo out;
  std::string_view rest;
  const RawStatement statement = compile(database, sql, rest, out.refused);
  if (out.refused.empty()) out.refused = why_refused(statement.get());
  if (out.refused.empty()) out.refused = why_not_one(database, rest);
  if (out.refused.empty()) describe_columns(statement.get(), out);
  return out;
}

Statement prepare_query(Database& database, const std::string& sql) {
  const connect::QueryInfo found = query_info(database, sql);
  if (!found.refused.empty()) {
    throw base::Error(base::Fault::kPlan, "E317",
                      "sqlite " + database.label() + ": the query is refused: " + found.refused,
                      "write one SELECT; '${name}' puts in a variable of the plan");
  }
  return database.prepare(sql);
}

}  // namespace engine::connectors::sqlite
