#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "process/support/contents.h"

namespace engine::testing {

/// Rows that differ between two states of a database.
std::int64_t changed_rows(const Contents& before, const Contents& after);
/// Rows that a run wrote, by the books of its report.
std::int64_t written_rows(const nlohmann::json& report);
/// Softly deleted rows hold the time of their run, which plain SQL cannot know before: its own are
/// marked with kNow until then.
class DeletionTimes {
 public:
  DeletionTimes(std::vector<std::string> tables, std::string column)
      : tables_(std::move(tables)), column_(std::move(column)) {}

  /// Times that are there before the first run.
  void note(const PlainDatabase& target);
  /// Puts the one new time of the target in place of kNow; throws where there are several.
  void tell(const PlainDatabase& target, const PlainDatabase& oracle);

  static constexpr const char* kNow = "now";

 private:
  std::set<std::string> times(const PlainDatabase& target) const;

  std::vector<std::string> tables_;
  std::string column_;
  std::set<std::string> known_;
};

}  // namespace engine::testing
