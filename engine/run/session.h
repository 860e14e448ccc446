#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "compile/bound.h"
#include "compile/expand.h"
#include "connect/connection.h"
#include "plan/model.h"

namespace engine::run {

using Connectors = std::vector<std::unique_ptr<connect::Connector>>;

/// The opened connections of one run. Sources are opened for reading; targets for reading too, or
/// for publishing when the run is applied. A connection of the plan that is both is opened twice: a
/// source never writes.
class Session {
 public:
  Session(const plan::Plan& plan, const Connectors& connectors, connect::OpenMode target_mode);

  connect::Connection& source(const std::string& name);
  connect::Connection& target(const std::string& name);

  /// Reads and looks that tables running side by side ask for at once. Thread safe.
  std::unique_ptr<connect::Source> read_source(const std::string& name,
                                               const connect::ReadRequest& request);
  std::unique_ptr<connect::Source> read_target(const std::string& name,
                                               const connect::ReadRequest& request);
  /// As it is now, inside the unit that is open.
  std::optional<connect::TableInfo> describe_target(const std::string& name,
                                                    const std::string& table);
  /// The ledger of a target; does not outlive the session.
  std::unique_ptr<connect::Ledger> ledger_of(const std::string& target_name);
  std::int64_t count_target(const std::string& name, const std::string& table);
  connect::Newest newest(const std::string& source, const std::string& table,
                         const std::string& column);
  connect::Newest newest_of_query(const std::string& source, const std::string& sql);
  /// A further connection to a target, for its ledger alone; kPublish.
  std::unique_ptr<connect::Connection> second(const std::string& name) const;

  /// What stands in these sources, for compile::expand.
  compile::Listing list(const std::set<std::string>& connections);
  /// Looks up every table of the graph on both sides and gives binding what it may know.
  compile::Surroundings surroundings(const compile::Graph& graph, expr::Context context);

 private:
  std::unique_ptr<connect::Connection> open(const std::string& name, connect::OpenMode mode) const;
  void look_up(const compile::Graph& graph, compile::Surroundings& around);
  void look_up_queries(const compile::Graph& graph, compile::Surroundings& around);

  const plan::Plan& plan_;
  const Connectors& connectors_;
  connect::OpenMode target_mode_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<connect::Connection>> sources_;
  std::map<std::string, std::unique_ptr<connect::Connection>> targets_;
};

}  // namespace engine::run
