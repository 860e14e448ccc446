#include "cli/load.h"

#include <filesystem>
#include <utility>

#include "connectors/declared.h"
#include "plan/digest.h"
#include "plan/reader.h"
#include "stages/checks/declared.h"

namespace engine::cli {
namespace {

void refuse_unavailable(const plan::Plan& plan, base::Diagnostics& diagnostics) {
  for (const plan::NotAvailable& missing : plan.not_available) {
    diagnostics.error("E119", missing.span, missing.what + " is not available in this version",
                      "planned for version " + missing.since);
  }
}

}  // namespace

PlanMistakes::PlanMistakes(std::shared_ptr<base::Diagnostics> diagnostics)
    : diagnostics_(std::move(diagnostics)) {
  diagnostics_->sort();
  text_ = diagnostics_->render_all();
}

const plan::Registry& registry() {
  static const plan::Registry joined{connectors::declared_connectors(), stages::declared_checks()};
  return joined;
}

LoadedPlan load_plan(const PlanArguments& arguments) {
  LoadedPlan loaded;
  loaded.diagnostics = std::make_shared<base::Diagnostics>();
  plan::ReadOptions options;
  options.profile = arguments.profile;
  options.set = arguments.variables();
  auto plan = plan::read_plan(arguments.file, registry(), options, *loaded.diagnostics);
  if (!plan) throw PlanMistakes(loaded.diagnostics);
  loaded.plan = std::make_unique<plan::Plan>(std::move(*plan));
  loaded.graph = compile::compile(*loaded.plan, *loaded.diagnostics);
  refuse_unavailable(*loaded.plan, *loaded.diagnostics);
  if (loaded.diagnostics->has_errors()) throw PlanMistakes(loaded.diagnostics);
  loaded.digest = plan::plan_digest(*loaded.plan);
  return loaded;
}

std::string state_folder(const GeneralOptions& general, const plan::Plan& plan) {
  if (!general.state.empty()) return general.state;
  const std::filesystem::path dir = plan.state.dir;
  return dir.is_absolute() ? dir.string() : (std::filesystem::path(plan.folder) / dir).string();
}

std::string state_folder(const GeneralOptions& general, const PlanArguments& plan) {
  if (!general.state.empty()) return general.state;
  constexpr const char* kHere = ".engine";
  if (plan.file.empty()) return kHere;
  base::Diagnostics diagnostics;
  plan::ReadOptions options;
  options.offline = true;
  const auto read = plan::read_plan(plan.file, registry(), options, diagnostics);
  return read ? state_folder(general, *read) : kHere;
}

}  // namespace engine::cli
