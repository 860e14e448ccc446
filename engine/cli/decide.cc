#include "cli/decide.h"

#include <cstdlib>
#include <iostream>

#include "base/error.h"
#include "cli/general_options.h"

namespace engine::cli {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string ask(const std::string& question) {
  std::cerr << question << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer;
}

[[noreturn]] void refuse(const std::string& message, const std::string& help) {
  throw base::Error(base::Fault::kUsage, "E511", message, help + "; nothing was written");
}

}  // namespace

Decision decide(const ApplyArguments& arguments) {
  const std::string dry_run = variable("DRY_RUN");
  if (arguments.dry_run) return {false, "--dry-run"};
  if (dry_run == "1" || dry_run == "true") return {false, "DRY_RUN=" + dry_run};
  if (arguments.apply) return {true, "--apply"};
  if (dry_run != "0" && dry_run != "false") return {false, "default"};
  if (stdin_is_terminal() || arguments.yes || !arguments.confirm.empty()) {
    return {true, "DRY_RUN=" + dry_run};
  }
  return {false, "default (DRY_RUN=" + dry_run + " needs --yes or --confirm away from a terminal)"};
}

void confirm_apply(const ApplyArguments& arguments, const plan::Plan& plan,
                   const std::string& target_text) {
  const bool named = !arguments.confirm.empty();
  if (named && arguments.confirm != plan.profile) {
    refuse("--confirm " + arguments.confirm + " does not name the profile '" + plan.profile + "'",
           "write --confirm " + (plan.profile.empty() ? "only with --profile" : plan.profile));
  }
  if (!stdin_is_terminal()) {
    if (plan.is_protected && !named) {
      refuse("profile '" + plan.profile + "' is protected", "add --confirm " + plan.profile);
    }
    return;
  }
  if (!arguments.yes && !named &&
      ask("Publish " + plan.name.text + " to " + target_text + "? [y/N] ") != "y") {
    refuse("not confirmed", "answer y, or add --yes");
  }
  if (plan.is_protected && !named &&
      ask("The profile is protected. Type its name to go on: ") != plan.profile) {
    refuse("the name was not '" + plan.profile + "'", "add --confirm " + plan.profile);
  }
}

void confirm_action(bool yes, const std::string& what) {
  if (yes) return;
  if (!stdin_is_terminal()) refuse(what + " needs --yes away from a terminal", "add --yes");
  if (ask(what + "? [y/N] ") != "y") refuse("not confirmed", "answer y, or add --yes");
}

void confirm_by_name(bool yes, const std::string& what, const std::string& name) {
  if (yes) return;
  if (!stdin_is_terminal()) refuse(what + " needs --yes away from a terminal", "add --yes");
  if (ask(what + ". Type " + name + " to go on: ") != name) {
    refuse("not confirmed", "type " + name + ", or add --yes");
  }
}

}  // namespace engine::cli
