// Runs text cases: case_runner FOLDER-OR-FILE... The format is in tests/cases/README.md.
//
// Environment: ENGINE_BINARY (the binary under test; default ../bin/engine beside this program),
// UPDATE=1 rewrites expected texts, KEEP=1 keeps each case's folder. Exit 0: all cases passed.

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "case_runner/run_case.h"

namespace {

namespace fs = std::filesystem;

std::vector<std::string> cases_in(const std::vector<std::string>& arguments) {
  std::vector<std::string> cases;
  for (const std::string& argument : arguments) {
    if (!fs::is_directory(argument)) {
      cases.push_back(argument);
      continue;
    }
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(argument)) {
      if (entry.path().extension() == ".test") cases.push_back(entry.path());
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

case_runner::Surroundings find_surroundings() {
  const char* given = std::getenv("ENGINE_BINARY");
  const fs::path own = fs::canonical("/proc/self/exe").parent_path();
  const fs::path engine = given != nullptr ? fs::path(given) : own.parent_path() / "bin" / "engine";
  return {fs::absolute(engine).lexically_normal(), ENGINE_SOURCE_DIR};
}

// A child for each case: what a case does to its process (namespaces, a crash) ends with it.
bool run_in_child(const std::string& path, const case_runner::Surroundings& where, bool update) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const bool passed = case_runner::run_case(path, where, update);
    std::fflush(stdout);
    _exit(passed ? 0 : 1);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    fmt::print("FAIL {}: cannot start a process\n", path);
    return false;
  }
  if (WIFSIGNALED(status)) fmt::print("FAIL {}: runner died by a signal\n", path);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const case_runner::Surroundings where = find_surroundings();
  if (!fs::exists(where.engine)) {
    fmt::print("no binary at {}: build the target 'engine' first\n", where.engine);
    return 1;
  }
  const bool update = std::getenv("UPDATE") != nullptr;
  const auto cases = cases_in(std::vector<std::string>(argv + 1, argv + argc));
  std::size_t failed = 0;
  for (const std::string& path : cases) {
    if (!run_in_child(path, where, update)) ++failed;
  }
  fmt::print("cases: {} passed, {} failed\n", cases.size() - failed, failed);
  return failed == 0 && !cases.empty() ? 0 : 1;
}
