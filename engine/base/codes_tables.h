#pragma once

#include <span>

#include "base/codes.h"

namespace engine::base {

/// The parts of the catalogue, each in ascending order; codes.cc joins them.
std::span<const CodeEntry> plan_codes();    ///< E1xx
std::span<const CodeEntry> target_codes();  ///< E2xx E3xx
std::span<const CodeEntry> run_codes();     ///< E4xx E5xx E9xx

}  // namespace engine::base
