#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/invocation.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/run_state.h"
#include "cli/show_rows.h"
#include "state/journal.h"
#include "state/run_folder.h"

namespace engine::cli {
namespace {

using nlohmann::json;

struct Arguments {
  std::string run = "latest";
  PlanArguments plan;
  std::size_t limit = 20;
  std::string rows;  ///< of this table, instead of the report
  std::string stage = "extract";
  GeneralOptions general;
};

json run_json(const state::RunRecord& run) {
  json entry = {{"run_id", run.run_id},
                {"plan", run.plan_file},
                {"name", run.plan_name},
                {"profile", run.profile},
                {"mode", run.mode},
                {"apply", run.applied},
                {"started", base::iso_utc(run.started_us)},
                {"status", status_text(run)},
                {"folder", run.folder}};
  if (run.ended_us) entry["ended"] = base::iso_utc(*run.ended_us);
  if (run.exit_code) entry["exit_code"] = *run.exit_code;
  return entry;
}

json stage_json(const state::StageRecord& stage) {
  json entry = {{"table", stage.table},
                {"stage", stage.stage},
                {"status", stage.status},
                {"rows_done", stage.rows_done}};
  if (stage.rows_total) entry["rows_total"] = *stage.rows_total;
  return entry;
}

std::string pad(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string run_line(const state::RunRecord& run) {
  const std::string what = run.mode + (run.mode == "run" && run.applied ? " --apply" : "");
  const std::string exit = run.exit_code ? "exit " + std::to_string(*run.exit_code) : "";
  return pad(run.run_id, 26) + pad(what, 13) + pad(status_text(run), 12) + pad(exit, 9) +
         run.plan_name + (run.profile.empty() ? "" : " @ " + run.profile) + "\n";
}

int runs(const Arguments& arguments) {
  const auto records =
      journal_in(state_folder(arguments.general, arguments.plan))->runs(arguments.limit);
  json entries = json::array();
  std::string text;
  for (const state::RunRecord& run : records) {
    entries.push_back(run_json(run));
    text += run_line(run);
  }
  const json document = {{"schema_version", 1}, {"runs", entries}};
  print_json(document.dump(2) + "\n", arguments.general);
  if (!arguments.general.wants_json()) print(text + std::to_string(records.size()) + " runs\n");
  return 0;
}

state::RunRecord find_run(state::Journal& journal, const Arguments& arguments) {
  const auto folder =
      state::resolve_run(state_folder(arguments.general, arguments.plan), arguments.run);
  const auto run = journal.run(folder.filename().string());
  if (run) return *run;
  throw base::Error(base::Fault::kState, "E502",
                    "the journal does not know run " + folder.filename().string(),
                    "see 'engine runs'");
}

/// Rows a second since the stage began, and how long the rest will take at that.
std::string pace_text(const state::StageRecord& stage, std::int64_t now_us) {
  const double seconds = static_cast<double>(now_us - stage.started_us) / 1e6;
  if (stage.rows_done <= 0 || seconds <= 0) return {};
  const double rate = static_cast<double>(stage.rows_done) / seconds;
  std::string text = fmt::format("  {:.0f} rows/s", rate);
  if (stage.rows_total && *stage.rows_total > stage.rows_done) {
    const double left = static_cast<double>(*stage.rows_total - stage.rows_done) / rate;
    text += ", " + base::human_seconds(left) + " left";
  }
  return text;
}

std::string stage_line(const state::StageRecord& stage, bool at_work, std::int64_t now_us) {
  std::string rows = std::to_string(stage.rows_done);
  if (stage.rows_total) rows += " / " + std::to_string(*stage.rows_total);
  if (at_work && stage.status == "running") rows += pace_text(stage, now_us);
  return "  " + pad(stage.table.empty() ? "all tables" : stage.table, 32) + pad(stage.stage, 11) +
         pad(stage.status, 9) + rows + "\n";
}

std::string names_line(const char* label, const std::vector<std::string>& names) {
  return names.empty() ? "" : label + base::join(names, ", ") + "\n";
}

std::string state_text(const RunState& state) {
  const std::string known = names_line("stands      ", state.stands) +
                            names_line("not done    ", state.not_done) +
                            (state.unknown.empty() ? "" : "not known   " + state.unknown + "\n");
  return known + "go on with  " + state.go_on + "\n";
}

void add_state(json& document, const RunState& state) {
  document["stands"] = state.stands;
  document["not_done"] = state.not_done;
  if (!state.unknown.empty()) document["not_known"] = state.unknown;
  document["resume"] = state.go_on;
}

int status(const Arguments& arguments) {
  const auto journal = journal_in(state_folder(arguments.general, arguments.plan));
  const state::RunRecord run = find_run(*journal, arguments);
  json document = run_json(run);
  document["schema_version"] = 1;
  document["stages"] = json::array();
  std::string text = run_line(run);
  const bool at_work = status_text(run) == "running";
  const std::int64_t now_us = base::system_clock().now_us();
  for (const state::StageRecord& stage : journal->stages(run.run_id)) {
    document["stages"].push_back(stage_json(stage));
    text += stage_line(stage, at_work, now_us);
  }
  if (const auto where = run_state(*journal, run)) {
    add_state(document, *where);
    text += state_text(*where);
  }
  print_json(document.dump(2) + "\n", arguments.general);
  if (!arguments.general.wants_json()) {
    print(text + "run " + run.run_id + ": " + status_text(run) + "\n");
  }
  return 0;
}

int show(const Arguments& arguments) {
  const auto folder =
      state::resolve_run(state_folder(arguments.general, arguments.plan), arguments.run);
  if (!arguments.rows.empty()) {
    show_rows(folder, arguments.rows, arguments.stage);
    return 0;
  }
  const char* file = arguments.general.wants_json() ? "report.json" : "report.md";
  const std::string report = base::read_file(folder / file);
  print(report);
  if (!arguments.general.json_into.empty()) {
    base::write_file_atomically(arguments.general.json_into,
                                base::read_file(folder / "report.json"));
  }
  return 0;
}

using Work = int (*)(const Arguments&);

std::shared_ptr<Arguments> add(CLI::App& app, int& exit_code, const char* name, const char* does,
                               const char* example, bool takes_run, Work work) {
  CLI::App* command = app.add_subcommand(name, does);
  command->footer(std::string("Example:\n  ") + example);
  const auto held = std::make_shared<Arguments>();
  if (takes_run) {
    command->add_option("RUN", held->run, "Id, unique start of one, 'latest', or a run folder")
        ->capture_default_str();
  } else {
    command->add_option("--limit", held->limit, "How many, newest first")->capture_default_str();
  }
  command->add_option("--plan", held->plan.file, "The plan whose runs are meant");
  add_general_options(*command, held->general);
  read_environment(*command);
  command->callback([held, &exit_code, work] { exit_code = work(*held); });
  return held;
}

}  // namespace

void add_status(CLI::App& app, int& exit_code) {
  add(app, exit_code, "status", "How far a run is, from any shell; the latest unless named",
      "engine status --plan plans/crm.yaml", true, status);
}

void add_runs(CLI::App& app, int& exit_code) {
  add(app, exit_code, "runs", "The runs of a plan, newest first",
      "engine runs --plan plans/crm.yaml", false, runs);
}

void add_show(CLI::App& app, int& exit_code) {
  const auto held = add(app, exit_code, "show", "The report of a run, or the rows that it keeps",
                        "engine show latest --plan plans/crm.yaml -o markdown", true, show);
  CLI::App* command = app.get_subcommand("show");
  command->add_option("--rows", held->rows, "The rows of this table, a JSON object a line")
      ->type_name("TABLE");
  command->add_option("--stage", held->stage, "After which stage")
      ->check(CLI::IsMember({"extract", "transform"}))
      ->capture_default_str();
}

}  // namespace engine::cli
