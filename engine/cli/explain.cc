#include <CLI/CLI.hpp>

#include "base/codes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/output.h"
#include "expr/expression.h"
#include "plan/explain.h"
#include "plan/reader.h"
#include "plan/reference.h"

namespace engine::cli {
namespace {

struct Arguments {
  std::string what;
  std::string name;
  std::string profile;
  std::vector<std::string> set;
};

[[noreturn]] void unknown(const std::string& kind, const std::string& name,
                          const std::vector<std::string>& names) {
  const auto near = base::nearest(name, names);
  throw base::Error(
      base::Fault::kUsage, "E113", "there is no " + kind + " '" + name + "'",
      near ? "did you mean '" + *near + "'?" : "there are: " + base::join(names, ", "));
}

std::string explain_code(const std::string& code) {
  const base::CodeEntry* entry = base::find_code(code);
  if (entry == nullptr) {
    std::vector<std::string> names;
    for (const base::CodeEntry& known : base::all_codes()) names.emplace_back(known.code);
    unknown("code", code, names);
  }
  return std::string(entry->code) + ": " + std::string(entry->title) + "\n\ncause\n  " +
         std::string(entry->cause) + "\n\ncure\n  " + std::string(entry->cure) + "\n";
}

std::string explain_function(const std::string& name) {
  std::vector<std::string> names;
  for (const expr::FunctionDoc& function : expr::function_docs()) {
    names.push_back(function.name);
    if (function.name != name) continue;
    return function.signature + "\n  " + function.doc + "\n\nexample\n  " + function.example +
           "  ->  " + function.result + "\n";
  }
  unknown("function", name, names);
}

std::string explain_check(const std::string& name) {
  if (const auto text = plan::explain_check(registry(), name)) return *text;
  std::vector<std::string> names;
  for (const plan::CheckDecl& check : registry().checks) names.push_back(check.name);
  unknown("check", name, names);
}

std::string explain_connector(const std::string& type) {
  if (const auto text = plan::explain_connector(registry(), type)) return *text;
  std::vector<std::string> names;
  for (const plan::ConnectorDecl& connector : registry().connectors)
    names.push_back(connector.type);
  unknown("connector", type, names);
}

std::string explain_table(const Arguments& arguments) {
  auto diagnostics = std::make_shared<base::Diagnostics>();
  plan::ReadOptions options;
  options.profile = arguments.profile;
  options.set = PlanArguments{arguments.what, arguments.profile, arguments.set}.variables();
  options.offline = true;
  const auto plan = plan::read_plan(arguments.what, registry(), options, *diagnostics);
  if (!plan || diagnostics->has_errors()) throw PlanMistakes(diagnostics);
  if (const auto text = plan::explain_table(*plan, arguments.name)) return *text;
  std::vector<std::string> names;
  for (const plan::Table& table : plan->tables) names.push_back(table.name.text);
  unknown("table", arguments.name, names);
}

bool is_code(const std::string& what) {
  return what.size() == 4 && what.front() == 'E' && base::find_code(what) != nullptr;
}

/// One word: an error code, else a key of the language ("merge.mode").
std::string explain_word(const std::string& what) {
  if (is_code(what)) return explain_code(what);
  if (const auto text = plan::explain_option(registry(), what)) return *text;
  return explain_code(what);
}

int explain(const Arguments& arguments) {
  if (arguments.name.empty()) {
    print(explain_word(arguments.what));
  } else if (arguments.what == "function") {
    print(explain_function(arguments.name));
  } else if (arguments.what == "check") {
    print(explain_check(arguments.name));
  } else if (arguments.what == "connector") {
    print(explain_connector(arguments.name));
  } else {
    print(explain_table(arguments));
  }
  return 0;
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "explain", "A table of a plan with the origin of each value, or what a name or code means");
  command->footer(
      "Example:\n  engine explain plans/crm.yaml contacts\n  engine explain E106\n"
      "  engine explain function substr");
  const auto held = std::make_shared<Arguments>();
  command
      ->add_option("WHAT", held->what,
                   "PLAN, an error code, a key such as merge.mode, or: function, check, connector")
      ->required();
  command->add_option("NAME", held->name, "Table, function, check or connector");
  command->add_option("--profile", held->profile, "Profile of the plan to lay over it");
  command->add_option("--set", held->set, "Give a variable a value: name=value")
      ->allow_extra_args(false);
  read_environment(*command);
  command->callback([held, &exit_code] { exit_code = explain(*held); });
}

}  // namespace engine::cli
