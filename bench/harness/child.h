#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What one measured run cost.
struct Usage {
  double seconds = 0;            ///< wall time from the fork to the reaped child
  double cpu_seconds = 0;        ///< user and system time of all its threads
  std::uint64_t peak_bytes = 0;  ///< peak resident set of the child
};

/// Runs a command with its output in the file `log`. Throws std::runtime_error with the end of that
/// log unless the command exits 0.
///
/// Linux counts the parent's resident set at the time of the fork into the child's peak, so the
/// calling program has to stay small: whatever is heavy goes through run_forked.
Usage run_command(const std::vector<std::string>& words, const std::string& log);

/// Runs `body` in a forked child. Throws when the body throws (its message goes to stderr).
Usage run_forked(const std::function<void()>& body);

/// What a command prints on stdout, at most 64 KiB; empty when it cannot be run.
std::string output_of(const std::vector<std::string>& words);

}  // namespace bench
