#pragma once

#include <string>
#include <vector>

namespace engine::testing {

/// What in a JSON document breaks a JSON Schema, each with its path ("/tables/0/name: missing").
/// Knows type, enum, required, properties, additionalProperties: false, items; any other keyword
/// that could refuse something is itself a complaint.
std::vector<std::string> schema_complaints(const std::string& document, const std::string& schema);

}  // namespace engine::testing
