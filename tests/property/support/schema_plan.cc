#include <algorithm>

#include "property/support/schema_world.h"

namespace engine::testing {
namespace {

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + quoted(name);
  return "[" + out + "]";
}

std::string sql_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + sql_name(name);
  return out;
}

std::string declared(ValueKind kind) {
  switch (kind) {
    case ValueKind::kText:
      return "TEXT";
    case ValueKind::kBytes:
      return "BLOB";
    case ValueKind::kReal:
      return "REAL";
    default:
      return "INTEGER";
  }
}

std::string id_type(const SchemaMap& map, ValueKind kind) {
  if (map.method == IdMethod::kKeep) return declared(kind);
  return map.format == "int63" ? "INTEGER" : "TEXT";
}

std::string map_text(const SchemaMap& map) {
  static const std::map<IdMethod, std::string> kMethods = {
      {IdMethod::kSha256, "sha256"}, {IdMethod::kHmac, "hmac_sha256"}, {IdMethod::kKeep, "keep"}};
  std::string out =
      "  " + map.name + ": {from: " + list_of(map.from) + ", method: " + kMethods.at(map.method);
  if (!map.name_space.empty()) out += ", namespace: " + quoted(map.name_space);
  if (map.method != IdMethod::kKeep) out += ", format: " + quoted(map.format);
  if (map.method == IdMethod::kHmac) out += ", key: \"${secret:ENGINE_PROPERTY_ID_KEY}\"";
  return out + "}\n";
}

std::string merge_text(const SchemaMerge& merge) {
  static const std::map<SchemaMode, std::string> kModes = {
      {SchemaMode::kUpsert, "upsert"},   {SchemaMode::kInsert, "insert"},
      {SchemaMode::kUpdate, "update"},   {SchemaMode::kMirror, "mirror"},
      {SchemaMode::kReplace, "replace"}, {SchemaMode::kAppend, "append"}};
  std::string out = "mode: " + kModes.at(merge.mode);
  if (merge.matched == Matched::kKeep) out += ", when_matched: keep";
  if (merge.matched == Matched::kNewest) out += ", when_matched: newest, newest: n";
  if (merge.matched == Matched::kColumns) out += ", columns: t";
  if (merge.soft) out += ", delete: soft, deleted_at: gone";
  if (merge.dedupe) out += ", dedupe: {order_by: n desc}";
  if (merge.deletes) out += std::string(", deleted_when: ") + kDeletes;
  return "    merge: {" + out + "}\n";
}

std::string reference_text(const SchemaWorld& world, const SchemaReference& reference) {
  static const std::map<Orphan, std::string> kOrphans = {{Orphan::kFail, "fail"},
                                                         {Orphan::kNull, "null"},
                                                         {Orphan::kKeep, "keep"},
                                                         {Orphan::kReject, "reject"}};
  const SchemaTable& parent = world.tables()[reference.parent];
  std::string out = "columns: " + list_of(reference.columns) + ", to: " + quoted(parent.name);
  if (parent.map) out += ", via: " + world.map(parent).name;
  if (!reference.into.empty()) out += ", into: " + reference.into;
  out += ", on_orphan: " + kOrphans.at(reference.on_orphan);
  if (!reference.most.empty()) out += ", max_orphans: " + reference.most;
  return "      - {" + out + "}\n";
}

bool is_own_key(const SchemaTable& table, std::size_t column) {
  return table.map && column < table.keys;
}

/// The columns that went into a new id and that the target does not have.
bool is_left_out(const SchemaTable& table, const std::string& column) {
  return std::any_of(table.references.begin(), table.references.end(), [&](const auto& one) {
    const auto& names = one.columns;
    return !one.parts_kept && std::find(names.begin(), names.end(), column) != names.end();
  });
}

/// The reference that fills its own only column anew.
const SchemaReference* remapping(const SchemaWorld& world, const SchemaTable& table,
                                 const std::string& column) {
  for (const SchemaReference& one : table.references) {
    if (one.into.empty() && is_remapped(world, one) && one.columns[0] == column) return &one;
  }
  return nullptr;
}

TargetColumn remapped(const SchemaWorld& world, const SchemaTable& table,
                      const SchemaReference& reference) {
  const SchemaTable& parent = world.tables()[reference.parent];
  std::vector<IdPart> parts;
  for (const std::string& name : reference.columns) {
    const ValueKind kind = table.columns[table.column(name)].kind;
    parts.push_back({"s." + sql_name(name), kind, reference.digits});
  }
  const SchemaMap& map = world.map(parent);
  return {child_columns(reference)[0], id_sql(map, parent.name, parts),
          id_type(map, parent.columns[0].kind), reference.in_key};
}

