#include <CLI/CLI.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/output.h"
#include "compile/graph_text.h"
#include "plan/reader.h"

namespace engine::cli {
namespace {

struct Arguments {
  PlanArguments plan;
  std::string form = "text";
};

int graph(const Arguments& arguments) {
  if (arguments.form == "svg") {
    throw base::Error(base::Fault::kUsage, "E119", "-o svg is not available in this version",
                      "write -o dot and give it to Graphviz: dot -Tsvg");
  }
  auto diagnostics = std::make_shared<base::Diagnostics>();
  plan::ReadOptions options;
  options.profile = arguments.plan.profile;
  options.set = arguments.plan.variables();
  options.offline = true;
  const auto plan = plan::read_plan(arguments.plan.file, registry(), options, *diagnostics);
  if (!plan) throw PlanMistakes(diagnostics);
  const compile::Graph compiled = compile::compile(*plan, *diagnostics);
  if (diagnostics->has_errors()) throw PlanMistakes(diagnostics);
  if (arguments.form == "dot") print(compile::graph_dot(compiled));
  if (arguments.form == "mermaid") print(compile::graph_mermaid(compiled));
  if (arguments.form == "text") print(compile::graph_text(compiled));
  return 0;
}

}  // namespace

void add_graph(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("graph", "Print what waits for what; offline");
  command->footer("Example:\n  engine graph plans/crm.yaml -o mermaid");
  const auto held = std::make_shared<Arguments>();
  add_plan_arguments(*command, held->plan);
  command->add_option("-o,--output", held->form, "Form of the graph")
      ->check(CLI::IsMember({"text", "dot", "mermaid", "svg"}))
      ->capture_default_str();
  read_environment(*command);
  command->callback([held, &exit_code] { exit_code = graph(*held); });
}

}  // namespace engine::cli
