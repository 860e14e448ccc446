#pragma once

#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

namespace bench {

/// What every benchmark takes from its command line:
///   --rounds N   counted rounds (at least 1)
///   --rows N     rows of the generated table, where there is one
///   --data DIR   where generated data go; default: bench-data beside the build folder
/// The engine is the one of the same build, or the file named by ENGINE_BINARY.
struct Settings {
  int rounds = 5;
  std::int64_t rows = 1'000'000;
  std::string data;
  std::string engine;

  /// A folder of this name within `data`, made when missing, emptied first.
  std::string fresh_folder(const std::string& name) const;
};

Settings read_settings(int argc, char** argv, int default_rounds = 5);

/// Runs a benchmark's body; an exception becomes an error line and exit code 1. Whether a goal was
/// reached is printed, not returned: a figure of a busy machine is no failure.
template <class Body>
int benchmark_main(Body body) {
  try {
    body();
    return 0;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}

void write_text(const std::string& path, const std::string& text);

}  // namespace bench
