#pragma once

#include <exception>
#include <memory>
#include <string>

#include "base/diagnostic.h"
#include "cli/general_options.h"
#include "compile/graph.h"
#include "plan/model.h"
#include "plan/option_spec.h"

namespace engine::cli {

/// A plan that was read and compiled without a mistake. The graph points into the plan, so it does
/// not move.
struct LoadedPlan {
  std::unique_ptr<plan::Plan> plan;
  compile::Graph graph;
  std::shared_ptr<base::Diagnostics>
      diagnostics;  ///< knows the source lines; holds warnings and notes
  std::string digest;
};

/// Mistakes of a plan, already worded; ends the command with exit code 4.
class PlanMistakes : public std::exception {
 public:
  explicit PlanMistakes(std::shared_ptr<base::Diagnostics> diagnostics);
  const char* what() const noexcept override { return text_.c_str(); }
  const base::Diagnostics& diagnostics() const { return *diagnostics_; }

 private:
  std::shared_ptr<base::Diagnostics> diagnostics_;
  std::string text_;
};

/// Declarations of all connectors and checks, joined.
const plan::Registry& registry();

/// Reads and compiles. What this version cannot run is a mistake (E119). Throws PlanMistakes.
LoadedPlan load_plan(const PlanArguments& arguments);

/// The folder of journal and artifacts: --state, else the plan's `state.dir` beside the plan.
std::string state_folder(const GeneralOptions& general, const plan::Plan& plan);
/// For commands that look at earlier runs: --state, else that of the plan where one is named,
/// whatever profile the runs had, else `.engine` in this folder.
std::string state_folder(const GeneralOptions& general, const PlanArguments& plan);

}  // namespace engine::cli
