#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace case_runner {

/// Replaces what differs between two equal runs of a case by a name in angle brackets. The rules,
/// in the order they apply, are those of tests/cases/README.md: dir, source, run, time, duration.
class Masks {
 public:
  /// `folder` is the case's own folder, `source` the project's root.
  Masks(std::string folder, std::string source);

  /// Switches a rule off. Throws std::runtime_error when there is no such rule.
  void disable(std::string_view rule);

  /// Learns the run ids that have appeared as `.engine/runs/<id>` anywhere below the case's folder
  /// since the last call; the first one is <run1>.
  void learn_runs();

  std::string apply(std::string text) const;

  /// Bytes that a text file cannot show (control bytes, bad UTF-8), as \xNN.
  static std::string make_printable(std::string_view bytes);

 private:
  bool enabled(std::string_view rule) const { return !disabled_.contains(rule); }

  std::string folder_;
  std::string source_;
  std::vector<std::string> runs_;
  std::set<std::string, std::less<>> disabled_;
};

}  // namespace case_runner
