#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "base/error.h"
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
  cli::add_graph(app, exit_code);
  cli::add_explain(app, exit_code);
  cli::add_schema(app, exit_code);
  cli::add_later_commands(app, exit_code);
}

int run(int argc, char** argv) {
  CLI::App app(
      "Moves data between stores by a plan: checked before it is published, undone by one "
      "command.",
      "engine");
  int exit_code = 0;
  add_commands(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    return fail(Error(Fault::kUsage, "E100", wrong.what(), "see 'engine --help'"));
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const engine::cli::PlanMistakes& mistakes) {
    std::fprintf(stderr, "%s\n", mistakes.what());
    return engine::base::exit_code(Fault::kPlan);
  } catch (const Error& error) {
    return fail(error);
  } catch (const std::exception& error) {
    return fail(Error(Fault::kBug, "E900", std::string("internal: ") + error.what()));
  }
}
