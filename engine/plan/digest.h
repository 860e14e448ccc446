#pragma once

#include <string>

#include "plan/model.h"

namespace engine::plan {

/// SHA-256 in hex of the merged plan in a canonical form: every value after variables, keys in byte
/// order, without the profiles that were not chosen, without descriptions, and with a word in place
/// of every secret. Equal plans have equal digests whatever their comments, order of keys and
/// files.
std::string plan_digest(const Plan& plan);

}  // namespace engine::plan