TargetColumn own_id(const SchemaWorld& world, const SchemaTable& table) {
  std::vector<IdPart> parts;
  for (std::size_t i = 0; i < table.keys; ++i) {
    parts.push_back({"s." + sql_name(table.columns[i].name), table.columns[i].kind, false});
  }
  const SchemaMap& map = world.map(table);
  return {"id", id_sql(map, table.name, parts), id_type(map, table.columns[0].kind), true};
}

}  // namespace

std::vector<TargetColumn> target_columns(const SchemaWorld& world, const SchemaTable& table) {
  std::vector<TargetColumn> out;
  if (table.map) out.push_back(own_id(world, table));
  for (const SchemaReference& one : table.references) {
    if (!one.into.empty()) out.push_back(remapped(world, table, one));
  }
  const std::vector<std::string> key = table.key();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const SchemaColumn& column = table.columns[i];
    if (is_left_out(table, column.name) || (is_own_key(table, i) && table.keys == 1)) continue;
    if (const SchemaReference* one = remapping(world, table, column.name)) {
      out.push_back(remapped(world, table, *one));
      continue;
    }
    const bool in_key = std::find(key.begin(), key.end(), column.name) != key.end();
    out.push_back({column.name, "s." + sql_name(column.name), declared(column.kind), in_key});
  }
  return out;
}

std::string SchemaWorld::plan_of(const SchemaTable& table) const {
  std::string out = "  " + quoted(table.name) + ":\n";
  if (!table.merge.keyless) out += "    key: " + list_of(table.key()) + "\n";
  if (table.filtered) {
    out += "    from: {table: " + quoted(table.name) + ", where: " + quoted(kFilter) + "}\n";
  }
  if (table.map) out += "    columns: {id: {id: " + maps_[*table.map].name + "}}\n";
  if (!table.references.empty()) out += "    references:\n";
  for (const SchemaReference& one : table.references) out += reference_text(*this, one);
  if (!table.max_rejects.empty()) out += "    max_rejects: " + table.max_rejects + "\n";
  return out + merge_text(table.merge);
}

std::string SchemaWorld::plan() const {
  std::string out =
      "version: 1\nname: random\nconnections: {from: {type: sqlite, path: source.db}, into: {type: "
      "sqlite, path: target.db}}\nrun: {atomic: " +
      std::string(atomic_plan_ ? "plan" : "table") + ", workers: " + std::to_string(workers_) +
      "}\ndefaults: {source: from, target: into}\n";
  if (!maps_.empty()) out += "ids:\n";
  for (const SchemaMap& map : maps_) out += map_text(map);
  out += "tables:\n";
  for (const SchemaTable& table : tables_) out += plan_of(table);
  return out;
}

std::string SchemaWorld::source_definitions() const {
  std::string out;
  for (const SchemaTable& table : tables_) {
    std::string body;
    for (const SchemaColumn& column : table.columns) {
      body += (body.empty() ? "" : ", ") + sql_name(column.name) + " " + declared(column.kind);
    }
    out += "CREATE TABLE " + sql_name(table.name) + " (" + body + ");\n";
  }
  return out;
}

std::string SchemaWorld::target_definitions() const {
  std::string out;
  for (const SchemaTable& table : tables_) {
    std::string body;
    for (const TargetColumn& column : target_columns(*this, table)) {
      body += (body.empty() ? "" : ", ") + sql_name(column.name) + " " + column.declared;
    }
    if (table.merge.soft) body += ", gone TIMESTAMP";
    if (table.unique) body += ", PRIMARY KEY (" + sql_list(table.key()) + ")";
    for (const SchemaReference& one : table.references) {
      if (!one.declared) continue;
      const SchemaTable& parent = tables_[one.parent];
      body += ", FOREIGN KEY (" + sql_list(child_columns(one)) + ") REFERENCES " +
              sql_name(parent.name) + " (" + sql_list(parent.key()) + ")";
    }
    out += "CREATE TABLE " + sql_name(table.name) + " (" + body + ");\n";
  }
  return out;
}

std::map<std::string, std::vector<std::string>> SchemaWorld::keys() const {
  std::map<std::string, std::vector<std::string>> out;
  for (const SchemaTable& table : tables_) {
    if (!table.merge.keyless) out.emplace(table.name, table.key());
  }
  return out;
}

}  // namespace engine::testing
