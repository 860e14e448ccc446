#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "report/documents.h"
#include "report/findings.h"
#include "report/snapshots_text.h"

namespace engine::report {
namespace {

using run::TableOutcome;

/// Text inside a table's cell: nothing in it may end the cell, the row or begin a tag.
std::string cell(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '\n':
      case '\r':
        out += ' ';
        break;
      case '<':
        out += "&lt;";
        break;
      case '|':
      case '`':
      case '\\':
      case '*':
      case '_':
      case '[':
        out += '\\';
        [[fallthrough]];
      default:
        out += letter;
    }
  }
  return out;
}

std::string count(bool known, std::int64_t value) {
  return known ? std::to_string(value) : "–";
}

std::string table_row(const TableOutcome& table) {
  const bool read = was_read(table);
  const bool known = was_compared(table);
  const auto& books = table.books;
  return fmt::format(
      "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", table.level, cell(table.name),
      run::table_state_name(table.state), count(read, books.read), count(known, books.inserted),
      count(known, books.updated), count(known, books.gone()), count(known, books.same),
      count(read, books.rejected), check_counts_text(count_checks(table.checks)), undo_text(table));
}

std::string heading(const run::Outcome& outcome) {
  std::string out = fmt::format("# {}: {}\n\n", cell(plan_title(outcome)), cell(outcome.verdict));
  out +=
      fmt::format("{} · {} → {} · **{}** · exit {}\n\n", outcome.command, cell(outcome.source_text),
                  cell(outcome.target_text), effect_text(outcome), outcome.exit_code);
  out += fmt::format("Run `{}` · plan `{}` (`{}`) · started {} · {}\n\n", outcome.run_id,
                     outcome.plan_file, outcome.plan_sha256.substr(0, 12),
                     base::iso_utc(outcome.started_us), base::human_seconds(seconds_of(outcome)));
  return out;
}

std::string tables_part(const run::Outcome& outcome) {
  if (outcome.tables.empty()) return {};
  std::string out =
      "| lvl | table | state | read | insert | update | delete | same | reject | checks | undo |\n"
      "|--:|---|---|--:|--:|--:|--:|--:|--:|---|--:|\n";
  for (const auto& table : outcome.tables) {
    if (table.state != run::TableState::kLeftOut) out += table_row(table);
  }
  return out + "\n";
}

std::string checks_part(const run::Outcome& outcome) {
  std::string out;
  for (const auto& table : outcome.tables) {
    for (const auto& check : table.checks) {
      if (!stands_out(check.status)) continue;
      const std::string place = check.span.known() ? " (" + check.span.text() + ")" : "";
      out += fmt::format("- **{}** {}: {}{}\n", status_word(check.status), cell(check_name(check)),
                         cell(check_message(check)), cell(place));
      for (const auto& sample : check.samples) {
        out += fmt::format("  - {}{}\n", cell(sample.key),
                           sample.value.empty() ? "" : ": " + cell(sample.value));
      }
    }
  }
  return out.empty() ? out : "## Checks that stand out\n\n" + out + "\n";
}

std::string limits_part(const run::Outcome& outcome) {
  std::string out;
  for (const auto& table : outcome.tables) {
    if (table.freshness.has_value()) {
      out += fmt::format("- freshness of {}: {}\n", cell(table.name),
                         cell(freshness_text(*table.freshness)));
    }
    for (const auto& guard : table.guards) {
      out += fmt::format("- guard of {}: {}\n", cell(table.name), cell(guard.detail));
    }
    for (const auto& found : table.references) {
      out += fmt::format("- references {}: {} of {} resolved{}\n", cell(found.label),
                         found.resolved, found.looked_at, orphans_text(found));
    }
  }
  return out.empty() ? out : "## Freshness, guards, references\n\n" + out + "\n";
}

std::string books_part(const run::Outcome& outcome) {
  std::string out;
  for (const auto& table : outcome.tables) {
    if (!was_read(table)) continue;
    const auto& books = table.books;
    out += fmt::format(
        "- {}: {} read = {} inserted + {} updated + {} same + {} deleted + {} absent + {} rejected "
        "+ {} filtered + {} deduped + {} kept + {} unmatched{}{}\n",
        cell(table.name), books.read, books.inserted, books.updated, books.same, books.deleted,
        books.absent, books.rejected, books.filtered, books.deduped, books.kept, books.unmatched,
        books.removed == 0 ? "" : fmt::format("; {} removed from the target", books.removed),
        books.close() ? "" : fmt::format(" — **does not close: {}**", books.accounted()));
  }
  return out.empty() ? out : "## Books\n\n" + out + "\n";
}

std::string rejects_part(const run::Outcome& outcome) {
  std::string out;
  for (const auto& table : outcome.tables) {
    if (!table.rejects.has_value()) continue;
    out += fmt::format("- {}: {}\n", cell(table.name), cell(rejects_text(*table.rejects)));
    for (const auto& row : table.rejects->shown) out += fmt::format("  - {}\n", cell(row));
  }
  return out.empty() ? out : "## Rejects\n\n" + out + "\n";
}

std::string rest_part(const run::Outcome& outcome) {
  std::string out;
  if (const auto errors = errors_text(outcome); !errors.empty()) {
    out += "## Errors\n\n```\n" + errors + "```\n\n";
  }
  std::string notes;
  for (const auto& note : outcome.notes) notes += fmt::format("- {}\n", cell(note));
  for (const auto& table : outcome.tables) {
    for (const auto& note : table.notes) {
      notes += fmt::format("- {}: {}\n", cell(table.name), cell(note));
    }
  }
  if (outcome.snapshot) notes += fmt::format("- {}\n", cell(snapshot_line(*outcome.snapshot)));
  if (!notes.empty()) out += "## Notes\n\n" + notes + "\n";
  if (!outcome.not_proven.empty()) {
    out += "## Not proven\n\n";
    for (const auto& point : outcome.not_proven) out += fmt::format("- {}\n", cell(point));
    out += "\n";
  }
  return out;
}

}  // namespace

std::string report_markdown(const run::Outcome& outcome) {
  return heading(outcome) + tables_part(outcome) + checks_part(outcome) + limits_part(outcome) +
         rejects_part(outcome) + books_part(outcome) + rest_part(outcome);
}

std::string errors_text(const run::Outcome& outcome) {
  std::string out;
  for (const auto& error : outcome.errors) {
    out += fmt::format("error[{}]: {}\n", error.code, error.message);
    for (const auto& where : error.context) out += fmt::format("   = in: {}\n", where);
    if (!error.help.empty()) out += fmt::format("   = help: {}\n", error.help);
  }
  for (const auto& table : outcome.tables) {
    for (const auto& error : table.errors) out += fmt::format("{}: {}\n", table.name, error);
    for (const auto& check : table.checks) {
      if (!stands_out(check.status)) continue;
      out += fmt::format("{} {}: {}\n", status_word(check.status), check_name(check),
                         check_message(check));
      for (const auto& sample : check.samples) {
        out += fmt::format("  {}{}\n", sample.key, sample.value.empty() ? "" : ": " + sample.value);
      }
    }
  }
  return out;
}

}  // namespace engine::report
