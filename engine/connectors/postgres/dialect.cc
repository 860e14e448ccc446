#include "connectors/postgres/dialect.h"

#include <string>

#include "connectors/postgres/session.h"

namespace engine::connectors::postgres {
namespace {

using data::Kind;
using expr::SqlTemplate;

/// Types that hold the same values and compare them alike. Not float64, whose -0 and NaN compare
/// otherwise; not times, of which the server has more than the engine, nor json, which it does not
/// compare; not numbers, among which the server has NaN.
bool is_native(const data::Type& type) {
  switch (type.kind) {
    case Kind::kInt64:
    case Kind::kBool:
    case Kind::kText:
    case Kind::kBytes:
    case Kind::kUuid:
      return true;
    default:
      return false;
  }
}

SqlTemplate exact(std::string text) {
  return {std::move(text), true, ""};
}

}  // namespace

expr::Dialect postgres_dialect() {
  expr::Dialect dialect;
  dialect.name = "PostgreSQL";
  dialect.quote_name = [](std::string_view name) { return quoted_name(name); };
  dialect.native = is_native;
  auto& templates = dialect.templates;
  for (const char* sign : {"=", "<>", "<", "<=", ">", ">="}) {
    templates[sign] = exact(std::string("({0} ") + sign + " {1})");
  }
  // A column may have a collation of its own, be a char(n) or a type that is read as text.
  templates["column:text"] = exact("({0}::pg_catalog.text COLLATE \"C\")");
  templates["and"] = exact("({0} AND {1})");
  templates["or"] = exact("({0} OR {1})");
  templates["not"] = exact("(NOT {0})");
  templates["is null"] = exact("({0} IS NULL)");
  templates["is not null"] = exact("({0} IS NOT NULL)");
  templates["in"] = exact("({0} IN ({1*}))");
  templates["true"] = exact("TRUE");
  templates["false"] = exact("FALSE");
  return dialect;
}

}  // namespace engine::connectors::postgres
