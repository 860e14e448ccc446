#include "fault/support/world.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace engine::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kTables[] =
    "CREATE TABLE houses (id INTEGER PRIMARY KEY, street TEXT);"
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, house INTEGER);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER, note TEXT, total REAL);";

constexpr char kSourceRows[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)"
    " INSERT INTO houses SELECT i, 'street ' || i FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90)"
    " INSERT INTO people SELECT i * 2, 'name of ' || i, 1 + i % 12 FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)"
    " INSERT INTO orders SELECT i, 2 * (1 + i % 90), 'order ' || i, i / 7.0 FROM n;";

constexpr char kTargetRows[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6)"
    " INSERT INTO houses SELECT i, 'road ' || i FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)"
    " INSERT INTO people SELECT i, 'former ' || i, 1 + i % 6 FROM n;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)"
    " INSERT INTO orders SELECT i * 2, i, 'order ' || i * 2, i * 2 / 7.0 FROM n;";

std::string head(const std::string& connector, const std::string& run) {
  const std::string into =
      connector == "files" ? "{type: files, root: out}" : "{type: sqlite, path: target.db}";
  return "version: 1\nname: faults\nconnections: {from: {type: sqlite, path: source.db}, into: " +
         into + "}\nrun: {workers: 1, " + run + "}\ndefaults: {source: from, target: into}\n";
}

World sqlite_world(const std::string& name, const std::string& plan) {
  World world;
  world.connector = "sqlite";
  world.name = name;
  world.plan = plan;
  world.source_sql = std::string(kTables) + kSourceRows;
  world.target_sql = std::string(kTables) + kTargetRows;
  world.keys = {{"houses", {"id"}}, {"people", {"id"}}, {"orders", {"id"}}};
  return world;
}

std::vector<World> sqlite_worlds() {
  World upsert =
      sqlite_world("upsert", head("sqlite", "atomic: table") + "tables:\n  people: {key: id}\n");
  upsert.units = {{"people"}};
  World mirror = sqlite_world(
      "mirror", head("sqlite", "atomic: table") +
                    "tables:\n"
                    "  people: {key: id, merge: {mode: mirror}}\n"
                    "  orders: {key: id, references: {person: people}, merge: {mode: mirror}}\n"
                    "  houses: {merge: {mode: replace}}\n");
  mirror.units = {{"people"}, {"orders"}, {"houses"}};
  World references = sqlite_world(
      "references", head("sqlite", "atomic: plan") +
                        "ids:\n  new: {from: [id], format: int63}\n"
                        "tables:\n"
                        "  houses: {key: id, columns: {id: {id: new}, \"*\": keep}}\n"
                        "  people: {key: id, columns: {id: {id: new}, \"*\": keep}, references: "
                        "{house: {to: houses, via: new}}}\n"
                        "  orders: {key: id, columns: {id: {id: new}, \"*\": keep}, references: "
                        "{person: {to: people, via: new}}}\n"
                        "  copies: {from: {table: orders}, key: id, create: if_missing}\n");
  references.units = {{"houses", "people", "orders", "copies"}};
  references.keys.emplace("copies", std::vector<std::string>{"id"});
  // Rows that are appended twice are there twice.
  World append = sqlite_world(
      "append", head("sqlite", "atomic: table") +
                    "tables:\n  people: {key: id}\n  orders: {merge: {mode: append}}\n");
  append.target_sql = std::string(kTables) + kTargetRows;
  append.keys.erase("orders");
  append.units = {{"people"}, {"orders"}};
  for (std::string* const sql : {&append.source_sql, &append.target_sql}) {
    const std::string unique = "orders (id INTEGER PRIMARY KEY,";
    sql->replace(sql->find(unique), unique.size(), "orders (id INTEGER,");
  }
  return {upsert, mirror, references, append};
}

World files_world(const std::string& name, const std::string& plan,
                  std::vector<std::vector<std::string>> units) {
  World world;
  world.connector = "files";
  world.name = name;
  world.plan = plan;
  world.source_sql = std::string(kTables) + kSourceRows;
  world.files = {{"people.csv", "id,name,house\n1,former,1\n"},
                 {"old/orders.ndjson", "{\"id\": 1}\n"}};
  world.units = std::move(units);
  return world;
}

std::string replace(const std::string& table, const std::string& file, const std::string& more) {
  return "  " + table + ": {key: id, to: {file: " + file + "}, merge: {mode: replace}" + more +
         "}\n";
}

std::vector<World> files_worlds() {
  // A file is never half: that several change as one holds from the next command on, which finishes
  // what a killed one began.
  return {
      files_world(
          "one", head("files", "atomic: table") + "tables:\n" + replace("people", "people.csv", ""),
          {{"people.csv"}}),
      files_world("each",
                  head("files", "atomic: table") + "tables:\n" +
                      replace("people", "people.csv", "") +
                      replace("orders", "old/orders.ndjson", "") +
                      replace("houses", "new/houses.csv.gz", ""),
                  {{"people.csv"}, {"old/orders.ndjson"}, {"new/houses.csv.gz"}}),
      files_world(
          "together",
          head("files", "atomic: plan") + "ids:\n  new: {from: [id], format: int63}\ntables:\n" +
              replace("houses", "new/houses.json", ", columns: {id: {id: new}, \"*\": keep}") +
              replace("people", "people.csv",
                      ", columns: {id: {id: new}, \"*\": keep}, references: {house: {to: houses, "
                      "via: new}}") +
              replace("orders", "old/orders.ndjson",
                      ", columns: {id: {id: new}, \"*\": keep}, references: {person: {to: people, "
                      "via: new}}"),
          {{"new/houses.json"}, {"people.csv"}, {"old/orders.ndjson"}}),
  };
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The folders without the engine's own.
Contents files_beneath(const fs::path& root, bool all) {
  Contents out;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator();
       ++at) {
    if (at->path().filename() == ".engine") at.disable_recursion_pending();
    const bool aside = at->path().filename().string().starts_with(".");
    if (!at->is_regular_file() || (aside && !all)) continue;
    out[at->path().lexically_relative(root).string()] = {{"bytes", bytes_of(at->path())}};
  }
  return out;
}

}  // namespace

std::vector<World> worlds(const std::string& connector) {
  if (connector == "sqlite") return sqlite_worlds();
  if (connector == "files") return files_worlds();
  throw std::runtime_error("no plans for targets of type " + connector);
}

void make_world(const World& world, const fs::path& folder) {
  write(folder / "plan.yaml", world.plan);
  PlainDatabase(folder / "source.db").run(world.source_sql);
  if (world.connector == "sqlite") PlainDatabase(folder / "target.db").run(world.target_sql);
  for (const auto& [name, bytes] : world.files) write(folder / "out" / name, bytes);
}

Contents target_of(const World& world, const fs::path& folder, const fs::path& aside, bool all) {
  if (world.connector == "files") return files_beneath(folder / "out", all);
  fs::remove_all(aside);
  fs::create_directories(aside);
  for (const std::string end : {"", "-journal", "-wal"}) {
    const fs::path from = folder / ("target.db" + end);
    if (fs::exists(from)) fs::copy_file(from, aside / from.filename());
  }
  return PlainDatabase(aside / "target.db").contents(world.keys);
}

}  // namespace engine::testing
