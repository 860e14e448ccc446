#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "run/job.h"
#include "state/journal.h"
#include "state/snapshot.h"

namespace engine::run {

struct PruneRequest {
  std::filesystem::path state_dir;
  std::optional<state::PlanRef> plan;  ///< only its snapshots; nullopt: of all plans
  std::string own_run;                 ///< is under way itself and holds nothing
  std::int64_t now_us = 0;
};

/// What became of the snapshots that expired.
struct Pruned {
  std::vector<std::string> removed;
  std::uint64_t bytes = 0;
  struct Held {
    std::string id;
    std::string reason;  ///< "run 20261121-... of the plan is unfinished"
  };
  std::vector<Held> held;
};

/// Removes what expired. Of each plan and profile the `keep` newest that can be read stay, whatever
/// their age, and all of them while a run of it is unfinished: one that is at work, or the newest
/// one where it was killed or stopped. What is damaged in its own description is nobody's and
/// stays. Also takes away what killed processes left aside.
Pruned prune_snapshots(const PruneRequest& request, state::Journal& journal);

/// At the start of an applied run: its plan's.
void prune_before(Job& job);

}  // namespace engine::run
