#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "compile/graph.h"
#include "run/session.h"

namespace engine::run {

/// What is kept of one table for the way back.
struct KeptEntry {
  std::string id;     ///< of the snapshot, which is that of the run that took it
  std::string kind;   ///< "full copy": engine restore · "before images": engine rollback
  std::string side;   ///< "source" | "target"
  std::string table;  ///< the plan's name; empty: the snapshot as a whole cannot be read
  std::string place;  ///< "prod.orders"
  std::int64_t rows = 0;
  std::uint64_t bytes = 0;
  std::int64_t created_us = 0;
  std::int64_t expires_us = 0;
  std::string status;  ///< "kept", "expired", "good", "undone", "damaged: ...", ...

  bool is_damaged() const { return status.starts_with("damaged"); }
};

/// Whole copies in the state folder, newest first. With `read_back` all their rows are read and
/// compared with their digests; else only whether the files are there.
std::vector<KeptEntry> kept_copies(const std::filesystem::path& state_dir,
                                   const std::vector<std::string>& ids, std::int64_t now_us,
                                   bool read_back);
/// Before images of runs in the ledgers of a plan's targets, newest first.
std::vector<KeptEntry> kept_before_images(const compile::Graph& graph, Session& session,
                                          std::int64_t now_us);

}  // namespace engine::run
