#include "property/support/schema_oracle.h"

#include "property/support/run_facts.h"

namespace engine::testing {
namespace {

std::string list_of(const std::vector<std::string>& names, const std::string& before = "") {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + before + sql_name(name);
  return out;
}

std::string all_of(const std::vector<std::string>& names, const std::string& what) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : " AND ") + sql_name(name) + " " + what;
  }
  return "(" + out + ")";
}

std::string same(const std::vector<std::string>& names, const std::string& a,
                 const std::string& how, const std::string& b) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : " AND ") + a + "." + sql_name(name) + how + b + "." + sql_name(name);
  }
  return "(" + out + ")";
}

std::vector<std::string> names_of(const std::vector<TargetColumn>& columns) {
  std::vector<std::string> out;
  for (const TargetColumn& column : columns) out.push_back(column.name);
  return out;
}

}  // namespace

SchemaOracle::SchemaOracle(const SchemaWorld& world, const PlainDatabase& database,
                           const std::string& source)
    : world_(world), database_(database) {
  add_id_functions(database);
  database.run("ATTACH '" + source + "' AS source");
}

std::string SchemaOracle::staged(const SchemaTable& table) const {
  return "temp." + sql_name("staged " + table.name);
}

std::string SchemaOracle::chosen(const SchemaTable& table) const {
  return "temp." + sql_name("chosen " + table.name);
}

std::string SchemaOracle::image(std::size_t table) const {
  return "temp.image" + std::to_string(table);
}

/// Rows of a staged table that name a parent which the target would not have.
std::string SchemaOracle::orphans(const SchemaReference& reference) const {
  const std::vector<std::string> columns = child_columns(reference);
  return all_of(columns, "IS NOT NULL") + " AND NOT _deletes AND (" + list_of(columns) +
         ") NOT IN (SELECT * FROM " + image(reference.parent) + ")";
}

std::int64_t SchemaOracle::changes() const {
  return database_.number("SELECT changes()");
}

void SchemaOracle::stage(const SchemaTable& table) {
  std::string columns;
  for (const TargetColumn& column : target_columns(world_, table)) {
    columns += ", " + column.sql + " AS " + sql_name(column.name);
  }
  database_.run("DROP TABLE IF EXISTS " + staged(table));
  database_.run("CREATE TABLE " + staged(table) + " AS SELECT s.rowid AS _row, s.n AS _order, " +
                (table.merge.deletes ? std::string("(") + kDeletes + ") IS TRUE" : "false") +
                " AS _deletes" + columns + " FROM source." + sql_name(table.name) + " AS s" +
                (table.filtered ? std::string(" WHERE ") + kFilter : ""));
  read_[table.name] = database_.number("SELECT count(*) FROM source." + sql_name(table.name));
}

/// Of rows with one key the one that wins; all where no key tells.
void SchemaOracle::choose(const SchemaTable& table) {
  const std::vector<std::string> key = table.key();
  database_.run("DROP TABLE IF EXISTS " + chosen(table));
  const std::string rank = key.empty() ? "1"
                                       : "row_number() OVER (PARTITION BY " + list_of(key) +
                                             " ORDER BY _order DESC NULLS LAST, _row)";
  database_.run("CREATE TABLE " + chosen(table) + " AS SELECT * FROM (SELECT *, " + rank +
                " AS _rank FROM " + staged(table) + ") WHERE _rank = 1");
}

/// The keys that each table would hold after the run.
void SchemaOracle::make_images() {
  for (std::size_t i = 0; i < world_.tables().size(); ++i) {
    const SchemaTable& table = world_.tables()[i];
    choose(table);
    if (table.merge.keyless) continue;
    const std::string key = list_of(table.key());
    const std::string there = "SELECT " + key + " FROM main." + sql_name(table.name);
    const std::string come = "SELECT " + key + " FROM " + chosen(table) + " WHERE NOT _deletes";
    const std::string go = "SELECT " + key + " FROM " + chosen(table) + " WHERE _deletes";
    const SchemaMode mode = table.merge.mode;
    const bool replaces =
        mode == SchemaMode::kReplace || (mode == SchemaMode::kMirror && !table.merge.soft);
    std::string keys = there;
    if (!table.merge.soft) keys += " EXCEPT " + go;
    if (mode != SchemaMode::kUpdate) keys += " UNION " + come;
    if (replaces) keys = come;
    database_.run("DROP TABLE IF EXISTS " + image(i));
    database_.run("CREATE TABLE " + image(i) + " AS SELECT * FROM (" + keys + ") WHERE " +
                  all_of(table.key(), "IS NOT NULL"));
  }
}

bool SchemaOracle::reject_orphans() {
  std::int64_t gone = 0;
  for (const SchemaTable& table : world_.tables()) {
    for (const SchemaReference& reference : table.references) {
      if (reference.on_orphan != Orphan::kReject) continue;
      database_.run("DELETE FROM " + staged(table) + " WHERE " + orphans(reference));
      gone += changes();
    }
  }
  return gone > 0;
}

