#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cli/load.h"
#include "connect/ledger.h"
#include "run/session.h"
#include "run/snapshot_listing.h"

namespace engine::cli {

/// The targets of a plan, for commands that look at their ledgers or locks and move no rows.
class Targets {
 public:
  Targets(const PlanArguments& plan, connect::OpenMode mode);

  const LoadedPlan& loaded() const { return loaded_; }
  /// The locks that are held.
  std::vector<connect::LockRow> held();
  /// Steps of a run that stand: published, and not undone without conflicts since.
  std::set<std::string> standing(const std::string& run_id);
  /// What the targets still have of runs' before images.
  std::vector<run::KeptEntry> kept_before_images(std::int64_t now_us);
  /// How many ledgers `act` says true for.
  int each(const std::function<bool(connect::Ledger&)>& act);

 private:
  LoadedPlan loaded_;
  run::Connectors connectors_;
  run::Session session_;
};

}  // namespace engine::cli
