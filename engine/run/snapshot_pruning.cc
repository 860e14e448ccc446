#include "run/snapshot_pruning.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connect/owner.h"

namespace engine::run {
namespace {

using Group = std::vector<state::Snapshot>;  ///< of one plan and profile, newest first

bool is_at_work(const state::RunRecord& run) {
  return run.status == "running" && !connect::owner_is_gone(run.owner);
}

/// The run that keeps a plan's snapshots from being removed; empty: none does.
std::string unfinished_run(const std::vector<state::RunRecord>& runs, const state::Snapshot& of,
                           const std::string& own_run) {
  bool newest = true;
  for (const state::RunRecord& run : runs) {
    const bool same = run.plan_name == of.plan_name && run.profile == of.profile;
    if (!same || !run.applied || run.run_id == own_run) continue;
    const bool interrupted =
        run.status == "running" || run.status == "stopped" || run.status == "paused";
    if (is_at_work(run) || (newest && interrupted)) return run.run_id;
    newest = false;
  }
  return {};
}

std::map<std::pair<std::string, std::string>, Group> groups_of(const PruneRequest& request) {
  std::map<std::pair<std::string, std::string>, Group> groups;
  auto ids = state::snapshot_ids(request.state_dir);
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    try {
      state::Snapshot snapshot = state::read_snapshot(request.state_dir, *id);
      const std::pair plan(snapshot.plan_name, snapshot.profile);
      if (request.plan && plan != std::pair(request.plan->name, request.plan->profile)) continue;
      groups[plan].push_back(std::move(snapshot));
    } catch (const base::Error& error) {
      // Not known to be ours: 'engine snapshots list' names it with this error.
      if (error.code() != "E503" && error.code() != "E504") throw;
    }
  }
  return groups;
}

bool is_good(const std::filesystem::path& state_dir, const state::Snapshot& snapshot) {
  try {
    const auto folder = state::snapshot_folder(state_dir, snapshot.id);
    for (const state::KeptTable& table : snapshot.tables) state::verify_table(folder, table);
    return true;
  } catch (const base::Error&) {
    return false;  // it does not count as the last good one
  }
}

void prune_group(const PruneRequest& request, const Group& group, const std::string& unfinished,
                 Pruned& pruned) {
  const bool any = std::any_of(group.begin(), group.end(), [&](const auto& snapshot) {
    return snapshot.expires_us <= request.now_us;
  });
  std::int64_t good = 0;
  for (std::size_t i = 0; any && i < group.size(); ++i) {
    const state::Snapshot& snapshot = group[i];
    const bool among_newest = good < group.front().keep && is_good(request.state_dir, snapshot);
    if (among_newest) ++good;
    if (snapshot.expires_us > request.now_us) continue;
    if (!unfinished.empty()) {
      pruned.held.push_back({snapshot.id, "run " + unfinished + " of its plan is unfinished"});
    } else if (among_newest) {
      pruned.held.push_back({snapshot.id, "it is one of the newest that can be read back"});
    } else {
      pruned.bytes += state::remove_snapshot(request.state_dir, snapshot.id);
      pruned.removed.push_back(snapshot.id);
    }
  }
}

}  // namespace

Pruned prune_snapshots(const PruneRequest& request, state::Journal& journal) {
  Pruned pruned;
  const std::vector<state::RunRecord> runs = journal.runs();
  for (const auto& [plan, group] : groups_of(request)) {
    prune_group(request, group, unfinished_run(runs, group.front(), request.own_run), pruned);
  }
  state::remove_unfinished(request.state_dir, [&](const std::string& id) {
    return std::any_of(runs.begin(), runs.end(), [&](const state::RunRecord& run) {
      return run.run_id == id && (id == request.own_run || is_at_work(run));
    });
  });
  return pruned;
}

void prune_before(Job& job) {
  PruneRequest request;
  request.state_dir = job.folder.state_dir();
  request.plan = state::PlanRef{job.plan.name.text, job.plan.profile};
  request.own_run = job.identity.run_id;
  request.now_us = job.clock.now_us();
  const Pruned pruned = prune_snapshots(request, job.journal);
  if (pruned.removed.empty()) return;
  job.observers.message("info", "expired snapshots removed: " + base::join(pruned.removed, ", ") +
                                    ", " + base::human_bytes(pruned.bytes));
}

}  // namespace engine::run
