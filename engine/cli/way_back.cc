#include "cli/way_back.h"

#include <CLI/CLI.hpp>

namespace engine::cli {

connect::Conflicts WayBack::policy() const {
  if (conflicts == "abort") return connect::Conflicts::kAbort;
  if (conflicts == "force") return connect::Conflicts::kForce;
  return connect::Conflicts::kSkip;
}

connect::OpenMode WayBack::mode() const {
  return dry_run ? connect::OpenMode::kReadTarget : connect::OpenMode::kPublish;
}

void add_way_back_options(CLI::App& command, WayBack& back) {
  command.add_option("--table", back.tables, "Only this table of the plan")
      ->allow_extra_args(false);
  command.add_option("--conflicts", back.conflicts, "Rows that others changed since")
      ->check(CLI::IsMember({"abort", "skip", "force"}))
      ->capture_default_str();
  command.add_flag("--dry-run", back.dry_run, "Say what would change; writes nothing");
  command.add_flag("--yes", back.yes, "Answer the question asked on a terminal");
  add_wait(command, back.wait_us, "Wait so long for a lock that a run holds");
}

}  // namespace engine::cli
