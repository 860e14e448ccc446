#include "connect/connection.h"

#include "base/error.h"

namespace engine::connect {
namespace {

[[noreturn]] void no_sql(const Connection& connection) {
  throw base::Error(base::Fault::kPlan, "E317",
                    connection.describe_self() + " understands no SQL: it takes no query",
                    "name a table, or a source with SQL");
}

}  // namespace

std::optional<TableInfo> Connection::describe_file(const plan::FileShape& file) {
  base::bug("a file, " + file.path.text + ", was asked of " + describe_self());
}

std::vector<std::string> Connection::definition(const std::string&) {
  return {};
}

QueryInfo Connection::describe_query(const std::string&) {
  no_sql(*this);
}

Newest Connection::newest_of_query(const std::string&) {
  no_sql(*this);
}

std::int64_t Connection::count_query(const std::string&) {
  no_sql(*this);
}

}  // namespace engine::connect
