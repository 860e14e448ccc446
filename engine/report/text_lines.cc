#include "report/text_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/codes.h"
#include "base/text.h"
#include "report/findings.h"
#include "report/text_grid.h"

namespace engine::report {
namespace {

using run::TableOutcome;

constexpr std::size_t kLabelWidth = 7;
constexpr std::size_t kPlaceColumn = 87;
/// More entries than this in one line, and only those that stand out are named.
constexpr std::size_t kNamedEntries = 8;

std::string count_text(bool known, std::int64_t count) {
  return known ? std::to_string(count) : "-";
}

std::vector<std::string> cells_of(const TableOutcome& table) {
  const bool read = was_read(table);
  const bool known = was_compared(table);
  const auto& books = table.books;
  return {fmt::format("{:>2}  {}", table.level, table.name),
          count_text(read, books.read),
          count_text(known, books.inserted),
          count_text(known, books.updated),
          count_text(known, books.gone()),
          count_text(known, books.same),
          count_text(read, books.rejected),
          check_counts_text(count_checks(table.checks)),
          undo_text(table)};
}

/// More lines than this, and the last of them adds the others up.
constexpr std::size_t kSummedTables = 20;

std::vector<std::string> sum_of(const std::vector<const TableOutcome*>& tables) {
  run::Books sum;
  std::uint64_t undo = 0;
  CheckCounts checks;
  for (const auto* table : tables) {
    sum.read += table->books.read;
    sum.inserted += table->books.inserted;
    sum.updated += table->books.updated;
    sum.deleted += table->books.deleted;
    sum.same += table->books.same;
    sum.rejected += table->books.rejected;
    undo += table->undo_bytes;
    const CheckCounts counts = count_checks(table->checks);
    checks.ok += counts.ok;
    checks.warn += counts.warn;
    checks.fail += counts.fail;
    checks.error += counts.error;
    checks.skipped += counts.skipped;
  }
  return {fmt::format("    {} tables", tables.size()),
          std::to_string(sum.read),
          std::to_string(sum.inserted),
          std::to_string(sum.updated),
          std::to_string(sum.deleted),
          std::to_string(sum.same),
          std::to_string(sum.rejected),
          check_counts_text(checks),
          base::human_bytes(undo)};
}

/// "contacts, requests and 12 more"
std::string names_of(const std::vector<const TableOutcome*>& tables) {
  std::vector<std::string> names;
  for (const auto* table : tables) {
    if (names.size() < kNamedEntries) names.push_back(table->name);
  }
  const std::string more =
      tables.size() > names.size() ? fmt::format(" and {} more", tables.size() - names.size()) : "";
  return base::join(names, ", ") + more;
}

std::string folded_line(const std::vector<const TableOutcome*>& tables) {
  std::int64_t read = 0;
  std::int64_t ok = 0;
  for (const auto* table : tables) {
    read += table->books.read;
    ok += count_checks(table->checks).ok;
  }
  return fmt::format("     {} tables unchanged: {} ({} rows read, {} checks ok)", tables.size(),
                     names_of(tables), read, ok);
}

std::vector<std::string> sample_lines(const stages::CheckResult& check, std::size_t limit) {
  std::vector<std::string> lines;
  for (const auto& sample : check.samples) {
    if (lines.size() == limit) break;
    const std::string value = sample.value.empty() ? "" : ": " + sample.value;
    lines.push_back(std::string(kLabelWidth, ' ') + "  " + sample.key + value);
  }
  return lines;
}

void append(std::vector<std::string>& lines, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

/// One entry of a FRESH, GUARD or REFS line.
struct Entry {
  std::string text;
  bool stands_out = false;
  base::Span span;
};

/// The entries side by side, or when there are many, those that stand out and the number of others.
std::vector<std::string> entries_line(std::string_view label, const std::vector<Entry>& entries) {
  if (entries.empty()) return {};
  std::vector<std::string> named;
  std::size_t left_out = 0;
  base::Span place;
  for (const auto& entry : entries) {
    if (entry.stands_out && !place.known()) place = entry.span;
    if (entry.stands_out || entries.size() <= kNamedEntries) {
      named.push_back(entry.text);
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) named.push_back(fmt::format("{} ok", left_out));
  return {labelled(label, base::join(named, " · "), place)};
}

std::vector<std::string> freshness_line(const run::Outcome& outcome) {
  std::vector<Entry> entries;
  for (const auto& table : outcome.tables) {
    if (!table.freshness.has_value()) continue;
    entries.push_back({fmt::format("{} {}", table.name, freshness_text(*table.freshness)),
                       stands_out(table.freshness->status), table.freshness->span});
  }
  return entries_line("FRESH", entries);
}

std::vector<std::string> guard_line(const run::Outcome& outcome) {
  const auto guarded = std::count_if(outcome.tables.begin(), outcome.tables.end(),
                                     [](const auto& table) { return !table.guards.empty(); });
  std::vector<Entry> entries;
  for (const auto& table : outcome.tables) {
    for (const auto& guard : table.guards) {
      const std::string name = guarded > 1 ? table.name + " " : "";
      entries.push_back({name + guard.detail, stands_out(guard.status), guard.span});
    }
  }
  return entries_line("GUARD", entries);
}

std::vector<std::string> reference_line(const run::Outcome& outcome) {
  std::vector<Entry> entries;
  for (const auto& table : outcome.tables) {
    for (const auto& found : table.references) {
      entries.push_back({fmt::format("{} {}/{}{}", found.label, found.resolved, found.looked_at,
                                     orphans_text(found)),
                         found.resolved != found.looked_at,
                         {}});
    }
  }
  return entries_line("REFS", entries);
}

/// The code that begins a text of the form "[E401] ...", or nothing.
std::string_view code_of(std::string_view text) {
  if (!text.starts_with('[')) return {};
  return text.substr(1, text.find(']') - 1);
}

/// Bad rows, and for each kind of them what to do.
std::vector<std::string> error_lines(const TableOutcome& table) {
  std::vector<std::string> lines;
  std::set<std::string_view> codes;
  for (const auto& error : table.errors) {
    lines.push_back(labelled("ERROR", fmt::format("{}: {}", table.name, error), table.span));
    codes.insert(code_of(error));
  }
  for (const auto code : codes) {
    const auto* entry = base::find_code(code);
    if (entry != nullptr)
      lines.push_back(labelled("HELP", fmt::format("[{}] {}", code, entry->cure)));
  }
  return lines;
}

/// How many rows were left out; which ones, where no error names them.
std::vector<std::string> reject_lines(const TableOutcome& table, std::size_t limit) {
  if (!table.rejects.has_value()) return {};
  std::vector<std::string> lines = {labelled(
      "REJECT", fmt::format("{}: {}", table.name, rejects_text(*table.rejects)), table.span)};
  if (!table.rejects->within) return lines;
  for (const auto& row : table.rejects->shown) {
    if (lines.size() > limit) break;
    lines.push_back(std::string(kLabelWidth, ' ') + "  " + row);
  }
  return lines;
}

/// Rows that were read and are in none of the columns of the grid.
std::string aside_text(const run::Books& books) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::int64_t count, std::string_view what) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, what));
  };
  add(books.filtered, "filtered");
  add(books.deduped, "deduped");
  add(books.kept, "kept as the target has them");
  add(books.unmatched, "unmatched: the target has no such key");
  add(books.absent, "to delete, but not in the target");
  return base::join(parts, " · ");
}

