#include "report/findings.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"

namespace engine::report {
namespace {

using run::TableState;
using stages::Status;

bool is_ok(Status status) {
  return status == Status::kPass || status == Status::kSkipped;
}

}  // namespace

bool was_read(const run::TableOutcome& table) {
  return table.state != TableState::kPending && table.state != TableState::kSkipped &&
         table.state != TableState::kCreateOnly &&
         (table.state == TableState::kStaged || table.state == TableState::kPublished ||
          table.state == TableState::kRolledBack || table.books.read > 0);
}

bool was_compared(const run::TableOutcome& table) {
  if (!was_read(table)) return false;
  if (table.state == TableState::kExtracted) return false;
  const bool came_through =
      table.state != TableState::kFailed && table.state != TableState::kRunning;
  return came_through || table.books.close();
}

bool stands_out(Status status) {
  return !is_ok(status);
}

bool is_unremarkable(const run::TableOutcome& table) {
  if (table.state == TableState::kCreateOnly) return !table.would_create && !table.created;
  const auto& books = table.books;
  const bool same = books.inserted == 0 && books.updated == 0 && books.gone() == 0 &&
                    books.rejected == 0 && books.close();
  return same && was_compared(table) && table.state != TableState::kRolledBack &&
         table.errors.empty() && !table.would_create && !table.created &&
         std::none_of(table.checks.begin(), table.checks.end(),
                      [](const auto& check) { return stands_out(check.status); });
}

CheckCounts count_checks(const std::vector<stages::CheckResult>& checks) {
  CheckCounts counts;
  for (const auto& check : checks) {
    switch (check.status) {
      case Status::kPass:
        ++counts.ok;
        break;
      case Status::kWarn:
        ++counts.warn;
        break;
      case Status::kFail:
        ++counts.fail;
        break;
      case Status::kError:
        ++counts.error;
        break;
      case Status::kSkipped:
        ++counts.skipped;
        break;
    }
  }
  return counts;
}

std::string check_counts_text(const CheckCounts& counts) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::int64_t count, std::string_view word) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, word));
  };
  add(counts.ok, "ok");
  add(counts.warn, "WARN");
  add(counts.fail, "FAIL");
  add(counts.error, "ERROR");
  add(counts.skipped, "skipped");
  return parts.empty() ? "-" : base::join(parts, " ");
}

std::string status_word(Status status) {
  switch (status) {
    case Status::kPass:
      return "ok";
    case Status::kWarn:
      return "WARN";
    case Status::kFail:
      return "FAIL";
    case Status::kError:
      return "ERROR";
    case Status::kSkipped:
      break;
  }
  return "skipped";
}

std::string check_message(const stages::CheckResult& check) {
  if (!check.detail.empty() || check.failed == 0) return check.detail;
  return fmt::format("{} of {} rows fail", check.failed, check.looked_at);
}

std::string check_name(const stages::CheckResult& check) {
  const auto label = fmt::format("{}.{}", check.table, check.label);
  return check.name.empty() ? label : fmt::format("{} {}", label, base::quoted(check.name));
}

std::string orphans_text(const run::ReferenceResult& found) {
  if (found.nulled > 0) return " (" + std::to_string(found.nulled) + " nulled)";
  if (found.kept > 0) return " (" + std::to_string(found.kept) + " kept)";
  if (found.rejected > 0) return " (" + std::to_string(found.rejected) + " rejected)";
  return "";
}

std::string freshness_text(const stages::FreshnessResult& freshness) {
  return freshness.detail.empty() ? status_word(freshness.status) : freshness.detail;
}

std::string plan_title(const run::Outcome& outcome) {
  return outcome.profile.empty() ? outcome.plan_name
                                 : fmt::format("{} @ {}", outcome.plan_name, outcome.profile);
}

std::string effect_text(const run::Outcome& outcome) {
  if (outcome.dry_run || outcome.command == "check") return "READ ONLY, nothing was written";
  if (outcome.rolled_back) return "ROLLED BACK, nothing of this run stands";
  if (outcome.applied && outcome.exit_code != 0) return "APPLIED IN PART";
  return outcome.applied ? "APPLIED" : "NOT APPLIED, nothing was written";
}

std::string short_id(const run::Outcome& outcome) {
  return outcome.run_id.substr(outcome.run_id.rfind('-') + 1);
}

std::string books_text(const run::TableOutcome& table) {
  if (table.books.close()) return {};
  return fmt::format("read {} rows, accounted for {}", table.books.read, table.books.accounted());
}

std::string rejects_text(const run::RejectsResult& rejects) {
  const std::string what = fmt::format("{} of {} rows rejected", rejects.rows, rejects.rows_read);
  const std::string limit = rejects.within ? fmt::format(" ({})", rejects.limit)
                                           : fmt::format(", more than {} allows", rejects.limit);
  if (rejects.file.empty()) return what + limit;
  return what + limit + (rejects.cut ? ", the first are in " : ", see ") + rejects.file;
}

std::string undo_text(const run::TableOutcome& table) {
  if (!was_compared(table)) return "-";
  const auto bytes = base::human_bytes(table.undo_bytes);
  return table.undo_estimated && table.undo_bytes > 0 ? "about " + bytes : bytes;
}

double seconds_of(const run::Outcome& outcome) {
  return static_cast<double>(outcome.ended_us - outcome.started_us) / 1e6;
}

}  // namespace engine::report
