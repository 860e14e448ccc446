#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/diagnostic.h"
#include "plan/model.h"
#include "plan/option_spec.h"

namespace engine::plan {

/// How a plan is to be read. `offline`: secrets and unset variables are unknown, not errors
/// (`engine validate`).
struct ReadOptions {
  std::string profile = {};
  std::map<std::string, std::string> set = {};  ///< --set name=value
  bool offline = false;
  /// For the test that no declared option is left unread: "object/option" of every option that was
  /// asked for.
  std::set<std::string>* read_options = nullptr;
};

/// Reads a plan with its includes, reports every mistake of all of them into `diagnostics`, and
/// returns the plan, also when there were mistakes of meaning (as far as it could be read); nullopt
/// only when nothing of it could be read.
std::optional<Plan> read_plan(const std::string& file, const Registry& registry,
                              const ReadOptions& options, base::Diagnostics& diagnostics);

/// The declaration of the plan's own keys (without connectors and checks).
const ObjectSpec& plan_spec();
/// The declaration of one table's keys, and of the keys common to all checks.
const ObjectSpec& table_spec();
const ObjectSpec& check_common_spec();

/// The JSON Schema (draft 2020-12) of the plan language, as text.
std::string plan_schema_json(const Registry& registry);
/// The generated part of plans/README.md, markdown.
std::string reference_markdown(const Registry& registry);

}  // namespace engine::plan
