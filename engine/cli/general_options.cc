#include "cli/general_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdlib>

#include "base/clock.h"
#include "base/error.h"

namespace engine::cli {

std::map<std::string, std::string> PlanArguments::variables() const {
  std::map<std::string, std::string> values;
  for (const std::string& assignment : set) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw base::Error(base::Fault::kUsage, "E100", "--set " + assignment + " has no '='",
                        "write --set name=value");
    }
    values[assignment.substr(0, equals)] = assignment.substr(equals + 1);
  }
  return values;
}

void add_general_options(CLI::App& command, GeneralOptions& general, Forms forms) {
  std::vector<std::string> names = {"text", "json", "markdown"};
  if (forms == Forms::kOfRuns) names.insert(names.end(), {"ndjson", "github", "junit"});
  command.add_option("-o,--output", general.output, "Form of the result on stdout")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command.add_flag("--json", general.json, "The same as -o json");
  command.add_option("--json-into", general.json_into, "Write the JSON result into this file too");
  command.add_flag("--quiet", general.quiet, "No progress on stderr");
  command.add_option("--log-level", general.log_level, "What log.txt keeps")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  command.add_option("--log-format", general.log_format, "Form of log.txt")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command.add_option("--log-file", general.log_file, "Write the log here instead");
  command.add_option("--state", general.state, "Folder of journal and artifacts");
}

void add_plan_arguments(CLI::App& command, PlanArguments& plan) {
  command.add_option("PLAN", plan.file, "The plan file")->required();
  command.add_option("--profile", plan.profile, "Profile of the plan to lay over it");
  command.add_option("--set", plan.set, "Give a variable of the plan a value: name=value")
      ->allow_extra_args(false);
}

void add_wait(CLI::App& command, std::int64_t& wait_us, const std::string& what_for) {
  command
      .add_option_function<std::string>(
          "--wait",
          [&wait_us](const std::string& text) {
            const auto wait = base::parse_duration_us(text);
            if (!wait || *wait < 0) {
              throw base::Error(base::Fault::kUsage, "E100", "--wait " + text + " is no duration",
                                "write --wait 10m");
            }
            wait_us = *wait;
          },
          what_for)
      ->type_name("DURATION");
}

CLI::Option* add_plan_options(CLI::App& command, PlanArguments& plan, const std::string& what_for) {
  command.add_option("--profile", plan.profile, "Profile for --plan");
  command.add_option("--set", plan.set, "Variables for --plan: name=value")
      ->allow_extra_args(false);
  return command.add_option("--plan", plan.file, what_for);
}

namespace {

void name_variables(CLI::App& command) {
  for (CLI::Option* option : command.get_options()) {
    if (option->get_lnames().empty() || option->get_lnames().front() == "help") continue;
    std::string name = "ENGINE_";
    for (const char c : option->get_lnames().front()) {
      name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    option->envname(name);
  }
}

}  // namespace

void read_environment(CLI::App& command) {
  command.preparse_callback([&command](std::size_t) { name_variables(command); });
}

bool stdout_is_terminal() {
  return isatty(STDOUT_FILENO) == 1;
}
bool stderr_is_terminal() {
  return isatty(STDERR_FILENO) == 1;
}
bool stdin_is_terminal() {
  return isatty(STDIN_FILENO) == 1;
}

bool wants_colour() {
  const char* none = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string(terminal) == "dumb";
  return stdout_is_terminal() && (none == nullptr || *none == '\0') && !dumb;
}

}  // namespace engine::cli
