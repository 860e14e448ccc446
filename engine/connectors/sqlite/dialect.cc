#include "connectors/sqlite/dialect.h"

#include <string>
#include <string_view>

namespace engine::connectors::sqlite {
namespace {

using expr::SqlTemplate;

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

bool is_native(const data::Type& type) {
  switch (type.kind) {
    case data::Kind::kInt64:
    case data::Kind::kFloat64:
    case data::Kind::kText:
    case data::Kind::kBytes:
      return true;
    default:
      return false;
  }
}

SqlTemplate exact(std::string text) {
  return {std::move(text), true, ""};
}
SqlTemplate differs(std::string why) {
  return {"", false, "SQLite: " + std::move(why)};
}

void add_exact(expr::Dialect& dialect) {
  auto& templates = dialect.templates;
  for (const char* sign : {"=", "<>", "<", "<=", ">", ">="}) {
    templates[sign] = exact(std::string("({0} ") + sign + " {1})");
  }
  templates["column:text"] = exact("({0} COLLATE BINARY)");  // a column may be declared NOCASE
  templates["and"] = exact("({0} AND {1})");
  templates["or"] = exact("({0} OR {1})");
  templates["not"] = exact("(NOT {0})");
  templates["is null"] = exact("({0} IS NULL)");
  templates["is not null"] = exact("({0} IS NOT NULL)");
  templates["in"] = exact("({0} IN ({1*}))");
  templates["case"] = exact("CASE");
  templates["coalesce"] = exact("coalesce({*})");
  templates["nullif"] = exact("nullif({0}, {1})");
  templates["true"] = exact("1");
  templates["false"] = exact("0");
  templates["||"] = exact("({0} || {1})");
  templates["abs:float64"] = exact("abs({0})");
  templates["negate:float64"] = exact("(- {0})");
  templates["cast:int64:text"] = exact("CAST({0} AS TEXT)");
  for (const char* name : {"trim", "ltrim", "rtrim"}) {
    templates[std::string(name) + ":text"] = exact(std::string(name) + "({0})");
  }
}

void add_inexact(expr::Dialect& dialect) {
  auto& templates = dialect.templates;
  for (const char* sign : {"+", "-", "*", "/", "%"}) {
    templates[sign] = differs(std::string("overflow and division by zero of ") + sign +
                              " give another value instead of an error");
  }
  templates["||:bytes"] = templates["||:bytes:bytes"] = differs("|| makes a text of blobs");
  templates["negate"] = differs("overflow of a minus sign gives a real");
  templates["abs"] = differs("abs fails the whole statement at the smallest integer");
  templates["like"] = differs("like ignores case");
  templates["lower"] = differs("lower knows ASCII only");
  templates["upper"] = differs("upper knows ASCII only");
  templates["length"] = differs("length stops at a NUL character");
  templates["substr"] =
      differs("substr stops at a NUL character and reads starts below 1 otherwise");
  templates["replace"] = differs("replace stops at a NUL character");
  templates["round"] = differs("round works in floating point");
  templates["cast"] = differs("casts of this pair of types convert what the engine refuses");
  templates["greatest"] = differs("max is NULL when an argument is");
  templates["least"] = differs("min is NULL when an argument is");
  templates["concat"] = differs("there is no concat that passes over NULL");
}

}  // namespace

expr::Dialect sqlite_dialect() {
  expr::Dialect dialect;
  dialect.name = "SQLite";
  dialect.quote_name = quote_name;
  dialect.native = is_native;
  add_exact(dialect);
  add_inexact(dialect);
  return dialect;
}

}  // namespace engine::connectors::sqlite
