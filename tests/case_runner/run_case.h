#pragma once

#include <string>

#include "case_runner/sandbox.h"

namespace case_runner {

/// Runs one case file in this process and prints each difference. With `update` the file's expected
/// texts are rewritten to what was seen, and only errors of the case itself fail it. Returns
/// whether it passed. The process may be left in another mount namespace: fork first.
bool run_case(const std::string& path, const Surroundings& surroundings, bool update);

/// Lines of two texts side by side: "-" only expected, "+" only seen, " " both.
std::string difference(const std::string& expected, const std::string& seen);

}  // namespace case_runner
