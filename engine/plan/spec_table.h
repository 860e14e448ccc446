#pragma once

#include <memory>

#include "plan/option_spec.h"

namespace engine::plan {

/// Parts of the declaration that more than one place uses. Each is built once and shared.
std::shared_ptr<const ObjectSpec> table_spec_shared();
std::shared_ptr<const ObjectSpec> from_spec();
std::shared_ptr<const ObjectSpec> reference_spec();
std::shared_ptr<const ObjectSpec> column_rule_spec();
std::shared_ptr<const ObjectSpec> merge_spec();
std::shared_ptr<const ObjectSpec> freshness_spec();
std::shared_ptr<const ObjectSpec> table_definition_spec();
std::shared_ptr<const ObjectSpec> check_item_spec();
std::shared_ptr<const ObjectSpec> csv_spec();
/// What stands in `to`.
std::shared_ptr<const ObjectSpec> target_file_spec();
OptionSpec file_format_option();

/// The name of the object spec of one connection and of one check item. Their keys depend on `type`
/// and on the kind of check, so the reader joins them with what the registry declares.
inline constexpr const char* kConnectionSpec = "connection";
inline constexpr const char* kCheckSpec = "check";

/// A number of rows, or a share of them.
OptionSpec cap_option(std::string name, std::string doc, std::string since = "0.1");

}  // namespace engine::plan
