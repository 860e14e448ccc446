#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/memory.h"
#include "cli/general_options.h"
#include "cli/load.h"
#include "cli/resume.h"
#include "compile/bound.h"
#include "connect/write.h"
#include "run/job.h"
#include "run/lease.h"
#include "run/observer.h"
#include "run/outcome.h"
#include "run/session.h"
#include "state/journal.h"
#include "state/run_folder.h"

namespace engine::cli {

/// With locks that others hold; says on stderr what is waited for.
run::Leases::Patience patience_of(std::int64_t wait_us);

/// Everything one run stands on, made in the order in which a run needs it: its folder and journal,
/// its observers, its connections, and the plan bound to what they found.
class Workshop {
 public:
  /// What is to be done.
  struct Work {
    std::string mode;  ///< "run", "plan", "check", "rollback", "snapshots", "restore"
    bool apply = false;
    run::Wanted wanted;                ///< rows asked for
    std::string phase;                 ///< up to which; empty: all
    const Resumed* resumed = nullptr;  ///< an earlier run that goes on; outlives this
  };
  /// Throws E505 when the state folder cannot be made.
  Workshop(const LoadedPlan& loaded, const PlanArguments& arguments, const GeneralOptions& general,
           Work work);

  /// Opens the connections; bind() also looks up every table and binds the plan. Throw PlanMistakes
  /// or base::Error.
  /// Patterns of tables are settled by what the sources hold before `narrow` may change the plan.
  using Narrow = std::function<void(plan::Plan&)>;
  void connect(connect::OpenMode target_mode);
  /// For connections of a plan that no file holds, before the first of the two.
  void add_connector(std::unique_ptr<connect::Connector> connector);
  /// Even an empty target is compared; before bind().
  void compare_always() { always_compare_ = true; }
  void bind(connect::OpenMode target_mode, const Narrow& narrow = {});
  /// Takes the locks of all targets; after connect(). True when others held one before: what was
  /// bound then is to be bound again. E501, E509.
  bool lock(std::int64_t wait_us);
  /// Does something that may throw before anything ran; the outcome, the artifacts and the journal
  /// then say that the run ended so, and false is returned.
  bool attempt(const std::function<void()>& work);
  /// The job; after bind().
  run::Job& job() { return *job_; }

  run::Outcome& outcome() { return outcome_; }
  run::Session& session() { return *session_; }
  const connect::RunIdentity& identity() const { return identity_; }
  const state::RunFolder& folder() const { return folder_; }
  state::Journal& journal() { return *journal_; }
  run::Observers& observers() { return observers_; }

  /// Artifacts; after execute, which ends the journal's entry. Takes the scratch folder away. What
  /// cannot be written is one more error of the outcome: what happened in the target is said
  /// anyway.
  void finish();
  /// For commands that do not execute: ends the journal's entry too.
  void end(const std::string& status);

 private:
  void settle_patterns(const Narrow& narrow);
  void fail(const base::Error& error);
  void enter_run(const PlanArguments& arguments);
  run::Continued continued() const;
  void watch(const GeneralOptions& general);

  const LoadedPlan& loaded_;
  Work work_;
  run::Connectors connectors_;
  connect::RunIdentity identity_;
  state::RunFolder folder_;
  std::unique_ptr<state::Journal> journal_;
  base::MemoryBudget memory_;
  run::Observers observers_;
  std::int64_t working_since_us_;
  run::Outcome outcome_;
  bool always_compare_ = false;
  std::unique_ptr<run::Session> session_;
  std::unique_ptr<plan::Plan> plan_;  ///< the one that is bound: without patterns
  compile::Graph graph_;
  compile::Bound bound_;
  run::Leases leases_;
  std::vector<connect::LedgerRow> published_;  ///< by earlier processes of the run
  std::unique_ptr<run::Job> job_;
};

}  // namespace engine::cli
