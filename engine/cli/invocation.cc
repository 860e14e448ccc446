#include "cli/invocation.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "cli/load.h"

namespace engine::cli {
namespace {

using nlohmann::json;

constexpr int kSchemaVersion = 1;

}  // namespace

void write_invocation(const state::RunFolder& folder, const Invocation& invocation) {
  json document = {{"schema_version", kSchemaVersion},
                   {"plan", std::filesystem::absolute(invocation.plan.file).string()},
                   {"profile", invocation.plan.profile},
                   {"set", invocation.plan.set},
                   {"only", invocation.wanted.only}};
  if (invocation.wanted.limit) document["limit"] = *invocation.wanted.limit;
  base::write_file_atomically(folder.file("run.json"), document.dump(2) + "\n");
}

Invocation read_invocation(const std::filesystem::path& run_folder) {
  const std::filesystem::path path = run_folder / "run.json";
  if (!std::filesystem::exists(path)) {
    throw base::Error(base::Fault::kState, "E513",
                      "the folder of run " + run_folder.filename().string() +
                          " is gone, or not whole: " + path.string(),
                      "what it published is known to the target: 'engine rollback " +
                          run_folder.filename().string() + " --plan PLAN' undoes it");
  }
  try {
    const json document = json::parse(base::read_file(path));
    if (document.at("schema_version").get<int>() != kSchemaVersion) {
      throw base::Error(base::Fault::kState, "E504",
                        path.string() + " is of another format version",
                        "use the engine that wrote it, or name the plan with --plan");
    }
    Invocation invocation;
    invocation.plan.file = document.at("plan").get<std::string>();
    invocation.plan.profile = document.at("profile").get<std::string>();
    invocation.plan.set = document.at("set").get<std::vector<std::string>>();
    invocation.wanted.only = document.value("only", std::vector<std::string>());
    if (document.contains("limit")) invocation.wanted.limit = document.at("limit");
    return invocation;
  } catch (const json::exception& error) {
    throw base::Error(base::Fault::kState, "E503", path.string() + " is damaged: " + error.what(),
                      "name the plan with --plan");
  }
}

void take_missing(PlanArguments& arguments, const PlanArguments& of_run) {
  if (arguments.file.empty()) arguments.file = of_run.file;
  if (arguments.profile.empty()) arguments.profile = of_run.profile;
  if (arguments.set.empty()) arguments.set = of_run.set;
}

std::unique_ptr<state::Journal> journal_in(const std::string& state_dir) {
  auto journal = state::Journal::open_to_read(state_dir);
  if (journal) return journal;
  throw base::Error(base::Fault::kState, "E502", "there is no journal of runs in " + state_dir,
                    "name the plan with --plan, or its state folder with --state");
}

std::string find_run(const std::string& run, PlanArguments& plan, GeneralOptions& general) {
  const bool plan_named = !plan.file.empty();
  try {
    const std::filesystem::path folder = state::resolve_run(state_folder(general, plan), run);
    take_missing(plan, read_invocation(folder).plan);
    general.state = folder.parent_path().parent_path().string();
    return folder.filename().string();
  } catch (const base::Error& error) {
    if (!plan_named || error.code() != "E502") throw;
    return run;
  }
}

}  // namespace engine::cli
