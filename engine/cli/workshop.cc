#include "cli/workshop.h"

#include <unistd.h>

#include <algorithm>
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
#include "run/resume.h"

namespace engine::cli {
namespace {

connect::RunIdentity identity_of(const LoadedPlan& loaded, const Resumed* resumed) {
  connect::RunIdentity identity;
  if (resumed != nullptr) {
    identity.started_us = resumed->record.started_us;
    identity.run_id = resumed->record.run_id;
  } else {
    identity.started_us = base::system_clock().now_us();
    identity.run_id = state::new_run_id(identity.started_us);
  }
  identity.plan_sha256 = loaded.digest;
  identity.owner = connect::process_owner();
  return identity;
}

state::RunFolder folder_of(const std::string& state_dir, const connect::RunIdentity& identity,
                           const Resumed* resumed) {
  return resumed != nullptr ? state::RunFolder::open(resumed->record.folder)
                            : state::RunFolder::create(state_dir, identity.run_id);
}

run::Outcome new_outcome(const LoadedPlan& loaded, const PlanArguments& arguments,
                         const connect::RunIdentity& identity, const Workshop::Work& work) {
  run::Outcome outcome;
  outcome.command = work.mode;
  outcome.phase = work.phase;
  outcome.resumed = work.resumed != nullptr;
  outcome.dry_run = !work.apply;
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

bool limits_rows(const plan::Plan& plan) {
  return std::any_of(plan.tables.begin(), plan.tables.end(), [](const plan::Table& table) {
    return !table.disabled && table.limit.has_value();
  });
}

void append_name(std::string& text, const std::string& name) {
  if (!text.empty()) text += ", ";
  text += name;
}

void write_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

run::Leases::Patience patience_of(std::int64_t wait_us) {
  run::Leases::Patience patience;
  patience.wait_us = wait_us;
  patience.waiting = [](const base::Error& held) {
    write_stderr("waiting: " + held.message() + "\n");
  };
  return patience;
}

Workshop::Workshop(const LoadedPlan& loaded, const PlanArguments& arguments,
                   const GeneralOptions& general, Work work)
    : loaded_(loaded),
      work_(std::move(work)),
      connectors_(connectors::builtin_connectors()),
      identity_(identity_of(loaded, work_.resumed)),
      folder_(folder_of(state_folder(general, *loaded.plan), identity_, work_.resumed)),
      journal_(state::Journal::open(state_folder(general, *loaded.plan))),
      memory_(loaded.plan->run.memory),
      working_since_us_(base::system_clock().now_us()),
      outcome_(new_outcome(loaded, arguments, identity_, work_)) {
  outcome_.run_folder = folder_.path().string();
  const auto last = journal_->last_run_us({outcome_.plan_name, outcome_.profile}, work_.apply);
  if (last) outcome_.last_run_seconds = static_cast<double>(*last) / 1e6;
  write_invocation(folder_, {arguments, work_.wanted});  // a run that the journal knows can go on
  enter_run(arguments);
  folder_.point_latest();
  watch(general);
}

void Workshop::enter_run(const PlanArguments& arguments) {
  state::RunRecord record;
  record.run_id = identity_.run_id;
  record.plan_file = std::filesystem::absolute(arguments.file).string();
  record.plan_name = outcome_.plan_name;
  record.plan_sha256 = loaded_.digest;
  record.profile = outcome_.profile;
  record.mode = work_.mode;
  record.applied = work_.apply;
  record.partial = work_.wanted.any() || limits_rows(*loaded_.plan) || !work_.phase.empty();
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

void Workshop::add_connector(std::unique_ptr<connect::Connector> connector) {
  connectors_.push_back(std::move(connector));
}

void Workshop::connect(connect::OpenMode target_mode) {
  outcome_.target_text.clear();
  session_ = std::make_unique<run::Session>(*loaded_.plan, connectors_, target_mode);
  for (const std::string& name : loaded_.graph.targets()) {
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

bool Workshop::lock(std::int64_t wait_us) {
  const std::set<std::string> targets = loaded_.graph.targets();
  const bool waited = leases_.take(*session_, {targets.begin(), targets.end()}, identity_,
                                   stop_on_signals(), patience_of(wait_us));
  if (work_.resumed != nullptr) published_ = run::published_by(leases_, identity_.run_id);
  return waited;
}

run::Continued Workshop::continued() const {
  run::Continued continued;
  continued.working_since_us = working_since_us_;
  continued.published = published_;
  if (!work_.phase.empty()) {
    continued.keep = run::Keep::kAll;
  } else if (work_.apply) {
    continued.keep = run::Keep::kCompared;
  }
  if (work_.resumed != nullptr) {
    continued.resumed = true;
    continued.kept = work_.resumed->kept;
  }
  return continued;
}

void Workshop::bind(connect::OpenMode target_mode, const Narrow& narrow) {
  connect(target_mode);
  outcome_.source_text.clear();
  outcome_.tables.clear();
  for (const std::string& name : loaded_.graph.sources()) {
    append_name(outcome_.source_text, session_->source(name).describe_self());
  }
  expr::Context context;
  context.now_us = identity_.started_us;
  context.run_id = identity_.run_id;
  settle_patterns(narrow);
  compile::Surroundings around = session_->surroundings(graph_, context);
  around.always_compare = always_compare_;
  around.known_columns = journal_->columns({outcome_.plan_name, outcome_.profile});
  bound_ = compile::bind(*plan_, graph_, around, *loaded_.diagnostics);
  if (loaded_.diagnostics->has_errors()) throw PlanMistakes(loaded_.diagnostics);
  outcome_.chosen = run::choose_rows(bound_, work_.wanted, *session_, context, memory_.limit());
  run::skip_published(bound_, published_);
  run::prepare_outcome(bound_, outcome_);
  if (!published_.empty()) {
    run::tell_published(outcome_, published_, journal_->units(identity_.run_id));
  }
  job_ = std::make_unique<run::Job>(run::JobParts{
      *plan_, bound_, *session_, identity_, context, memory_, folder_, *journal_, observers_,
      stop_on_signals(), base::system_clock(), outcome_, leases_, continued()});
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
    if (outcome_.exit_code == 0 && !run::can_go_on(outcome_)) folder_.remove_staged();
    report::write_artifacts(outcome_, folder_);
  } catch (const base::Error& error) {
    outcome_.errors.push_back(run::error_outcome(error));
    if (outcome_.exit_code == 0) outcome_.exit_code = base::exit_code(error.fault());
  }
}

}  // namespace engine::cli