/// A row that goes may leave others without their parent.
void SchemaOracle::settle() {
  for (const SchemaTable& table : world_.tables()) stage(table);
  for (const SchemaTable& table : world_.tables()) judge_ids(table);
  make_images();
  while (reject_orphans()) make_images();
}

void SchemaOracle::judge_ids(const SchemaTable& table) {
  if (!table.map || world_.map(table).method == IdMethod::kKeep) return;
  std::vector<std::string> from;
  for (std::size_t i = 0; i < table.keys; ++i) from.push_back(table.columns[i].name);
  const std::string source = " FROM " + staged(table) + " AS t JOIN source." +
                             sql_name(table.name) + " AS s ON s.rowid = t._row WHERE " +
                             "t.id IS NOT NULL";
  const std::string keys =
      "SELECT count(*) FROM (SELECT DISTINCT " + list_of(from, "s.") + source + ")";
  if (database_.number(keys) != database_.number("SELECT count(DISTINCT t.id)" + source)) {
    refusals_.insert("E426");
  }
}

void SchemaOracle::judge_rejects(const SchemaTable& table, std::int64_t read) {
  const std::int64_t left = database_.number("SELECT count(*) FROM " + staged(table));
  const std::int64_t passed =
      database_.number("SELECT count(*) FROM source." + sql_name(table.name) +
                       (table.filtered ? std::string(" WHERE ") + kFilter : ""));
  const std::int64_t rejected = passed - left;
  std::int64_t most = 0;
  if (!table.max_rejects.empty()) {
    most = table.max_rejects.front() == '{' ? read : std::stoll(table.max_rejects);
  }
  if (rejected > most) refusals_.insert("E414");
}

void SchemaOracle::judge_references(const SchemaTable& table) {
  for (const SchemaReference& reference : table.references) {
    if (reference.on_orphan == Orphan::kReject) continue;
    const std::int64_t count =
        database_.number("SELECT count(*) FROM " + staged(table) + " WHERE " + orphans(reference));
    const bool counted = !reference.most.empty() && reference.most != "100%";
    const bool fails = reference.on_orphan == Orphan::kFail;
    if (fails ? count > 0 : counted && count > std::stoll(reference.most)) {
      refusals_.insert("E408");
    }
  }
}

void SchemaOracle::empty_orphans(const SchemaTable& table) {
  for (const SchemaReference& reference : table.references) {
    if (reference.on_orphan != Orphan::kNull) continue;
    std::string nothing;
    for (const std::string& column : child_columns(reference)) {
      nothing += (nothing.empty() ? "" : ", ") + sql_name(column) + " = NULL";
    }
    database_.run("UPDATE " + staged(table) + " SET " + nothing + " WHERE " + orphans(reference));
  }
}

void SchemaOracle::judge_keys(const SchemaTable& table) {
  if (table.merge.keyless) return;
  const std::vector<std::string> key = table.key();
  const std::string rows = "SELECT count(*) FROM " + staged(table);
  const std::string whole = " WHERE " + all_of(key, "IS NOT NULL");
  if (database_.number(rows) != database_.number(rows + whole)) refusals_.insert("E401");
  const std::int64_t distinct =
      database_.number("SELECT count(*) FROM (SELECT DISTINCT " + list_of(key) + " FROM " +
                       staged(table) + whole + ")");
  if (!table.merge.dedupe && database_.number(rows + whole) != distinct) refusals_.insert("E402");
  if (!table.merge.dedupe) return;
  const std::int64_t ties = database_.number(
      "SELECT count(*) FROM " + chosen(table) + " AS a JOIN " + staged(table) + " AS b ON " +
      same(key, "a", " = ", "b") + " WHERE a._order IS b._order AND NOT " +
      same(names_of(target_columns(world_, table)), "a", " IS ", "b"));
  if (ties > 0) refusals_.insert("E413");
}

void SchemaOracle::judge() {
  for (const SchemaTable& table : world_.tables()) {
    judge_rejects(table, read_.at(table.name));
    judge_references(table);
  }
  for (const SchemaTable& table : world_.tables()) {
    empty_orphans(table);
    choose(table);
    judge_keys(table);
  }
}

