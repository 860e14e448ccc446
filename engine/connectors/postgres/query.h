#pragma once

#include <string>
#include <vector>

#include "connect/catalog.h"
#include "connectors/postgres/session.h"
#include "connectors/postgres/types.h"

namespace engine::connectors::postgres {

/// A query of a plan, looked at by the server without being run.
struct QueryShape {
  connect::QueryInfo info;
  std::vector<Wire> wires;  ///< as info.info.columns
};

/// Inside a transaction that only reads, which stays good whatever the query is.
QueryShape load_query(Session& session, const std::string& sql);
/// E317 when it is refused.
QueryShape require_query(Session& session, const std::string& sql);
/// The query with nothing at its end that could not stand in parentheses.
std::string inner_query(const std::string& sql);

}  // namespace engine::connectors::postgres
