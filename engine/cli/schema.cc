#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/load.h"
#include "cli/output.h"
#include "plan/reader.h"
#include "report/observers.h"
#include "report/report_json.h"

namespace engine::cli {
namespace {

int schema(const std::string& what) {
  if (what == "plan") print(plan::plan_schema_json(registry()));
  if (what == "report") print(report::report_schema_json());
  if (what == "change") print(report::change_schema_json());
  if (what == "events") print(report::events_schema_json());
  if (what == "reference") print(plan::reference_markdown(registry()));
  return 0;
}

}  // namespace

void add_schema(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "schema",
      "Print the JSON Schema of plans, reports, changes or events; or the language reference");
  command->footer("Example:\n  engine schema plan > plan.schema.json");
  const auto what = std::make_shared<std::string>();
  command->add_option("WHAT", *what, "plan, report, change, events, or reference (markdown)")
      ->required()
      ->check(CLI::IsMember({"plan", "report", "change", "events", "reference"}));
  command->callback([what, &exit_code] { exit_code = schema(*what); });
}

}  // namespace engine::cli
