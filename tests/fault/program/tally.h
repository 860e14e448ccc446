#pragma once

#include <cstdint>
#include <string>

namespace engine::testing {

/// What a command counts. Divergences are told as they are found.
class Tally {
 public:
  /// `told`: how many divergences are told in words.
  explicit Tally(std::uint64_t told) : told_(told) {}
  void point() { ++points_; }
  void divergence(const std::string& where, const std::string& what);
  std::uint64_t points() const { return points_; }
  std::uint64_t divergences() const { return divergences_; }

 private:
  std::uint64_t told_;
  std::uint64_t points_ = 0;
  std::uint64_t divergences_ = 0;
};

}  // namespace engine::testing
