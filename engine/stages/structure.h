#pragma once

#include <string>
#include <vector>

#include "connect/catalog.h"
#include "connect/write.h"

namespace engine::stages {

/// How a table differs from what was to be made, a text each: columns, types, nullability outside
/// of the key, primary key.
std::vector<std::string> unlike_definition(const connect::CreateTable& wanted,
                                           const connect::TableInfo& now);
/// How it differs from what it was, defaults, indexes and foreign keys included.
std::vector<std::string> unlike_before(const connect::TableInfo& before,
                                       const connect::TableInfo& now);

}  // namespace engine::stages
