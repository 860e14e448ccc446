#include <fmt/format.h>

#include "stages/freshness.h"

namespace engine::stages {

namespace {

double percent(std::int64_t part, std::int64_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// "5 %", "0.1 %": as few digits as the plan's ratio needs.
std::string ratio_text(double ratio) {
  return fmt::format("{:.6g} %", ratio * 100);
}

GuardResult result_of(const std::string& table, const char* guard, const plan::Cap& cap) {
  GuardResult result;
  result.table = table;
  result.guard = guard;
  result.span = cap.text.span;
  return result;
}

void settle(GuardResult& result, bool holds, const std::string& measured) {
  result.status = holds ? Status::kPass : Status::kFail;
  result.detail = measured + (holds ? " ok" : " FAIL (" + result.guard + ")");
}

void no_base(GuardResult& result, const char* what) {
  result.status = Status::kSkipped;
  result.detail = std::string(what) + " NO BASE";
}

/// At most so many rows, or such a share of the target before.
GuardResult judge_max(const std::string& table, const char* guard, const char* verb,
                      const plan::Cap& cap, std::int64_t changed, std::int64_t before) {
  GuardResult result = result_of(table, guard, cap);
  if (!cap.relative) {
    settle(result, changed <= cap.count, fmt::format("{} {} of {}", verb, changed, cap.count));
  } else if (before == 0) {
    no_base(result, verb);
  } else {
    const bool holds = static_cast<double>(changed) <= cap.ratio * static_cast<double>(before);
    settle(result, holds,
           fmt::format("{} {:.2f} % of {}", verb, percent(changed, before), ratio_text(cap.ratio)));
  }
  return result;
}

/// At least so many rows read, or such a share of the last run's.
GuardResult judge_source(const std::string& table, const plan::Cap& cap, const GuardFacts& facts) {
  GuardResult result = result_of(table, "min_source_rows", cap);
  if (!cap.relative) {
    settle(result, facts.source_rows >= cap.count,
           fmt::format("source rows {} of at least {}", facts.source_rows, cap.count));
  } else if (facts.last_source_rows.value_or(0) == 0) {
    no_base(result, "source rows");
  } else {
    const auto last = static_cast<double>(*facts.last_source_rows);
    const bool holds = static_cast<double>(facts.source_rows) >= cap.ratio * last;
    const double share = percent(facts.source_rows, *facts.last_source_rows);
    settle(result, holds, fmt::format("source rows {:.1f} % of last run", share));
  }
  return result;
}

}  // namespace

std::vector<GuardResult> judge_guards(const std::string& table, const plan::Guard& guard,
                                      const GuardFacts& facts) {
  std::vector<GuardResult> results;
  const std::int64_t before = facts.target_before;
  if (guard.max_delete) {
    results.push_back(
        judge_max(table, "max_delete", "delete", *guard.max_delete, facts.deleted, before));
  }
  if (guard.max_update) {
    results.push_back(
        judge_max(table, "max_update", "update", *guard.max_update, facts.updated, before));
  }
  if (guard.max_insert) {
    results.push_back(
        judge_max(table, "max_insert", "insert", *guard.max_insert, facts.inserted, before));
  }
  if (guard.min_source_rows) results.push_back(judge_source(table, *guard.min_source_rows, facts));
  return results;
}

}  // namespace engine::stages
