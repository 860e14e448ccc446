#include "property/support/world_merge.h"

#include "process/support/contents.h"
#include "property/support/run_facts.h"

namespace engine::testing {
namespace {

/// Rows of the source that the filter lets through, which ask for a delete or do not.
std::string source_rows(const WorldTable& table, bool deleting) {
  std::string out = "(SELECT * FROM source." + sql_name(table.name) + " WHERE " +
                    (table.where.empty() ? "true" : "(" + table.where + ")");
  if (!table.deleted_when.empty()) {
    out += std::string(" AND (") + table.deleted_when + ") IS " + (deleting ? "" : "NOT ") + "TRUE";
  } else if (deleting) {
    out += " AND false";
  }
  return out + ")";
}

std::string same_key(const WorldTable& table, const std::string& a, const std::string& b) {
  std::string out;
  for (const std::string& key : table.key_names()) {
    out += (out.empty() ? "" : " AND ") + a + "." + sql_name(key) + " = " + b + "." + sql_name(key);
  }
  return out;
}

/// "a = s.a, b = s.b" of what an update may change.
std::string assignments(const WorldTable& table, const std::string& from) {
  std::string out = table.mode == Mode::kSoft ? std::string(kDeletedAt) + " = NULL" : "";
  for (std::size_t i = table.keys; i < table.columns.size(); ++i) {
    if (table.mode == Mode::kColumns && i != table.chosen) continue;
    const std::string name = sql_name(table.columns[i].name);
    out += (out.empty() ? "" : ", ") + name + " = " + from + "." + name;
  }
  return out;
}

std::string insert_sql(const WorldTable& table) {
  const std::string columns = column_list(column_names(table));
  return "INSERT INTO main." + sql_name(table.name) + " (" + columns + ") SELECT " + columns +
         " FROM " + source_rows(table, false) + " WHERE true";
}

std::string upsert_sql(const WorldTable& table) {
  const std::string changes = assignments(table, "excluded");
  const bool nothing = table.mode == Mode::kInsert || table.mode == Mode::kKeep || changes.empty();
  std::string out = insert_sql(table) + " ON CONFLICT (" + column_list(table.key_names()) + ") DO ";
  out += nothing ? "NOTHING" : "UPDATE SET " + changes;
  if (table.mode == Mode::kNewest) {
    const std::string name = sql_name(table.columns[table.chosen].name);
    const std::string old = sql_name(table.name) + "." + name;
    out += " WHERE excluded." + name + " > " + old + " OR (" + old + " IS NULL AND excluded." +
           name + " IS NOT NULL)";
  }
  return out + ";\n";
}

std::string update_sql(const WorldTable& table) {
  const std::string changes = assignments(table, "s");
  if (changes.empty()) return {};
  return "UPDATE main." + sql_name(table.name) + " AS t SET " + changes + " FROM " +
         source_rows(table, false) + " AS s WHERE " + same_key(table, "t", "s") + ";\n";
}

/// Removes rows of the target of which there is (or is not) one among `rows`.
std::string delete_sql(const WorldTable& table, bool there, const std::string& rows) {
  const std::string name = "main." + sql_name(table.name) + " AS t";
  const bool soft = table.mode == Mode::kSoft;
  return (soft ? "UPDATE " + name + " SET " + kDeletedAt + " = '" + DeletionTimes::kNow +
                     "' WHERE " + kDeletedAt + " IS NULL AND "
               : "DELETE FROM " + name + " WHERE ") +
         (there ? "" : "NOT ") + "EXISTS (SELECT 1 FROM " + rows + " AS s WHERE " +
         same_key(table, "t", "s") + ");\n";
}

}  // namespace

std::string column_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + sql_name(name);
  return out;
}

std::vector<std::string> column_names(const WorldTable& table) {
  std::vector<std::string> names;
  for (const WorldColumn& column : table.columns) names.push_back(column.name);
  return names;
}

std::string merge_option(const WorldTable& table) {
  const auto quoted = [](const std::string& text) {
    std::string out = "\"";
    for (const char c : text) out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    return out + "\"";
  };
  const std::string chosen = quoted(table.columns[table.chosen].name);
  std::string out;
  switch (table.mode) {
    case Mode::kUpsert:
      out = "mode: upsert";
      break;
    case Mode::kInsert:
      out = "mode: insert";
      break;
    case Mode::kKeep:
      out = "when_matched: keep";
      break;
    case Mode::kNewest:
      out = "when_matched: newest, newest: " + chosen;
      break;
    case Mode::kColumns:
      out = "columns: [" + chosen + "]";
      break;
    case Mode::kUpdate:
      out = "mode: update";
      break;
    case Mode::kMirror:
      out = "mode: mirror";
      break;
    case Mode::kSoft:
      out = std::string("mode: mirror, delete: soft, deleted_at: ") + kDeletedAt;
      break;
    case Mode::kReplace:
    case Mode::kBare:
      out = "mode: replace";
      break;
    case Mode::kAppend:
      out = "mode: append";
      break;
  }
  if (!table.deleted_when.empty()) out += ", deleted_when: " + quoted(table.deleted_when);
  return "    merge: {" + out + "}\n";
}

std::string merge_sql(const WorldTable& table) {
  std::string out;
  if (!table.deleted_when.empty()) out += delete_sql(table, true, source_rows(table, true));
  switch (table.mode) {
    case Mode::kBare:
      return "DELETE FROM main." + sql_name(table.name) + ";\n" + insert_sql(table) + ";\n";
    case Mode::kAppend:
      return insert_sql(table) + ";\n";
    case Mode::kUpdate:
      return out + update_sql(table);
    case Mode::kMirror:
    case Mode::kSoft:
    case Mode::kReplace:
      return out + delete_sql(table, false, source_rows(table, false)) + upsert_sql(table);
    default:
      return out + upsert_sql(table);
  }
}

}  // namespace engine::testing
