#include "report/snapshots_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/text.h"
#include "report/text_grid.h"

namespace engine::report {
namespace {

using nlohmann::json;
using run::KeptEntry;
using Align = TextGrid::Align;

std::string count_of(std::size_t count, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

double age_seconds(const KeptEntry& entry, std::int64_t now_us) {
  return static_cast<double>(now_us - entry.created_us) / 1e6;
}

/// The second is enough for people.
std::string second_of(std::int64_t us) {
  return base::iso_utc(us - us % 1'000'000);
}

std::string join_lines(const std::vector<std::string>& lines) {
  return lines.empty() ? std::string() : base::join(lines, "\n") + "\n";
}

json entry_json(const KeptEntry& entry) {
  json out = {{"id", entry.id}, {"kind", entry.kind}, {"status", entry.status}};
  if (entry.table.empty()) return out;
  out["side"] = entry.side;
  out["table"] = entry.table;
  out["place"] = entry.place;
  out["rows"] = entry.rows;
  out["bytes"] = entry.bytes;
  out["created_at"] = base::iso_utc(entry.created_us);
  out["expires_at"] = base::iso_utc(entry.expires_us);
  return out;
}

}  // namespace

std::string snapshot_line(const run::SnapshotOutcome& snapshot) {
  const std::string what =
      fmt::format("{}, {}", count_of(snapshot.tables.size(), "table", "tables"),
                  count_of(static_cast<std::size_t>(snapshot.rows()), "row", "rows"));
  if (snapshot.estimated) {
    return fmt::format("SNAPSHOT of {} first, about {}", what, base::human_bytes(snapshot.bytes()));
  }
  return fmt::format("SNAPSHOT {}: {}, {}, read back; kept until {}", snapshot.id, what,
                     base::human_bytes(snapshot.bytes()), second_of(snapshot.expires_us));
}

std::vector<std::string> snapshot_lines(const run::SnapshotOutcome& snapshot) {
  TextGrid grid(
      {{"side"}, {"table"}, {"copy of"}, {"rows", Align::kRight}, {"size", Align::kRight}});
  for (const auto& table : snapshot.tables) {
    if (table.missing) {
      grid.add({table.side, table.table, table.place, "-", "no such table"});
    } else {
      grid.add({table.side, table.table, table.place, std::to_string(table.rows),
                base::human_bytes(table.bytes)});
    }
  }
  return grid.lines();
}

std::string kept_text(const std::vector<KeptEntry>& entries, std::int64_t now_us) {
  TextGrid grid({{"snapshot"},
                 {"kind"},
                 {"side"},
                 {"table"},
                 {"rows", Align::kRight},
                 {"size", Align::kRight},
                 {"age", Align::kRight},
                 {"expires"},
                 {"status"}});
  for (const KeptEntry& entry : entries) {
    if (entry.table.empty()) {
      grid.add({entry.id, entry.kind, "", "", "-", "-", "-", "-", entry.status});
      continue;
    }
    grid.add({entry.id, entry.kind, entry.side, entry.table, std::to_string(entry.rows),
              base::human_bytes(entry.bytes), base::human_seconds(age_seconds(entry, now_us)),
              second_of(entry.expires_us), entry.status});
  }
  const auto damaged = static_cast<std::size_t>(
      std::count_if(entries.begin(), entries.end(), [](const auto& e) { return e.is_damaged(); }));
  const std::string last = count_of(entries.size(), "table kept", "tables kept") +
                           (damaged > 0 ? fmt::format(", {} damaged", damaged) : "");
  return (entries.empty() ? std::string() : join_lines(grid.lines())) + last + "\n";
}

std::string kept_json(const std::vector<KeptEntry>& entries, int exit_code) {
  json kept = json::array();
  for (const KeptEntry& entry : entries) kept.push_back(entry_json(entry));
  const json document = {{"schema_version", 1}, {"kept", kept}, {"exit_code", exit_code}};
  return document.dump(2) + "\n";
}

std::string pruned_text(const run::Pruned& pruned) {
  std::vector<std::string> lines;
  for (const std::string& id : pruned.removed) lines.push_back("removed " + id);
  for (const auto& held : pruned.held) lines.push_back("kept    " + held.id + ": " + held.reason);
  lines.push_back(fmt::format("{} removed, {} freed",
                              count_of(pruned.removed.size(), "snapshot", "snapshots"),
                              base::human_bytes(pruned.bytes)));
  return join_lines(lines);
}

std::string pruned_json(const run::Pruned& pruned) {
  json held = json::array();
  for (const auto& entry : pruned.held) {
    held.push_back({{"id", entry.id}, {"reason", entry.reason}});
  }
  const json document = {
      {"schema_version", 1}, {"removed", pruned.removed}, {"held", held}, {"bytes", pruned.bytes}};
  return document.dump(2) + "\n";
}

}  // namespace engine::report
