#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "plan/model.h"

namespace engine::connectors::postgres {

/// How one connection of a plan reaches its server.
struct Settings {
  std::string name;    ///< the plan's name of the connection
  std::string label;   ///< "db.internal:5432/prod": for people, without user and password
  std::string schema;  ///< of names without one
  base::Secret password;
  /// libpq's keywords without the password, in the order in which they are handed over.
  std::vector<std::pair<std::string, std::string>> keywords;
};

/// Options of the plan, over those of the url, over libpq's own defaults (environment, service
/// file). The server proves itself (verify-full) unless it is on this machine or the plan says
/// otherwise. Errors: E107 an url that libpq does not understand, or with a password in it.
Settings settings_of(const plan::Connection& connection);

}  // namespace engine::connectors::postgres
