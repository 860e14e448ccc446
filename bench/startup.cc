// Start-up: what every call of a command costs before it does anything.

#include <fmt/format.h>

#include <stdexcept>

#include "harness/contest.h"
#include "harness/settings.h"

namespace {

using namespace bench;

constexpr double kLimitSeconds = 0.010;

Contestant command(const std::string& name, const std::vector<std::string>& words,
                   const std::string& log) {
  return {name, {}, [=] { return run_command(words, log); }, {}};
}

void measure(const Settings& settings) {
  const std::string log = settings.fresh_folder("startup") + "/log.txt";
  const std::vector<Contestant> contestants = {
      command("/bin/true", {"/bin/true"}, log),
      command("sqlite3 --version", {"sqlite3", "--version"}, log),
      command("engine --version", {settings.engine, "--version"}, log),
      command("engine --help", {settings.engine, "--help"}, log),
  };
  if (output_of({settings.engine, "--help"}).find("run") == std::string::npos) {
    throw std::runtime_error("engine --help names no command");
  }
  fmt::print("startup: what a command costs before it does anything\n");
  std::string none;
  const auto all = hold_contest(contestants, settings.rounds, none);
  print_ratios(all, all[0], Meaning::kCost);
  std::vector<double> seconds;
  for (const Usage& usage : all[3].rounds) seconds.push_back(usage.seconds);
  const double share = median(seconds) / kLimitSeconds;
  print_goal("engine --help <= 1.00x of 10 ms", share <= 1, fmt::format("{:.2f}x", share));
  fmt::print("  {} rounds\n", settings.rounds);
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv, 41)); });
}
