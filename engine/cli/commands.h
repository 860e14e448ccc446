#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/decide.h"
#include "cli/general_options.h"

namespace CLI {
class App;
}

namespace engine::cli {

/// Arguments of `engine run` and `engine plan`, which is a run that never applies.
struct RunArguments {
  std::string command = "run";
  PlanArguments plan;
  ApplyArguments apply;
  bool fail_on_warn = false;
  std::vector<std::string> only;  ///< TABLE or TABLE:KEY
  std::optional<std::int64_t> limit;
  std::string phase;                  ///< run up to and including it; empty: all
  std::optional<std::string> resume;  ///< a run; empty: the newest of the plan
  std::int64_t wait_us = 0;           ///< for locks that others hold
  std::string change_into;            ///< plan --out
  std::vector<std::string> later;     ///< options that this version knows and cannot do
};

/// One function a command; each returns the process's exit code, or throws.
int run_plan(RunArguments arguments, const GeneralOptions& general);
/// Ends the rollback that a failed run had begun of itself; the exit code is the failure's.
struct Resumed;
int finish_rollback(const Resumed& resumed, const RunArguments& arguments,
                    const GeneralOptions& general);
void refuse_later_options(const RunArguments& arguments);

/// One registration a command: its arguments, its help with an example, what it calls. `exit_code`
/// receives the result.
void add_validate(CLI::App& app, int& exit_code);
void add_run(CLI::App& app, int& exit_code);
void add_plan(CLI::App& app, int& exit_code);
void add_check(CLI::App& app, int& exit_code);
void add_status(CLI::App& app, int& exit_code);
void add_runs(CLI::App& app, int& exit_code);
void add_show(CLI::App& app, int& exit_code);
void add_rollback(CLI::App& app, int& exit_code);
void add_unlock(CLI::App& app, int& exit_code);
void add_stop(CLI::App& app, int& exit_code);
void add_snapshots(CLI::App& app, int& exit_code);
void add_restore(CLI::App& app, int& exit_code);
void add_graph(CLI::App& app, int& exit_code);
void add_explain(CLI::App& app, int& exit_code);
void add_schema(CLI::App& app, int& exit_code);
/// Commands of later versions, refused by name.
void add_later_commands(CLI::App& app, int& exit_code);

}  // namespace engine::cli
