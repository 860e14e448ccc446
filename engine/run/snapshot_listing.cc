#include "run/snapshot_listing.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "base/error.h"
#include "state/snapshot.h"

namespace engine::run {
namespace {

constexpr const char* kFullCopy = "full copy";
constexpr const char* kBeforeImages = "before images";

std::string damage_of(const std::filesystem::path& folder, const state::KeptTable& table,
                      bool read_back) {
  if (table.missing) return {};
  std::error_code gone;
  const auto size = std::filesystem::file_size(folder / table.file, gone);
  if (gone) return table.file + " is gone";
  if (!read_back) return size == table.bytes ? std::string() : table.file + " has another size";
  try {
    state::verify_table(folder, table);
  } catch (const base::Error& error) {
    return error.message();
  }
  return {};
}

KeptEntry entry_of(const state::Snapshot& snapshot, const state::KeptTable& table,
                   const std::string& damage, std::int64_t now_us, bool read_back) {
  KeptEntry entry;
  entry.id = snapshot.id;
  entry.kind = kFullCopy;
  entry.side = state::side_name(table.side);
  entry.table = table.table;
  entry.place = table.connection + "." + table.physical;
  entry.rows = table.is_file ? 0 : static_cast<std::int64_t>(table.rows);
  entry.bytes = table.bytes;
  entry.created_us = snapshot.created_us;
  entry.expires_us = snapshot.expires_us;
  const bool expired = snapshot.expires_us <= now_us;
  entry.status = !damage.empty() ? "damaged: " + damage
                 : table.missing ? "there was no such table"
                 : read_back     ? (expired ? "good, expired" : "good")
                 : expired       ? "expired"
                                 : "kept";
  return entry;
}

KeptEntry unreadable(const std::string& id, const std::string& why) {
  KeptEntry entry;
  entry.id = id;
  entry.kind = kFullCopy;
  entry.status = "damaged: " + why;
  return entry;
}

void add_copy(const std::filesystem::path& state_dir, const std::string& id, std::int64_t now_us,
              bool read_back, std::vector<KeptEntry>& entries) {
  try {
    const state::Snapshot snapshot = state::read_snapshot(state_dir, id);
    const auto folder = state::snapshot_folder(state_dir, id);
    for (const state::KeptTable& table : snapshot.tables) {
      entries.push_back(
          entry_of(snapshot, table, damage_of(folder, table, read_back), now_us, read_back));
    }
    if (read_back) state::verify_folder(folder, snapshot);
  } catch (const base::Error& error) {
    if (error.code() != "E503" && error.code() != "E504") throw;
    entries.push_back(unreadable(id, error.message()));
  }
}

std::string state_of(const connect::LedgerRow& row, const std::set<std::string>& undone,
                     std::int64_t now_us) {
  if (undone.contains(row.run_id + "/" + row.step)) return "undone";
  return row.undo_expires_us.value_or(0) <= now_us ? "expired" : "kept";
}

}  // namespace

std::vector<KeptEntry> kept_copies(const std::filesystem::path& state_dir,
                                   const std::vector<std::string>& ids, std::int64_t now_us,
                                   bool read_back) {
  std::vector<KeptEntry> entries;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    add_copy(state_dir, *id, now_us, read_back, entries);
  }
  return entries;
}

std::vector<KeptEntry> kept_before_images(const compile::Graph& graph, Session& session,
                                          std::int64_t now_us) {
  std::vector<KeptEntry> entries;
  for (const std::string& target : graph.targets()) {
    const auto rows = session.target(target).ledger()->receipts("");
    std::set<std::string> undone;
    for (const connect::LedgerRow& row : rows) {
      if (const auto step = row.undone_step()) undone.insert(row.run_id + "/" + *step);
    }
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      const std::int64_t changed = row->inserted + row->updated + row->deleted;
      if (row->undone_step() || changed == 0) continue;
      entries.push_back({row->run_id, kBeforeImages, "target", row->step, target + "." + row->table,
                         changed, row->undo_bytes, row->committed_us,
                         row->undo_expires_us.value_or(row->committed_us),
                         state_of(*row, undone, now_us)});
    }
  }
  return entries;
}

}  // namespace engine::run
