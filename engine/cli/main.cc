#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/foreign_error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/version.h"

namespace {

using engine::base::Error;
using engine::base::Fault;

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.render().c_str());
  return engine::base::exit_code(error.fault());
}

void add_commands(CLI::App& app, int& exit_code) {
  namespace cli = engine::cli;
  app.set_version_flag("--version", std::string("engine ") + cli::version(), "Print the version");
  app.require_subcommand(1);
  app.footer(
      "Example:\n  engine run plans/crm.yaml          says what would change, writes nothing\n"
      "  engine run plans/crm.yaml --apply  publishes it\n\n"
      "'engine COMMAND --help' explains a command.");
  cli::add_validate(app, exit_code);
  cli::add_plan(app, exit_code);
  cli::add_run(app, exit_code);
  cli::add_check(app, exit_code);
  cli::add_status(app, exit_code);
  cli::add_runs(app, exit_code);
  cli::add_show(app, exit_code);
  cli::add_rollback(app, exit_code);
  cli::add_stop(app, exit_code);
  cli::add_unlock(app, exit_code);
  cli::add_snapshots(app, exit_code);
  cli::add_restore(app, exit_code);
  cli::add_graph(app, exit_code);
  cli::add_explain(app, exit_code);
  cli::add_schema(app, exit_code);
  cli::add_later_commands(app, exit_code);
}

/// "see 'engine run --help'" for what was wrong after a command's name.
std::string where_to_look(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return "see 'engine " + (chosen.empty() ? "" : chosen.front()->get_name() + " ") + "--help'";
}

void refuse_unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || *argv[1] == '-') return;
  const std::string word = argv[1];
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  const auto near = engine::base::nearest(word, names);
  throw Error(Fault::kUsage, "E100", "there is no command '" + word + "'",
              near ? "did you mean 'engine " + *near + "'?" : "see 'engine --help'");
}

int run(int argc, char** argv) {
  CLI::App app(
      "Moves data between stores by a plan: checked before it is published, undone by one "
      "command.",
      "engine");
  int exit_code = 0;
  add_commands(app, exit_code);
  refuse_unknown_command(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    return fail(Error(Fault::kUsage, "E100", wrong.what(), where_to_look(app)));
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const engine::cli::PlanMistakes& mistakes) {
    std::fprintf(stderr, "%s\nnothing was written\n", mistakes.what());
    return engine::base::exit_code(Fault::kPlan);
  } catch (const Error& error) {
    return fail(error);
  } catch (const std::exception& error) {
    return fail(engine::base::foreign_error(error));
  }
}
