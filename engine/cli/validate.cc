#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/output.h"
#include "compile/graph.h"
#include "plan/reader.h"

namespace engine::cli {
namespace {

using nlohmann::json;

struct Arguments {
  std::vector<std::string> plans;
  std::string profile;
  std::vector<std::string> set;
  GeneralOptions general;
};

std::string severity_name(base::Severity severity) {
  switch (severity) {
    case base::Severity::kError:
      return "error";
    case base::Severity::kWarning:
      return "warning";
    case base::Severity::kNote:
      return "note";
  }
  return "";
}

json diagnostic_json(const base::Diagnostic& diagnostic) {
  json entry = {{"severity", severity_name(diagnostic.severity)},
                {"code", diagnostic.code},
                {"message", diagnostic.message},
                {"help", diagnostic.help},
                {"file", diagnostic.span.file.text()}};
  if (diagnostic.span.known()) {
    entry["line"] = diagnostic.span.line;
    entry["column"] = diagnostic.span.column;
    entry["length"] = diagnostic.span.length;
  }
  return entry;
}

/// Reads one plan without any secret or connection; what later versions run is a note.
base::Diagnostics read_offline(const Arguments& arguments, const std::string& file) {
  base::Diagnostics diagnostics;
  PlanArguments named{file, arguments.profile, arguments.set};
  plan::ReadOptions options;
  options.profile = arguments.profile;
  options.set = named.variables();
  options.offline = true;
  const auto plan = plan::read_plan(file, registry(), options, diagnostics);
  if (plan) {
    compile::compile(*plan, diagnostics);
    for (const plan::NotAvailable& missing : plan->not_available) {
      diagnostics.note(missing.span, missing.what + " is not available in this version",
                       "planned for version " + missing.since + "; plan and run refuse it");
    }
  }
  diagnostics.sort();
  return diagnostics;
}

std::string summary(const std::string& file, const base::Diagnostics& diagnostics) {
  if (!diagnostics.has_errors()) return file + ": valid\n";
  const std::size_t count = diagnostics.error_count();
  return file + ": " + std::to_string(count) + (count == 1 ? " error\n" : " errors\n");
}

int validate(const Arguments& arguments) {
  bool good = true;
  json documents = json::array();
  std::string summaries;
  for (const std::string& file : arguments.plans) {
    const base::Diagnostics diagnostics = read_offline(arguments, file);
    good = good && !diagnostics.has_errors();
    json entries = json::array();
    for (const base::Diagnostic& diagnostic : diagnostics.all()) {
      entries.push_back(diagnostic_json(diagnostic));
    }
    documents.push_back(
        {{"plan", file}, {"valid", !diagnostics.has_errors()}, {"diagnostics", entries}});
    if (!arguments.general.wants_json() && !diagnostics.all().empty()) {
      std::fprintf(stderr, "%s\n", diagnostics.render_all().c_str());
    }
    summaries += summary(file, diagnostics);
  }
  const json document = {{"schema_version", 1}, {"plans", documents}};
  print_json(document.dump(2) + "\n", arguments.general);
  if (!arguments.general.wants_json()) print(summaries);
  return good ? 0 : base::exit_code(base::Fault::kPlan);
}

}  // namespace

void add_validate(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("validate", "Find every mistake of plan files; offline, without secrets");
  command->footer("Example:\n  engine validate plans/*.yaml");
  const auto held = std::make_shared<Arguments>();
  command->add_option("PLAN", held->plans, "Plan files")->required();
  command->add_option("--profile", held->profile, "Profile of the plan to lay over it");
  command->add_option("--set", held->set, "Give a variable a value: name=value")
      ->allow_extra_args(false);
  add_general_options(*command, held->general);
  read_environment(*command);
  command->callback([held, &exit_code] { exit_code = validate(*held); });
}

}  // namespace engine::cli