std::vector<std::string> table_findings(const TableOutcome& table, const TextOptions& options) {
  std::vector<std::string> lines;
  for (const auto& check : table.checks) {
    if (!stands_out(check.status)) continue;
    lines.push_back(labelled(status_word(check.status),
                             fmt::format("{}: {}", check_name(check), check_message(check)),
                             check.span));
    append(lines, sample_lines(check, options.samples));
  }
  if (const auto books = books_text(table); !books.empty() && was_compared(table)) {
    lines.push_back(labelled("BOOKS", fmt::format("{}: {}", table.name, books)));
  }
  append(lines, error_lines(table));
  append(lines, reject_lines(table, options.samples));
  if (const auto aside = aside_text(table.books); !aside.empty()) {
    lines.push_back(labelled("ASIDE", fmt::format("{}: {}", table.name, aside)));
  }
  for (const auto& note : table.notes) {
    lines.push_back(labelled("NOTE", fmt::format("{}: {}", table.name, note)));
  }
  return lines;
}

std::vector<std::string> created_line(const run::Outcome& outcome) {
  std::vector<const TableOutcome*> would;
  std::vector<const TableOutcome*> done;
  for (const auto& table : outcome.tables) {
    if (table.created) {
      done.push_back(&table);
    } else if (table.would_create) {
      would.push_back(&table);
    }
  }
  std::vector<std::string> lines;
  if (!done.empty()) {
    lines.push_back(labelled("NEW", fmt::format("created: {}", names_of(done))));
  }
  if (!would.empty()) {
    lines.push_back(labelled("NEW", fmt::format("to be created: {}", names_of(would))));
  }
  return lines;
}

}  // namespace

std::string labelled(std::string_view label, std::string_view text, const base::Span& span) {
  auto line = padded(label, kLabelWidth - 1) + " " + std::string(text);
  if (!span.known()) return line;
  return padded(line, kPlaceColumn - 2) + "  " + span.text();
}

std::vector<std::string> table_lines(const run::Outcome& outcome) {
  using Align = TextGrid::Align;
  TextGrid grid({{"lvl table"},
                 {"read", Align::kRight},
                 {"insert", Align::kRight},
                 {"update", Align::kRight},
                 {"delete", Align::kRight},
                 {"same", Align::kRight},
                 {"reject", Align::kRight},
                 {"checks"},
                 {"undo"}});
  std::vector<const TableOutcome*> unchanged;
  for (const auto& table : outcome.tables) {
    if (table.state == run::TableState::kLeftOut) continue;
    if (is_unremarkable(table)) unchanged.push_back(&table);
  }
  const bool fold = unchanged.size() > 1;
  std::vector<const TableOutcome*> shown;
  for (const auto& table : outcome.tables) {
    if (table.state == run::TableState::kLeftOut) continue;
    if (fold && is_unremarkable(table)) continue;
    shown.push_back(&table);
    grid.add(cells_of(table));
  }
  if (shown.size() > kSummedTables) grid.add(sum_of(shown));
  auto lines = grid.lines();
  if (fold) {
    if (unchanged.size() == outcome.tables.size()) lines.clear();
    lines.push_back(folded_line(unchanged));
  }
  return lines;
}

std::vector<std::string> finding_lines(const run::Outcome& outcome, const TextOptions& options) {
  std::vector<std::string> lines = created_line(outcome);
  for (const auto& table : outcome.tables) append(lines, table_findings(table, options));
  for (const auto& error : outcome.errors) {
    const std::string where =
        error.context.empty() ? "" : fmt::format(" ({})", base::join(error.context, ", "));
    lines.push_back(labelled("ERROR", fmt::format("[{}] {}{}", error.code, error.message, where)));
  }
  return lines;
}

std::vector<std::string> limit_lines(const run::Outcome& outcome) {
  std::vector<std::string> lines = freshness_line(outcome);
  append(lines, guard_line(outcome));
  append(lines, reference_line(outcome));
  return lines;
}

}  // namespace engine::report
