#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/text.h"
#include "compile/bound.h"
#include "compile/expand.h"
#include "compile/graph.h"
#include "compile/partial.h"
#include "connectors/declared.h"
#include "unit/plan_files.h"

/// The table "What combines with what" of plans/README.md, cell by cell: what it says is what the
/// compiler does.
namespace engine::compile {
namespace {

using connect::ColumnInfo;
using connect::TableInfo;
using data::Kind;
using data::Type;
using Names = std::vector<std::string>;

struct Cell {
  std::string row, mode, expected;
};

std::string plain(std::string_view cell) {
  std::string out;
  for (const char letter : base::trim_spaces(cell)) {
    if (letter != '`') out += letter;
  }
  return out;
}

std::vector<Names> table_rows() {
  std::ifstream file(ENGINE_SOURCE_DIR "/plans/README.md");
  std::string line;
  std::vector<Names> rows;
  while (std::getline(file, line) && line != "## What combines with what") continue;
  while (std::getline(file, line) && !line.starts_with("## ")) {
    if (!line.starts_with("|")) continue;
    Names cells;
    for (const std::string& cell : base::split(line.substr(1, line.size() - 2), '|')) {
      cells.push_back(plain(cell));
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::vector<Cell> cells() {
  const std::vector<Names> rows = table_rows();
  std::vector<Cell> out;
  for (std::size_t row = 2; row < rows.size(); ++row) {
    for (std::size_t column = 1; column < rows[row].size(); ++column) {
      out.push_back({rows[row][0], rows[0][column], rows[row][column]});
    }
  }
  return out;
}

/// What a row of the table means in a plan: keys of `merge`, and keys of the table. A row says by
/// its own words that there is no key, that a pattern takes the table, and that the run is partial.
struct Words {
  std::string merge, table;
};

bool says(const Cell& cell, std::string_view words) {
  return cell.row.find(words) != std::string::npos;
}

const std::map<std::string, Words>& words() {
  static const std::map<std::string, Words> kWords = {
      {"key", {}},
      {"no key", {}},
      {"dedupe", {"dedupe: {order_by: n}", ""}},
      {"dedupe, no key", {"dedupe: {order_by: n}", ""}},
      {"unchanged: skip", {"unchanged: skip", ""}},
      {"unchanged: write", {"unchanged: write", ""}},
      {"unchanged: write, no key", {"unchanged: write", ""}},
      {"when_matched: update", {"when_matched: update", ""}},
      {"when_matched: keep", {"when_matched: keep", ""}},
      {"when_matched: newest, newest", {"when_matched: newest, newest: {by: n}", ""}},
      {"when_matched: newest alone", {"when_matched: newest", ""}},
      {"newest alone", {"newest: n", ""}},
      {"columns", {"columns: [n]", ""}},
      {"columns, when_matched: keep", {"columns: [n], when_matched: keep", ""}},
      {"columns with a column of the key", {"columns: [id]", ""}},
      {"deleted_when", {"deleted_when: n = 1", ""}},
      {"delete: hard", {"delete: hard", ""}},
      {"delete: soft, deleted_at", {"delete: soft, deleted_at: gone", ""}},
      {"delete: soft alone", {"delete: soft", ""}},
      {"deleted_at alone", {"deleted_at: gone", ""}},
      {"exclusive: true", {"exclusive: true", ""}},
      {"guard: all four",
       {"", "guard: {max_delete: 1, max_update: 5%, max_insert: 1, min_source_rows: 50%}"}},
      {"dedupe, deleted_when", {"dedupe: {order_by: n}, deleted_when: n = 1", ""}},
      {"dedupe, when_matched: newest, newest",
       {"dedupe: {order_by: n}, when_matched: newest, newest: {by: n}", ""}},
      {"delete: soft, deleted_at, deleted_when",
       {"delete: soft, deleted_at: gone, deleted_when: n = 1", ""}},
      {"delete: soft, deleted_at, columns", {"delete: soft, deleted_at: gone, columns: [n]", ""}},
      {"max_rejects", {"", "max_rejects: 10"}},
      {"max_rejects, check on_fail: reject",
       {"", "max_rejects: 10, checks: [{not_null: {columns: [n], on_fail: reject}}]"}},
      {"on_orphan: fail", {"", "references: {n: {to: parent, on_orphan: fail}}"}},
      {"on_orphan: null", {"", "references: {n: {to: parent, on_orphan: null}}"}},
      {"on_orphan: null, no key", {"", "references: {n: {to: parent, on_orphan: null}}"}},
      {"on_orphan: null in a column of the key",
       {"", "references: {id: {to: parent, on_orphan: null}}"}},
      {"on_orphan: keep", {"", "references: {n: {to: parent, on_orphan: keep}}"}},
      {"max_rejects, on_orphan: reject",
       {"", "max_rejects: 10, references: {n: {to: parent, on_orphan: reject}}"}},
      {"on_orphan: fail, max_orphans",
       {"", "references: {n: {to: parent, on_orphan: fail, max_orphans: 1}}"}},
      {"on_orphan: keep, max_orphans",
       {"", "references: {n: {to: parent, on_orphan: keep, max_orphans: 1%}}"}},
      {"a new id in the key", {"", "columns: {id: {id: fresh}}"}},
      {"key: catalog", {}},
      {"a pattern, key: catalog", {}},
      {"a pattern, to", {"", "to: made"}},
      {"a partial run: limit, --limit, --only with a key", {}},
      {"a partial run, dedupe", {"dedupe: {order_by: n}", ""}},
      {"a partial run, delete: soft, deleted_at", {"delete: soft, deleted_at: gone", ""}},
      {"a partial run, a pattern, key: catalog", {}},
      {"schema, create: if_missing",
       {"", "from: t, to: made, schema: {columns: {id: int64, n: int64}}, create: if_missing"}},
      {"schema, create: if_missing, no key",
       {"", "from: t, to: made, schema: {columns: {id: int64, n: int64}}, create: if_missing"}},
      {"freshness", {"", "freshness: {column: n, error_after: 1d}"}},
      {"check stage: published, scope: run",
       {"", "checks: [{not_null: {columns: [n], stage: published}}]"}},
      {"the same, no key", {"", "checks: [{not_null: {columns: [n], stage: published}}]"}},
  };
  return kWords;
}

std::string plan_of(const Cell& cell) {
  const Words& said = words().at(cell.row);
  std::string out =
      "version: 1\nname: combined\nconnections: {a: {type: sqlite, path: a.db}, b: {type: sqlite, "
      "path: b.db}}\ndefaults: {source: a, target: b}\n";
  if (says(cell, "new id")) out += "ids: {fresh: {from: [id], format: int63}}\n";
  out += "tables:\n  parent: {key: id}\n";
  out += says(cell, "a pattern") ? "  \"t*\":\n" : "  t:\n";
  if (!says(cell, "no key")) out += says(cell, "catalog") ? "    key: catalog\n" : "    key: id\n";
  out += "    merge: {mode: " + cell.mode + (said.merge.empty() ? "" : ", " + said.merge) + "}\n";
  // One key of the table a line.
  std::string table = said.table;
  for (const char* key : {", to: ", ", schema: ", ", create: ", ", checks: ", ", references: "}) {
    const std::size_t at = table.find(key);
    if (at != std::string::npos) table.replace(at, 2, "\n    ");
  }
  return out + (table.empty() ? "" : "    " + table + "\n");
}

ColumnInfo column(const std::string& name, Type type) {
  ColumnInfo info;
  info.name = name;
  info.type = type;
  return info;
}

TableInfo table(const std::string& name, bool at_target) {
  TableInfo info;
  info.name = name;
  info.primary_key = {"id"};
  info.row_numbers = true;
  info.columns = {column("id", Type::of(Kind::kInt64)), column("n", Type::of(Kind::kInt64))};
  if (at_target) info.columns.push_back(column("gone", Type::timestamp(true)));
  return info;
}

Surroundings surroundings() {
  Surroundings around;
  connect::Capabilities able;
  able.writes = able.tables_together = able.live_publish = able.ordered_read = able.deletes = true;
  around.capabilities = {{"a", able}, {"b", able}};
  around.identities = {{"a", "file a"}, {"b", "file b"}};
  around.fits = [](const std::string&, const ColumnInfo&, const Type&) {
    return connect::Connection::Fit{true, ""};
  };
  for (const char* name : {"t", "parent"}) {
    around.catalog.tables[{"a", name}] = table(name, false);
    around.catalog.tables[{"b", name}] = table(name, true);
  }
  around.catalog.tables[{"b", "made"}] = std::nullopt;
  return around;
}

std::string codes_of(const base::Diagnostics& diagnostics) {
  std::set<std::string> codes;
  for (const base::Diagnostic& one : diagnostics.all()) codes.insert(one.code);
  return codes.empty() ? "ok" : base::join(Names(codes.begin(), codes.end()), " ");
}

/// Of a run that takes some rows only.
std::string code_of_partial(Bound& bound) {
  bound.partial = true;
  for (BoundTable& one : bound.tables) {
    one.part = one.name == "t" ? Part::kChosen : Part::kNone;
  }
  try {
    leave_out(bound);
    return "ok";
  } catch (const base::Error& error) {
    return error.code();
  }
}

/// The codes of all mistakes, each once; "ok" when there are none.
std::string codes_of(const Cell& cell, const std::string& text) {
  plan::PlanFolder folder;
  plan::PlanRead read = plan::read_whole(folder.write("plan.yaml", text));
  if (!read.codes().empty()) return read.codes();
  if (!read.plan->not_available.empty()) return "not available";
  base::Diagnostics diagnostics;
  const Listing listing{{{"a", {{"parent", "t"}, {}}}}};
  const plan::Plan plan = expand(*read.plan, listing, diagnostics).plan;
  Graph graph = compile(plan, diagnostics);
  Bound bound = bind(plan, std::move(graph), surroundings(), diagnostics);
  const bool whole = !says(cell, "partial") || !diagnostics.all().empty();
  return whole ? codes_of(diagnostics) : code_of_partial(bound);
}

TEST(Combinations, EveryCellOfTheTableIsWhatItSays) {
  const std::vector<Cell> all = cells();
  EXPECT_GT(all.size(), 290U);
  for (const Cell& cell : all) {
    ASSERT_TRUE(words().contains(cell.row)) << "no plan for the row '" << cell.row << "'";
    const std::string plan = plan_of(cell);
    const std::string codes = codes_of(cell, plan);
    // A mistake may bring others with it; the one that the table names must be among them.
    const bool right =
        cell.expected == "ok" ? codes == "ok" : codes.find(cell.expected) != std::string::npos;
    EXPECT_TRUE(right) << cell.mode << " with " << cell.row << ": " << codes << " instead of "
                       << cell.expected << "\n"
                       << plan;
  }
}

TEST(Combinations, EveryRowThatATestKnowsIsInTheTable) {
  std::set<std::string> rows;
  for (const Cell& cell : cells()) rows.insert(cell.row);
  for (const auto& [row, said] : words()) EXPECT_TRUE(rows.contains(row)) << row;
}

}  // namespace
}  // namespace engine::compile
