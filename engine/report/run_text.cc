#include "report/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "report/findings.h"
#include "report/snapshots_text.h"
#include "report/text_grid.h"
#include "report/text_lines.h"

namespace engine::report {
namespace {

struct Painted {
  std::string_view word;
  std::string_view escape;
};
constexpr std::array<Painted, 6> kPainted = {{{"FAIL", "\x1b[31m"},
                                              {"ERROR", "\x1b[31m"},
                                              {"BOOKS", "\x1b[31m"},
                                              {"CONFLICT", "\x1b[31m"},
                                              {"WARN", "\x1b[33m"},
                                              {"VERDICT", "\x1b[1m"}}};

/// The label that begins a line, coloured.
std::string painted(const std::string& line) {
  for (const auto& paint : kPainted) {
    if (line.starts_with(paint.word)) {
      return fmt::format("{}{}\x1b[0m{}", paint.escape, paint.word, line.substr(paint.word.size()));
    }
  }
  return line;
}

std::string joined(const std::vector<std::string>& lines, bool colour) {
  std::string out;
  for (const auto& line : lines) out += (colour ? painted(line) : line) + "\n";
  return out;
}

std::string title_line(const run::Outcome& outcome) {
  const std::string what = outcome.command == "check"     ? "Check"
                           : outcome.command == "restore" ? "Restore"
                           : outcome.dry_run              ? "Plan"
                                                          : "Run";
  const std::string between =
      outcome.source_text.empty() || outcome.target_text.empty() ? "" : " -> ";
  return fmt::format("{} {}   {}   {}{}{}   {}", what, short_id(outcome), plan_title(outcome),
                     outcome.source_text, between, outcome.target_text, effect_text(outcome));
}

/// "PARTIAL only orders:42; 2 of 5 tables left out; nothing is deleted"
std::string chosen_line(const run::Outcome& outcome) {
  const auto left_out =
      std::count_if(outcome.tables.begin(), outcome.tables.end(),
                    [](const auto& table) { return table.state == run::TableState::kLeftOut; });
  std::string line = (outcome.partial ? "PARTIAL " : "CHOSEN ") + outcome.chosen;
  if (left_out > 0) {
    line += fmt::format("; {} of {} tables left out", left_out, outcome.tables.size());
  }
  return line + (outcome.partial ? "; nothing is deleted" : "");
}

std::string time_line(const run::Outcome& outcome) {
  const auto took = base::human_seconds(seconds_of(outcome));
  if (!outcome.dry_run) return labelled("TIME", took);
  if (!outcome.last_run_seconds.has_value()) {
    return labelled("TIME", fmt::format("{} for this dry run; not applied before", took));
  }
  return labelled("TIME", fmt::format("about {} (last run); {} for this dry run",
                                      base::human_seconds(*outcome.last_run_seconds), took));
}

std::vector<std::string> closing_lines(const run::Outcome& outcome) {
  std::vector<std::string> lines;
  if (outcome.snapshot) lines.push_back(snapshot_line(*outcome.snapshot));
  lines.push_back(time_line(outcome));
  if (outcome.decided_by.find("DRY_RUN") != std::string::npos) {
    lines.push_back(labelled("NOTE", "decided by " + outcome.decided_by));
  }
  for (const auto& note : outcome.notes) lines.push_back(labelled("NOTE", note));
  if ((outcome.dry_run || outcome.partial) && !outcome.not_proven.empty()) {
    lines.push_back("NOT PROVEN  " + base::join(outcome.not_proven, "; "));
  }
  if (!outcome.resume.empty()) lines.push_back(labelled("RESUME", outcome.resume));
  lines.push_back("VERDICT " + outcome.verdict);
  return lines;
}

void append(std::vector<std::string>& lines, std::vector<std::string> more) {
  for (auto& line : more) lines.push_back(std::move(line));
}

std::vector<std::string> check_lines(const run::Outcome& outcome) {
  using Align = TextGrid::Align;
  TextGrid grid(
      {{"status"}, {"check"}, {"rows", Align::kRight}, {"failed", Align::kRight}, {"severity"}});
  for (const auto& table : outcome.tables) {
    for (const auto& check : table.checks) {
      grid.add({status_word(check.status), check_name(check), std::to_string(check.looked_at),
                std::to_string(check.failed),
                check.severity == plan::CheckSeverity::kWarn ? "warn" : "error"});
    }
  }
  return grid.lines();
}

void add_conflicts(std::vector<std::string>& lines, const connect::UndoTable& table) {
  for (const auto& key : table.conflicts) {
    lines.push_back(fmt::format("CONFLICT {} {}: changed since by someone else", table.step, key));
  }
  const auto named = static_cast<std::int64_t>(table.conflicts.size());
  if (table.conflict_count > named) {
    lines.push_back(
        fmt::format("CONFLICT {}: {} more rows", table.step, table.conflict_count - named));
  }
}

/// What a restore left alone, and what it read back.
std::vector<std::string> restored_lines(const run::Outcome& outcome) {
  std::vector<std::string> lines;
  for (const auto& table : outcome.tables) {
    for (const auto& key : table.conflicts) {
      lines.push_back(
          fmt::format("CONFLICT {} {}: changed since by someone else", table.name, key));
    }
    const auto named = static_cast<std::int64_t>(table.conflicts.size());
    if (table.conflict_count > named) {
      lines.push_back(
          fmt::format("CONFLICT {}: {} more rows", table.name, table.conflict_count - named));
    }
    if (!table.read_back || !outcome.applied) continue;
    lines.push_back(fmt::format(
        "RESTORED {}: {} row{}, read back, {}", table.name, *table.read_back,
        *table.read_back == 1 ? "" : "s",
        table.conflict_count == 0 ? "as in the snapshot" : "conflicts apart as in the snapshot"));
  }
  return lines;
}

std::string rollback_remark(const connect::UndoTable& table, bool dry_run) {
  if (table.already) return "undone before";
  if (table.dropped) return dry_run ? "the table goes" : "the table is gone";
  if (table.kept_created) return "created by the run, but not empty: stays";
  if (dry_run) return "";
  return table.verified ? "verified" : "NOT VERIFIED";
}

/// Nothing of the table had to be undone, and nothing is wrong with it.
bool is_idle(const connect::UndoTable& table, bool dry_run) {
  const bool untouched =
      table.removed + table.restored + table.reinserted + table.conflict_count == 0;
  const bool remarkable = table.already || table.dropped || table.kept_created;
  return untouched && !remarkable && (dry_run || table.verified);
}

/// So many tables without anything to undo are one line.
constexpr std::ptrdiff_t kFoldedTables = 8;

std::vector<std::string> rollback_grid(const connect::UndoReport& report, bool dry_run) {
  using Align = TextGrid::Align;
  TextGrid grid({{"table"},
                 {"removed", Align::kRight},
                 {"restored", Align::kRight},
                 {"reinserted", Align::kRight},
                 {"conflicts", Align::kRight},
                 {""}});
  const auto idle = std::count_if(report.tables.begin(), report.tables.end(),
                                  [&](const auto& table) { return is_idle(table, dry_run); });
  const bool fold = idle > kFoldedTables;
  for (const auto& table : report.tables) {
    if (fold && is_idle(table, dry_run)) continue;
    grid.add({table.step, std::to_string(table.removed), std::to_string(table.restored),
              std::to_string(table.reinserted), std::to_string(table.conflict_count),
              rollback_remark(table, dry_run)});
  }
  auto lines = grid.lines();
  if (fold) {
    lines.push_back(
        fmt::format("{} tables had nothing to undo{}", idle, dry_run ? "" : ": verified"));
  }
  return lines;
}

std::string rollback_summary(const connect::UndoReport& report, const std::string& run_id,
                             bool dry_run) {
  if (dry_run) return "DRY RUN: nothing was written";
  connect::UndoTable sum;
  for (const auto& table : report.tables) {
    sum.removed += table.removed;
    sum.restored += table.restored;
    sum.reinserted += table.reinserted;
    sum.conflict_count += table.conflict_count;
  }
  return fmt::format("ROLLED BACK: {} removed, {} restored, {} reinserted, {} conflicts; run {}",
                     sum.removed, sum.restored, sum.reinserted, sum.conflict_count, run_id);
}

}  // namespace

std::string run_text(const run::Outcome& outcome, const TextOptions& options) {
  std::vector<std::string> lines = {title_line(outcome)};
  if (!outcome.chosen.empty()) lines.push_back(chosen_line(outcome));
  if (!outcome.tables.empty()) append(lines, table_lines(outcome));
  append(lines, finding_lines(outcome, options));
  append(lines, limit_lines(outcome));
  append(lines, restored_lines(outcome));
  append(lines, closing_lines(outcome));
  return joined(lines, options.colour);
}

std::string checks_text(const run::Outcome& outcome, const TextOptions& options) {
  std::vector<std::string> lines = {title_line(outcome)};
  append(lines, check_lines(outcome));
  append(lines, finding_lines(outcome, options));
  append(lines, limit_lines(outcome));
  lines.push_back("VERDICT " + outcome.verdict);
  return joined(lines, options.colour);
}

std::string rollback_text(const connect::UndoReport& report, const std::string& run_id,
                          const std::string& target, bool dry_run) {
  std::vector<std::string> lines = {
      fmt::format("Rollback of {}   {}   {}", run_id, target,
                  dry_run ? "READ ONLY, nothing was written" : "APPLIED")};
  append(lines, rollback_grid(report, dry_run));
  for (const auto& table : report.tables) add_conflicts(lines, table);
  lines.push_back(rollback_summary(report, run_id, dry_run));
  return joined(lines, false);
}

std::string snapshot_text(const run::Outcome& outcome) {
  std::vector<std::string> lines;
  if (outcome.snapshot) append(lines, snapshot_lines(*outcome.snapshot));
  for (const auto& note : outcome.notes) lines.push_back(labelled("NOTE", note));
  return joined(lines, false);
}

std::string summary_line(const run::Outcome& outcome) {
  if (outcome.command == "snapshots") {
    return outcome.snapshot ? snapshot_line(*outcome.snapshot)
                            : "NO SNAPSHOT: nothing was kept, and nothing changed";
  }
  if (outcome.command == "check") return "CHECK: nothing was written";
  if (outcome.dry_run) return "DRY RUN: nothing was written";
  if (outcome.command == "rollback") return "NOT ROLLED BACK: what is not yet undone stands";
  if (outcome.rolled_back) return fmt::format("ROLLED BACK: run {} left nothing", outcome.run_id);
  if (!outcome.applied) return "NOT APPLIED: nothing was written";
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  std::int64_t created = 0;
  for (const auto& table : outcome.tables) {
    if (table.created) ++created;
    if (table.state != run::TableState::kPublished) continue;
    inserted += table.books.inserted;
    updated += table.books.updated;
    deleted += table.books.gone();
  }
  if (inserted + updated + deleted + created == 0) {
    return "APPLIED: nothing had to change";
  }
  return fmt::format(
      "{}: {} inserted, {} updated, {} deleted, {} tables created; undo with: engine rollback {}",
      effect_text(outcome), inserted, updated, deleted, created, outcome.run_id);
}

}  // namespace engine::report
