#include "run/session.h"

#include <set>

#include "base/error.h"

namespace engine::run {

Session::Session(const plan::Plan& plan, const Connectors& connectors,
                 connect::OpenMode target_mode)
    : plan_(plan), connectors_(connectors), target_mode_(target_mode) {}

std::unique_ptr<connect::Connection> Session::open(const std::string& name,
                                                   connect::OpenMode mode) const {
  const plan::Connection* spec = plan_.connection(name);
  if (spec == nullptr) base::bug("connection " + name + " is not in the plan");
  for (const auto& connector : connectors_) {
    if (connector->type() != spec->type) continue;
    try {
      return connector->open(*spec, plan_.folder, mode);
    } catch (base::Error& error) {
      error.in("connection " + name + ", " + spec->name.span.text());
      throw;
    }
  }
  throw base::Error(base::Fault::kPlan, "E119",
                    "connections of type '" + spec->type + "' are not available in this version",
                    "use another connection, for example through a profile");
}

connect::Connection& Session::source(const std::string& name) {
  auto& slot = sources_[name];
  if (!slot) slot = open(name, connect::OpenMode::kRead);
  return *slot;
}

connect::Connection& Session::target(const std::string& name) {
  auto& slot = targets_[name];
  if (!slot) slot = open(name, target_mode_);
  return *slot;
}

namespace {

/// A table is read in one piece here; connectors that cut reads say how many pieces they made.
std::unique_ptr<connect::Source> read_whole(connect::Connection& connection,
                                            const connect::ReadRequest& request) {
  const std::vector<connect::Range> ranges = connection.partitions(request);
  if (ranges.size() != 1) base::bug("reads in several ranges are not available in this version");
  return connection.read(request, ranges.front());
}

/// A table of a connection of files, or a file of one of tables, is nothing that could be asked
/// for; binding says so.
std::optional<connect::TableInfo> describe(connect::Connection& asked, const compile::Look& look) {
  if (asked.capabilities().files != (look.file != nullptr)) return std::nullopt;
  return look.file == nullptr ? asked.describe(look.table) : asked.describe_file(*look.file);
}

}  // namespace

std::unique_ptr<connect::Source> Session::read_source(const std::string& name,
                                                      const connect::ReadRequest& request) {
  const std::lock_guard lock(mutex_);
  return read_whole(source(name), request);
}

std::unique_ptr<connect::Source> Session::read_target(const std::string& name,
                                                      const connect::ReadRequest& request) {
  const std::lock_guard lock(mutex_);
  return read_whole(target(name), request);
}

std::optional<connect::TableInfo> Session::describe_target(const std::string& name,
                                                           const std::string& table) {
  const std::lock_guard lock(mutex_);
  return target(name).describe(table);
}

std::unique_ptr<connect::Ledger> Session::ledger_of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return target(name).ledger();
}

std::int64_t Session::count_target(const std::string& name, const std::string& table) {
  const std::lock_guard lock(mutex_);
  return target(name).count(table, std::nullopt);
}

connect::Newest Session::newest(const std::string& name, const std::string& table,
                                const std::string& column) {
  const std::lock_guard lock(mutex_);
  return source(name).newest(table, column);
}

connect::Newest Session::newest_of_query(const std::string& name, const std::string& sql) {
  const std::lock_guard lock(mutex_);
  return source(name).newest_of_query(sql);
}

std::unique_ptr<connect::Connection> Session::second(const std::string& name) const {
  return open(name, connect::OpenMode::kPublish);
}

void Session::look_up(const compile::Graph& graph, compile::Surroundings& around) {
  std::set<std::string> target_names;
  for (const plan::Table* table : graph.tables) target_names.insert(table->target.text);
  for (const compile::Look& look : compile::tables_to_describe(plan_, graph)) {
    const bool on_target =
        look.file == nullptr ? target_names.contains(look.connection) : look.as_target;
    connect::Connection& asked = on_target ? target(look.connection) : source(look.connection);
    around.capabilities.emplace(look.connection, asked.capabilities());
    around.identities.emplace(look.connection, asked.identity());
    try {
      around.catalog.tables[{look.connection, look.table}] = describe(asked, look);
    } catch (base::Error& error) {
      throw error.in("connection " + look.connection);
    }
  }
}

compile::Listing Session::list(const std::set<std::string>& connections) {
  compile::Listing listing;
  for (const std::string& name : connections) {
    try {
      listing.connections[name] = {source(name).tables(), source(name).views()};
    } catch (base::Error& error) {
      throw error.in("connection " + name);
    }
  }
  return listing;
}

void Session::look_up_queries(const compile::Graph& graph, compile::Surroundings& around) {
  for (const auto& [connection, query] : compile::queries_to_describe(graph)) {
    connect::Connection& asked = source(connection);
    try {
      around.catalog.queries[{connection, query}] = asked.describe_query(query);
    } catch (base::Error& error) {
      throw error.in("connection " + connection);
    }
    around.capabilities.emplace(connection, asked.capabilities());
    around.identities.emplace(connection, asked.identity());
  }
}

compile::Surroundings Session::surroundings(const compile::Graph& graph, expr::Context context) {
  compile::Surroundings around;
  around.context = std::move(context);
  look_up(graph, around);
  look_up_queries(graph, around);
  around.fits = [this](const std::string& connection, const connect::ColumnInfo& column,
                       const data::Type& type) { return target(connection).fits(column, type); };
  return around;
}

}  // namespace engine::run
