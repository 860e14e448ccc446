#include "cli/workshop.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "cli/invocation.h"
#include "cli/signals.h"
#include "cli/version.h"
#include "compile/expand.h"
#include "compile/graph.h"
#include "connect/owner.h"
#include "connectors/builtin.h"
#include "report/artifacts.h"
#include "report/observers.h"
#include "run/execute.h"
#include "run/failures.h"
#include "run/journal_observer.h"

namespace engine::cli {
namespace {

connect::RunIdentity new_identity(const LoadedPlan& loaded) {
  connect::RunIdentity identity;
  identity.started_us = base::system_clock().now_us();
  identity.run_id = state::new_run_id(identity.started_us);
  identity.plan_sha256 = loaded.digest;
  identity.owner = connect::process_owner();
  return identity;
}

run::Outcome new_outcome(const LoadedPlan& loaded, const PlanArguments& arguments,
                         const connect::RunIdentity& identity, const std::string& mode) {
  run::Outcome outcome;
  outcome.command = mode;
  outcome.engine_version = version();
  outcome.run_id = identity.run_id;
  outcome.plan_file = arguments.file;
  outcome.plan_name = loaded.plan->name.text;
  outcome.plan_sha256 = loaded.digest;
  outcome.profile = loaded.plan->profile;
  outcome.is_protected = loaded.plan->is_protected;
  outcome.started_us = identity.started_us;
  outcome.on_failure =
      loaded.plan->run.on_failure == plan::OnFailure::kRollback ? "rollback" : "stop";
  return outcome;
}

std::set<std::string> target_names(const compile::Graph& graph) {
  std::set<std::string> names;
  for (const plan::Table* table : graph.tables) names.insert(table->target.text);
  return names;
}

std::set<std::string> source_names(const compile::Graph& graph) {
  std::set<std::string> names;
  for (const plan::Table* table : graph.tables) {
    if (!table->create_only()) names.insert(table->source.text);
  }
  return names;
}

void append_name(std::string& text, const std::string& name) {
  if (!text.empty()) text += ", ";
  text += name;
}

void write_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

Workshop::Workshop(const LoadedPlan& loaded, const PlanArguments& arguments,
                   const GeneralOptions& general, const std::string& mode, bool apply)
    : loaded_(loaded),
      connectors_(connectors::builtin_connectors()),
      identity_(new_identity(loaded)),
      folder_(state::RunFolder::create(state_folder(general, *loaded.plan), identity_.run_id)),
      journal_(state::Journal::open(state_folder(general, *loaded.plan))),
      memory_(loaded.plan->run.memory),
      outcome_(new_outcome(loaded, arguments, identity_, mode)) {
  outcome_.dry_run = !apply;
  outcome_.run_folder = folder_.path().string();
  const auto last = journal_->last_run_us({outcome_.plan_name, outcome_.profile}, apply);
  if (last) outcome_.last_run_seconds = static_cast<double>(*last) / 1e6;
  enter_run(arguments, mode, apply);
  write_invocation(folder_, arguments);
  watch(general);
}

void Workshop::enter_run(const PlanArguments& arguments, const std::string& mode, bool apply) {
  state::RunRecord record;
  record.run_id = identity_.run_id;
  record.plan_file = std::filesystem::absolute(arguments.file).string();
  record.plan_name = outcome_.plan_name;
  record.plan_sha256 = loaded_.digest;
  record.profile = outcome_.profile;
  record.mode = mode;
  record.applied = apply;
  record.started_us = identity_.started_us;
  record.owner = identity_.owner;
  record.folder = std::filesystem::absolute(folder_.path()).string();
  journal_->begin_run(record);
}

void Workshop::watch(const GeneralOptions& general) {
  const base::Clock& clock = base::system_clock();
  report::LogOptions log{general.log_level, general.log_format == "json"};
  const std::filesystem::path log_path =
      general.log_file.empty() ? folder_.file("log.txt") : std::filesystem::path(general.log_file);
  observers_.add(report::make_text_log(log_path, clock, log));
  observers_.add(report::make_event_log(folder_.file("events.ndjson"), clock));
  observers_.add(run::make_journal_observer(*journal_, identity_.run_id, clock));
  if (general.quiet) return;
  report::ProgressOptions progress;
  progress.bars = stderr_is_terminal();
  progress.seconds = base::monotonic_seconds;
  observers_.add(report::make_progress(write_stderr, progress));
}

void Workshop::connect(connect::OpenMode target_mode) {
  session_ = std::make_unique<run::Session>(*loaded_.plan, connectors_, target_mode);
  for (const std::string& name : target_names(loaded_.graph)) {
    append_name(outcome_.target_text, session_->target(name).describe_self());
  }
}

void Workshop::settle_patterns(const Narrow& narrow) {
  base::Diagnostics& diagnostics = *loaded_.diagnostics;
  const std::set<std::string> sources = compile::connections_to_list(*loaded_.plan);
  compile::Expansion expansion =
      compile::expand(*loaded_.plan, session_->list(sources), diagnostics);
  plan_ = std::make_unique<plan::Plan>(std::move(expansion.plan));
  outcome_.notes = std::move(expansion.notes);
  if (narrow && !diagnostics.has_errors()) narrow(*plan_);
  if (!diagnostics.has_errors()) graph_ = compile::compile(*plan_, diagnostics);
  if (diagnostics.has_errors()) throw PlanMistakes(loaded_.diagnostics);
}

void Workshop::bind(connect::OpenMode target_mode, const Narrow& narrow) {
  connect(target_mode);
  for (const std::string& name : source_names(loaded_.graph)) {
    append_name(outcome_.source_text, session_->source(name).describe_self());
  }
  expr::Context context;
  context.now_us = identity_.started_us;
  context.run_id = identity_.run_id;
  settle_patterns(narrow);
  compile::Surroundings around = session_->surroundings(graph_, context);
  around.known_columns = journal_->columns({outcome_.plan_name, outcome_.profile});
  bound_ = compile::bind(*plan_, graph_, around, *loaded_.diagnostics);
  if (loaded_.diagnostics->has_errors()) throw PlanMistakes(loaded_.diagnostics);
  run::prepare_outcome(bound_, outcome_);
  job_ = std::make_unique<run::Job>(
      run::JobParts{*plan_, bound_, *session_, identity_, context, memory_, folder_, *journal_,
                    observers_, stop_on_signals(), base::system_clock(), outcome_});
}

bool Workshop::attempt(const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const PlanMistakes& mistakes) {
    write_stderr(std::string(mistakes.what()) + "\n");
    const std::size_t count = mistakes.diagnostics().error_count();
    fail(base::Error(base::Fault::kPlan, "E300",
                     "the plan does not fit what is there: " + std::to_string(count) +
                         (count == 1 ? " mistake" : " mistakes")));
  } catch (const base::Error& error) {
    fail(error);
  }
  return false;
}

void Workshop::fail(const base::Error& error) {
  outcome_.errors.push_back(run::error_outcome(error));
  outcome_.exit_code = base::exit_code(error.fault());
  outcome_.verdict = "stopped by 1 error (exit " + std::to_string(outcome_.exit_code) + ")";
  end("failed");
}

void Workshop::end(const std::string& status) {
  outcome_.ended_us = base::system_clock().now_us();
  journal_->end_run(identity_.run_id, status, outcome_.exit_code, outcome_.ended_us);
  finish();
}

void Workshop::finish() {
  try {
    folder_.remove_scratch();
    report::write_artifacts(outcome_, folder_);
  } catch (const base::Error& error) {
    outcome_.errors.push_back(run::error_outcome(error));
    if (outcome_.exit_code == 0) outcome_.exit_code = base::exit_code(error.fault());
  }
}

}  // namespace engine::cli
