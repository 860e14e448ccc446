#include "run/resume.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"

namespace engine::run {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<const char*, std::int64_t Books::*>, 12> kNumbers = {{
    {"read", &Books::read},
    {"inserted", &Books::inserted},
    {"updated", &Books::updated},
    {"same", &Books::same},
    {"deleted", &Books::deleted},
    {"rejected", &Books::rejected},
    {"filtered", &Books::filtered},
    {"deduped", &Books::deduped},
    {"kept", &Books::kept},
    {"absent", &Books::absent},
    {"unmatched", &Books::unmatched},
    {"removed", &Books::removed},
}};

bool contains(const std::vector<connect::LedgerRow>& rows, const std::string& step) {
  return std::any_of(rows.begin(), rows.end(),
                     [&](const connect::LedgerRow& row) { return row.step == step; });
}

/// The table's numbers in the journal; null where it has none.
json journaled(const std::vector<state::UnitRecord>& units, const std::string& table) {
  for (const state::UnitRecord& unit : units) {
    const json detail = json::parse(unit.detail, nullptr, false);
    if (detail.is_object() && detail.contains(table)) return detail.at(table);
  }
  return nullptr;
}

std::int64_t number(const json& entry, const char* name) {
  const auto found = entry.find(name);
  return found != entry.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

void take_numbers(TableOutcome& table, const json& entry) {
  for (const auto& [name, member] : kNumbers) table.books.*member = number(entry, name);
  table.target_before = number(entry, "target_before");
  table.undo_bytes = static_cast<std::uint64_t>(number(entry, "undo_bytes"));
}

}  // namespace

std::vector<connect::LedgerRow> published_by(const Leases& leases, const std::string& run_id) {
  std::vector<connect::LedgerRow> rows;
  for (const auto& [target, lease] : leases.all()) {
    for (connect::LedgerRow& row : lease->ledger().receipts(run_id)) rows.push_back(std::move(row));
  }
  const auto undone = std::find_if(rows.begin(), rows.end(), [](const connect::LedgerRow& row) {
    return row.undone_step().has_value();
  });
  if (undone != rows.end()) {
    throw base::Error(base::Fault::kState, "E514", "run " + run_id + " was rolled back",
                      "start a new run");
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a.committed_us, a.step) < std::tie(b.committed_us, b.step);
  });
  return rows;
}

void skip_published(compile::Bound& bound, const std::vector<connect::LedgerRow>& published) {
  for (compile::BoundTable& table : bound.tables) {
    if (contains(published, table.name)) table.part = compile::Part::kDone;
  }
  for (compile::Unit& unit : bound.units) {
    std::erase_if(unit.tables, [&](std::size_t at) { return bound.tables[at].left_out(); });
  }
  std::erase_if(bound.units, [](const compile::Unit& unit) { return unit.tables.empty(); });
}

void tell_published(Outcome& outcome, const std::vector<connect::LedgerRow>& published,
                    const std::vector<state::UnitRecord>& units) {
  for (const connect::LedgerRow& row : published) {
    TableOutcome* table = outcome.table(row.step);
    if (table == nullptr) base::bug("a receipt for an unknown table " + row.step);
    const json entry = journaled(units, row.step);
    if (entry.is_object()) take_numbers(*table, entry);
    table->books.inserted = row.inserted;
    if (!entry.is_object()) {
      table->books.updated = row.updated;
      table->books.deleted = row.deleted;
      table->books.read = row.inserted + row.updated + row.deleted;
      table->notes.push_back("rows that were not written are not known: the journal was lost");
    }
    table->state = TableState::kPublished;
    table->would_create = false;
    table->created = row.created;
    table->after_digest = row.after_digest;
    table->target_after = table->target_before + row.inserted - row.deleted;
    table->notes.push_back("published before the run was interrupted");
    outcome.applied = true;
  }
}

std::string books_text(const Outcome& outcome, const std::vector<std::string>& tables) {
  json all = json::object();
  for (const std::string& name : tables) {
    const TableOutcome* table = outcome.table(name);
    if (table == nullptr) base::bug("the books of an unknown table " + name);
    json entry = {{"target_before", table->target_before}, {"undo_bytes", table->undo_bytes}};
    for (const auto& [key, member] : kNumbers) entry[key] = table->books.*member;
    all[name] = std::move(entry);
  }
  return all.dump();
}

}  // namespace engine::run
