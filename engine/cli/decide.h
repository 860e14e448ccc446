#pragma once

#include <string>

#include "plan/model.h"

namespace engine::cli {

/// What the command line and the environment say about publishing.
struct ApplyArguments {
  bool apply = false;
  bool dry_run = false;
  bool yes = false;
  std::string confirm;
};

struct Decision {
  bool apply = false;
  std::string decided_by;  ///< "default", "--apply", "DRY_RUN=0", ...
};

/// Dry run is the default. DRY_RUN=0 counts as --apply, away from a terminal only together with
/// --yes or --confirm; DRY_RUN=1 and --dry-run win over --apply.
Decision decide(const ApplyArguments& arguments);

/// Asks on a terminal, naming the target, and again by name for a protected profile; elsewhere a
/// protected profile needs
/// --confirm NAME. Throws kUsage E511 when the answer is no or missing.
void confirm_apply(const ApplyArguments& arguments, const plan::Plan& plan,
                   const std::string& target_text);

/// For rollback and the like: asks on a terminal, needs --yes elsewhere. Throws kUsage E511.
void confirm_action(bool yes, const std::string& what);

/// For what cannot be meant by accident: on a terminal `name` must be typed, elsewhere --yes is
/// needed. Throws kUsage E511.
void confirm_by_name(bool yes, const std::string& what, const std::string& name);

}  // namespace engine::cli
