#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/general_options.h"
#include "connect/connection.h"
#include "connect/ledger.h"

namespace engine::cli {

/// What the commands that bring former contents back share.
struct WayBack {
  std::vector<std::string> tables;  ///< empty: all
  std::string conflicts = "skip";
  bool dry_run = false;
  bool yes = false;
  std::int64_t wait_us = 0;

  connect::Conflicts policy() const;
  connect::OpenMode mode() const;
};

/// --table, --conflicts, --dry-run, --yes, --wait.
void add_way_back_options(CLI::App& command, WayBack& back);

}  // namespace engine::cli
