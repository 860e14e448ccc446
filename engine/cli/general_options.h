#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace engine::cli {

/// What every command shares.
struct GeneralOptions {
  std::string output = "text";  ///< -o
  bool json = false;            ///< --json is -o json
  std::string json_into;
  bool quiet = false;
  std::string log_level = "info";
  std::string log_format = "text";
  std::string log_file;
  std::string state;  ///< --state DIR

  bool wants_json() const { return json || output == "json"; }
};

/// How a plan is named on the command line.
struct PlanArguments {
  std::string file;
  std::string profile;
  std::vector<std::string> set;  ///< name=value

  /// Throws kUsage E100 when one has no '='.
  std::map<std::string, std::string> variables() const;
};

/// What -o takes: ndjson, github and junit too where the result is what a run or its checks found.
enum class Forms { kPlain, kOfRuns };
void add_general_options(CLI::App& command, GeneralOptions& general, Forms forms = Forms::kPlain);
void add_plan_arguments(CLI::App& command, PlanArguments& plan);
/// The plan as an option (--plan), for commands that name something else; with --profile and --set.
CLI::Option* add_plan_options(CLI::App& command, PlanArguments& plan, const std::string& what_for);
/// --wait DURATION, for locks that others hold.
void add_wait(CLI::App& command, std::int64_t& wait_us, const std::string& what_for);
/// `--kebab-case` options take their value from ENGINE_KEBAB_CASE where the command line is silent.
void read_environment(CLI::App& command);

/// Prints the result: on stdout, and into --json-into. `json` is asked for only when it is wanted.
bool stdout_is_terminal();
bool stderr_is_terminal();
bool stdin_is_terminal();
/// Colour only on a terminal that wants it (NO_COLOR, TERM=dumb).
bool wants_colour();

}  // namespace engine::cli