void SchemaOracle::remove(const SchemaTable& table) {
  const std::string name = "main." + sql_name(table.name);
  const SchemaMode mode = table.merge.mode;
  const std::vector<std::string> key = table.key();
  const std::string keys = "(" + list_of(key) + ")";
  const std::string away = table.merge.soft ? "UPDATE " + name + " SET gone = '" +
                                                  DeletionTimes::kNow + "' WHERE gone IS NULL AND "
                                            : "DELETE FROM " + name + " WHERE ";
  const std::string known = "SELECT " + list_of(key) + " FROM " + chosen(table) + " WHERE " +
                            (key.empty() ? "true" : all_of(key, "IS NOT NULL"));
  if (mode == SchemaMode::kAppend) return;
  if (table.merge.keyless) return database_.run("DELETE FROM " + name);
  if (mode == SchemaMode::kMirror || mode == SchemaMode::kReplace) {
    database_.run(away + keys + " NOT IN (" + known + ")");
  }
  database_.run(away + keys + " IN (" + known + " AND _deletes)");
}

void SchemaOracle::update(const SchemaTable& table) {
  const SchemaMerge& merge = table.merge;
  if (merge.keyless || merge.mode == SchemaMode::kInsert || merge.matched == Matched::kKeep) return;
  std::string sets = merge.soft ? "gone = NULL" : "";
  for (const TargetColumn& column : target_columns(world_, table)) {
    if (column.in_key || (merge.matched == Matched::kColumns && column.name != "t")) continue;
    sets += (sets.empty() ? "" : ", ") + sql_name(column.name) + " = c." + sql_name(column.name);
  }
  database_.run(
      "UPDATE main." + sql_name(table.name) + " AS t SET " + sets + " FROM " + chosen(table) +
      " AS c WHERE " + same(table.key(), "t", " = ", "c") + " AND NOT c._deletes" +
      (merge.matched == Matched::kNewest ? " AND (c.n > t.n OR (t.n IS NULL AND c.n IS NOT NULL))"
                                         : ""));
}

void SchemaOracle::insert(const SchemaTable& table) {
  if (table.merge.mode == SchemaMode::kUpdate) return;
  const std::string columns = list_of(names_of(target_columns(world_, table)));
  std::string sql = "INSERT INTO main." + sql_name(table.name) + " (" + columns + ") SELECT " +
                    columns + " FROM " + chosen(table) + " WHERE NOT _deletes";
  if (!table.merge.keyless) {
    const std::string key = list_of(table.key());
    sql += " AND (" + key + ") NOT IN (SELECT " + key + " FROM main." + sql_name(table.name) + ")";
  }
  database_.run(sql);
}

void SchemaOracle::merge(const SchemaTable& table) {
  remove(table);
  update(table);
  insert(table);
}

/// A foreign key of the target's own that leads nowhere.
void SchemaOracle::judge_declared() {
  for (const SchemaTable& table : world_.tables()) {
    for (const SchemaReference& reference : table.references) {
      if (!reference.declared) continue;
      const SchemaTable& parent = world_.tables()[reference.parent];
      const std::vector<std::string> columns = child_columns(reference);
      const std::int64_t lost = database_.number(
          "SELECT count(*) FROM main." + sql_name(table.name) + " WHERE " +
          all_of(columns, "IS NOT NULL") + " AND (" + list_of(columns) + ") NOT IN (SELECT " +
          list_of(parent.key()) + " FROM main." + sql_name(parent.name) + ")");
      if (lost > 0) refusals_.insert("E414");
    }
  }
}

std::set<std::string> SchemaOracle::run() {
  refusals_.clear();
  database_.run("BEGIN");
  settle();
  judge();
  if (refusals_.empty()) {
    for (const SchemaTable& table : world_.tables()) merge(table);
    judge_declared();
  }
  database_.run(refusals_.empty() ? "COMMIT" : "ROLLBACK");
  return refusals_;
}

/// Rows of the former target keep the rules of its own foreign keys.
void SchemaOracle::heal() {
  std::int64_t gone = 1;
  while (gone > 0) {
    gone = 0;
    for (const SchemaTable& table : world_.tables()) {
      for (const SchemaReference& reference : table.references) {
        if (!reference.declared) continue;
        const SchemaTable& parent = world_.tables()[reference.parent];
        const std::vector<std::string> columns = child_columns(reference);
        database_.run("DELETE FROM main." + sql_name(table.name) + " WHERE " +
                      all_of(columns, "IS NOT NULL") + " AND (" + list_of(columns) +
                      ") NOT IN (SELECT " + list_of(parent.key()) + " FROM main." +
                      sql_name(parent.name) + ")");
        gone += changes();
      }
    }
  }
}

void SchemaOracle::put() {
  database_.run("BEGIN");
  for (const SchemaTable& table : world_.tables()) {
    stage(table);
    choose(table);
    const std::string columns = list_of(names_of(target_columns(world_, table)));
    database_.run("INSERT INTO main." + sql_name(table.name) + " (" + columns + ") SELECT " +
                  columns + " FROM " + chosen(table));
    if (table.merge.soft) {
      database_.run("UPDATE main." + sql_name(table.name) +
                    " SET gone = '2020-01-01T00:00:00Z' WHERE n % 5 = 0");
    }
  }
  heal();
  database_.run("COMMIT");
}

}  // namespace engine::testing
