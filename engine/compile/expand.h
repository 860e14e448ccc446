#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "plan/model.h"

namespace engine::compile {

/// What stands in the sources, by connection: physical names in order.
struct Listing {
  struct Names {
    std::vector<std::string> tables;
    std::vector<std::string> views;  ///< of any kind; no pattern takes one
  };
  std::map<std::string, Names> connections;
};

struct Expansion {
  plan::Plan plan;                 ///< without patterns; it has no tree of nodes any more
  std::vector<std::string> notes;  ///< what each pattern took and what it left, for the reports
};

/// Whose tables expand() must know: the sources of patterns that are not disabled. Empty: the plan
/// has no pattern to settle.
std::set<std::string> connections_to_list(const plan::Plan& plan);

/// Puts the tables that patterns take in their place, in order of name; everything a pattern's
/// entry says is said of each. An exact name wins; a table under two patterns, a pattern that takes
/// nothing or another number than `matches` says, and an exception that is not there are mistakes.
/// A disabled entry still claims its tables: what somebody left out must not come in by another
/// pattern. A pure function.
Expansion expand(const plan::Plan& plan, const Listing& listing, base::Diagnostics& diagnostics);

/// The name in the plan of a connection's table: `table_name` undone; nullopt where it is not of
/// that form.
std::optional<std::string> logical_name(const plan::Connection& connection,
                                        const std::string& physical);

}  // namespace engine::compile
