#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fault/support/world.h"

namespace engine::testing {

/// The words behind the verb.
struct Options {
  std::vector<std::string> connectors = {"sqlite", "files"};
  std::string plan;  ///< empty: all
  bool every_write = false;
  std::uint64_t step = 1;           ///< every how many calls
  std::uint64_t first = 1;          ///< the first of them
  std::optional<std::uint64_t> at;  ///< this call alone
  std::uint64_t again = 16;         ///< at every how many points what follows is killed as well
  std::uint64_t random = 0;         ///< how many random kills
  std::uint64_t start = 1;          ///< the seed of the first
  std::uint64_t rounds = 200;       ///< of a race
  std::uint64_t engines = 8;
  std::uint64_t tell = 20;  ///< how many divergences are told in words
  bool some = false;        ///< lose: only some files and folders lose their changes

  std::vector<World> worlds() const;
};

/// Throws with the usage when a word is unknown.
Options read_options(const std::vector<std::string>& words);

}  // namespace engine::testing
