#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plan/option_spec.h"

namespace engine::plan {

/// The page with its generated part, between two markers, written anew.
std::string with_reference(const std::string& page, const Registry& registry);

/// Reference text for a terminal. nullopt when nothing has that name.
std::optional<std::string> explain_connector(const Registry& registry, std::string_view type);
std::optional<std::string> explain_check(const Registry& registry, std::string_view name);
/// "merge.mode", "run.atomic": a key of a table or of the plan; also a check or a connector.
std::optional<std::string> explain_option(const Registry& registry, std::string_view path);

/// The keys of one mapping, a few lines each.
std::string explain_options(const ObjectSpec& spec);

}  // namespace engine::plan
