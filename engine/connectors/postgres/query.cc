#include "connectors/postgres/query.h"

#include <set>

#include "base/error.h"
#include "base/text.h"
#include "connectors/postgres/catalog.h"

namespace engine::connectors::postgres {
namespace {

constexpr const char* kProbe = "_engine_probe";

/// A cursor takes one SELECT or VALUES and nothing that writes; the extended protocol takes one
/// statement.
std::string why_refused(Session& session, const std::string& sql) {
  try {
    session.query(std::string("DECLARE ") + kProbe + " CURSOR FOR " + inner_query(sql));
    return {};
  } catch (const base::Error& error) {
    if (error.fault() == base::Fault::kTransient) throw;
    const std::string prefix = session.self() + ": ";
    const std::string& message = error.message();
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
  }
}

}  // namespace

std::string inner_query(const std::string& sql) {
  const auto last = sql.find_last_not_of("; \t\r\n");
  return sql.substr(0, last == std::string::npos ? 0 : last + 1);
}

QueryShape load_query(Session& session, const std::string& sql) {
  QueryShape out;
  session.run("SAVEPOINT _engine_probe");
  out.info.refused = why_refused(session, sql);
  if (out.info.refused.empty()) {
    out.info.info.columns = describe_columns(session, session.columns_of_cursor(kProbe), out.wires);
  }
  session.run("ROLLBACK TO SAVEPOINT _engine_probe; RELEASE SAVEPOINT _engine_probe");
  std::set<std::string> names;
  for (const auto& column : out.info.info.columns) {
    if (names.insert(column.name).second) continue;
    out.info.refused = "two of its columns are named " + base::quoted(column.name);
  }
  return out;
}

QueryShape require_query(Session& session, const std::string& sql) {
  QueryShape shape = load_query(session, sql);
  if (shape.info.refused.empty()) return shape;
  throw base::Error(base::Fault::kPlan, "E317",
                    session.self() + ": the query is refused: " + shape.info.refused,
                    "write one SELECT; '${name}' puts in a variable of the plan");
}

}  // namespace engine::connectors::postgres
