#include "cli/invocation.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"

namespace engine::cli {
namespace {

using nlohmann::json;

constexpr int kSchemaVersion = 1;

}  // namespace

void write_invocation(const state::RunFolder& folder, const PlanArguments& arguments) {
  const json document = {{"schema_version", kSchemaVersion},
                         {"plan", std::filesystem::absolute(arguments.file).string()},
                         {"profile", arguments.profile},
                         {"set", arguments.set}};
  base::write_file_atomically(folder.file("run.json"), document.dump(2) + "\n");
}

PlanArguments read_invocation(const std::filesystem::path& run_folder) {
  const std::filesystem::path path = run_folder / "run.json";
  try {
    const json document = json::parse(base::read_file(path));
    if (document.at("schema_version").get<int>() != kSchemaVersion) {
      throw base::Error(base::Fault::kState, "E504",
                        path.string() + " is of another format version",
                        "use the engine that wrote it, or name the plan with --plan");
    }
    PlanArguments arguments;
    arguments.file = document.at("plan").get<std::string>();
    arguments.profile = document.at("profile").get<std::string>();
    arguments.set = document.at("set").get<std::vector<std::string>>();
    return arguments;
  } catch (const json::exception& error) {
    throw base::Error(base::Fault::kState, "E503", path.string() + " is damaged: " + error.what(),
                      "name the plan with --plan");
  }
}

}  // namespace engine::cli
