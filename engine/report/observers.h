#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/memory.h"
#include "run/observer.h"

namespace engine::report {

/// events.ndjson: a line for each thing that happened, schema_version 1, at the disk's door when
/// the call returns, so that another shell can follow. Progress at most once a second per table.
std::unique_ptr<run::Observer> make_event_log(const std::filesystem::path& path,
                                              const base::Clock& clock);
/// The JSON Schema of one line.
std::string events_schema_json();

struct LogOptions {
  std::string level = "info";  ///< debug, info, warn, error
  bool json = false;           ///< a JSON object a line
};
/// log.txt: what happened, for people. A file that exists is appended to. Mode 0600.
std::unique_ptr<run::Observer> make_text_log(const std::filesystem::path& path,
                                             const base::Clock& clock,
                                             const LogOptions& options = {});

struct ProgressOptions {
  bool bars = false;         ///< a terminal: bars that are drawn over; else plain lines
  std::size_t columns = 80;  ///< of the terminal
  /// Seconds that only grow; a seam for tests.
  std::function<double()> seconds;
};
/// Progress on stderr. On a terminal a bar for each running table; elsewhere a line when a table
/// has been checked, when a unit is published, and one every 30 s. Warnings and errors of the run
/// are printed as lines either way. `write` gets whole pieces to print.
std::unique_ptr<run::Observer> make_progress(std::function<void(std::string_view)> write,
                                             ProgressOptions options = {});

}  // namespace engine::report
