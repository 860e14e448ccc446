#include <fmt/format.h>

#include "base/text.h"
#include "plan/fields.h"
#include "plan/reader.h"
#include "plan/spec_table.h"
#include "plan/table_pattern.h"

namespace engine::plan {

namespace {

std::optional<From> decode_from(Decoding& decoding, Fields& fields, const Table& table) {
  const YamlNode* node = fields.get("from");
  if (node == nullptr) {
    if (table.schema.has_value() && table.key.empty() && !table.key_from_catalog) {
      return std::nullopt;
    }
    return From{.table = table.name, .query = {}, .where = {}, .file = {}, .span = table.span};
  }
  From out;
  out.span = decoding.tree.span(*node);
  Fields from(decoding, *from_spec(), node);
  if (auto name = from.text("table")) out.table = std::move(*name);
  out.query = from.text("query");
  out.where = from.expression("where");
  out.file = decode_file(decoding, from, *from_spec());
  if (out.query && out.where) {
    decoding.diagnostics.error("E118", out.where->text->span,
                               "'where' and 'query' stand in one 'from'",
                               "write the condition into the query");
  }
  std::vector<std::string> origins;
  for (const char* origin : {"table", "query", "file", "request"}) {
    if (from.has(origin)) origins.emplace_back(origin);
  }
  if (origins.empty()) out.table = table.name;  // `from: {where: ...}`: the table's own name
  if (origins.size() > 1) {
    decoding.diagnostics.error(
        "E118", out.span, fmt::format("'from' names {} together", base::join(origins, " and ")),
        "rows come from one place: keep one of them");
  }
  return out;
}

void decode_to(Decoding& decoding, Fields& fields, Table& table) {
  const YamlNode* node = fields.get("to");
  if (node == nullptr) return;
  const ObjectSpec& spec = *table_spec().find("to")->object;
  Fields to(decoding, spec, node);
  table.to = to.text("table");
  table.to_file = decode_file(decoding, to, spec);
  if (!table.to || !table.to_file) return;
  decoding.diagnostics.error("E118", table.to->span, "'to' names a table and a file together",
                             "rows go to one place: keep one of them");
}

OnOrphan on_orphan(const std::string& choice) {
  if (choice == "null") return OnOrphan::kNull;
  if (choice == "keep") return OnOrphan::kKeep;
  return choice == "reject" ? OnOrphan::kReject : OnOrphan::kFail;
}

Reference decode_reference(Decoding& decoding, const YamlNode& node) {
  Reference out;
  out.span = decoding.tree.span(node);
  Fields fields(decoding, *reference_spec(), &node);
  if (auto to = fields.text("to")) out.to = std::move(*to);
  out.columns = fields.names("columns");
  out.fields = fields.names("fields");
  out.via = fields.text("via");
  out.into = fields.text("into");
  out.on_orphan = on_orphan(fields.choice("on_orphan"));
  out.max_orphans = fields.cap("max_orphans");
  return out;
}

void check_reference_list(Decoding& decoding, const Reference& reference) {
  if (!reference.columns.empty()) return;
  decoding.diagnostics.error("E107", reference.span, "a reference in the list form lacks 'columns'",
                             "for example: {columns: [a, b], to: parent, fields: [a, b]}");
}

std::vector<Reference> decode_references(Decoding& decoding, const YamlNode& node) {
  std::vector<Reference> out;
  for (std::size_t i = 0; i < node.pairs(); ++i) {
    out.push_back(decode_reference(decoding, node.value(i)));
    if (!out.back().columns.empty()) {
      decoding.diagnostics.error("E118", out.back().span,
                                 "'columns' stands in a reference that is named by its column",
                                 "for several columns write 'references' as a list");
    }
    out.back().columns = {decoding.tree.located(node.key(i))};
    out.back().span = decoding.tree.span(node.key(i));
  }
  if (!node.is_sequence()) return out;
  for (const YamlNode* item : node.list()) {
    out.push_back(decode_reference(decoding, *item));
    check_reference_list(decoding, out.back());
  }
  return out;
}

ColumnRule decode_rule(Decoding& decoding, const YamlNode& name, const YamlNode& node) {
  ColumnRule out;
  out.name = decoding.tree.located(name);
  Fields fields(decoding, *column_rule_spec(), &node);
  out.expr = fields.expression("expr");
  if (const YamlNode* standard = fields.get("default")) {
    out.default_is_null = standard->is_null();
    if (!out.default_is_null) out.default_value = fields.text("default");
  }
  out.type = fields.type("type");
  out.format = fields.text("format");
  out.zone = fields.text("zone");
  out.dst = fields.text("dst");
  out.id = fields.text("id");
  if (out.expr.has_value() && out.id.has_value()) {
    decoding.diagnostics.error("E118", out.id->span, "'id' and 'expr' fill one column",
                               "keep one of them");
  }
  return out;
}

void decode_columns(Decoding& decoding, const YamlNode& node, Table& table) {
  table.columns.reserve(node.pairs());
  for (std::size_t i = 0; i < node.pairs(); ++i) {
    if (node.key(i).text() == "*") {
      table.star = node.value(i).text() == "drop" ? Star::kDrop : Star::kKeep;
    } else {
      table.columns.push_back(decode_rule(decoding, node.key(i), node.value(i)));
    }
  }
}

std::optional<TableDefinition> decode_schema(Decoding& decoding, Fields& fields) {
  const YamlNode* node = fields.get("schema");
  if (node == nullptr) return std::nullopt;
  if (node->is_mapping()) return decode_definition(decoding, *node);
  const OptionSpec& path_spec = table_spec().find("schema")->alternatives.front();
  OptionValue path;
  if (!decoding.scalars.read(path_spec, *node, path) || path.unknown) return TableDefinition{};
  const std::filesystem::path folder(decoding.plan.folder);
  const YamlNode* file =
      decoding.files.read_part((folder / path.text.text).string(), path.text.span);
  if (file == nullptr) return TableDefinition{};
  decoding.walk.object(*table_definition_spec(), *file, KeyPath{nullptr, "schema"});
  return decode_definition(decoding, *file);
}

OnNewColumn decode_on_new_column(const Decoding& decoding, Fields& fields) {
  const std::string choice = fields.choice("on_new_column");
  if (choice.empty()) {
    return decoding.plan.is_protected ? OnNewColumn::kError : OnNewColumn::kAdd;
  }
  if (choice == "ignore") return OnNewColumn::kIgnore;
  return choice == "error" ? OnNewColumn::kError : OnNewColumn::kAdd;
}

Create decode_create(Fields& fields, bool has_schema) {
  const std::string choice = fields.choice("create");
  if (choice.empty()) return has_schema ? Create::kIfMissing : Create::kNever;
  if (choice == "evolve") return Create::kEvolve;
  return choice == "never" ? Create::kNever : Create::kIfMissing;
}

void decode_conduct(Fields& fields, Table& table) {
  table.limit = fields.integer("limit");
  table.batch_rows = fields.integer("batch_rows");
  table.batch_delay_us = fields.integer("batch_delay").value_or(0);
  table.execute = fields.choice("execute");
  table.disabled = fields.flag("disabled");
  table.tags = fields.words("tags");
  table.owner = fields.plain("owner");
  table.description = fields.plain("description");
}

std::optional<Retry> decode_retry(Decoding& decoding, Fields& fields) {
  const YamlNode* node = fields.get("retry");
  if (node == nullptr) return std::nullopt;
  Retry out;
  Fields retry(decoding, *table_spec().find("retry")->object, node);
  out.attempts = static_cast<int>(retry.integer("attempts").value_or(out.attempts));
  out.backoff_us = retry.integer("backoff").value_or(out.backoff_us);
  out.max_backoff_us = retry.integer("max_backoff").value_or(out.max_backoff_us);
  return out;
}

/// Something rejects rows, and not one may be rejected.
void warn_of_rejects(Decoding& decoding, const Table& table) {
  if (table.max_rejects && (table.max_rejects->count.value_or(1) > 0)) return;
  const auto warn = [&](const Span& span, const char* what) {
    decoding.diagnostics.warning(
        "E118", span,
        fmt::format("'{}: reject' with 'max_rejects: 0' stops at the first row", what),
        "say how many rows may be rejected, for example 'max_rejects: 10' or "
        "'max_rejects: {ratio: 0.1%}'");
  };
  for (const Check& check : table.checks) {
    if (check.rejects) warn(check.span, "on_fail");
  }
  for (const Reference& reference : table.references) {
    if (reference.on_orphan == OnOrphan::kReject) warn(reference.span, "on_orphan");
  }
}

std::optional<PatternRule> decode_pattern(Decoding& decoding, Fields& fields, const Table& table) {
  if (is_pattern(table.name.text)) {
    PatternRule out;
    out.matches = fields.integer("matches");
    out.matches_span = table.span;
    if (const YamlNode* node = fields.get("matches")) out.matches_span = decoding.tree.span(*node);
    out.except = fields.names("except");
    return out;
  }
  for (const char* key : {"matches", "except"}) {
    const YamlNode* value = fields.get(key);
    if (value == nullptr) continue;
    decoding.diagnostics.error("E118", decoding.tree.span(*value),
                               fmt::format("{} stands in table {}, which is no pattern",
                                           base::quoted(key), base::quoted(table.name.text)),
                               "a pattern has a '*' in its name, such as \"BackOffice*\"");
  }
  return std::nullopt;
}

/// A pattern takes each table from where it is to where it is called so: nothing that is one for
/// all of them can stand in it.
void check_pattern(Decoding& decoding, const Table& table, const YamlNode& own) {
  if (table.create_only()) {
    decoding.diagnostics.error("E118", table.span, "a pattern that only creates tables",
                               "a pattern takes the tables that the source has: give it a key, or "
                               "name each table to be created");
  }
  for (const char* key : {"from", "to"}) {
    const YamlNode* value = own.find(key);
    const bool filter = value != nullptr && key[0] == 'f' && value->is_mapping() &&
                        value->pairs() == 1 && value->find("where") != nullptr;
    if (value == nullptr || filter) continue;
    decoding.diagnostics.error(
        "E118", decoding.tree.span(*value),
        fmt::format("{} stands in a pattern of tables", base::quoted(key)),
        key[0] == 'f'
            ? "each table is read under its own name; 'from: {where: ...}' may filter them"
            : "each table is written under its own name; physical names are made by the "
              "connection's 'table_name'");
  }
}

/// A query has no key of its own and no column that could be looked up beside it.
void check_query(Decoding& decoding, const Table& table) {
  if (table.key_from_catalog) {
    decoding.diagnostics.error("E118", table.from->query->span,
                               "'key: catalog' and a query stand in one table",
                               "a query has no primary key: name the columns that identify a row");
  }
  const bool by_column = table.freshness && !table.freshness->of_target && !table.freshness->query;
  if (!by_column) return;
  decoding.diagnostics.error("E118", table.freshness->span,
                             "freshness by a column stands beside a query",
                             "write 'freshness: {query: ...}' with a query of its own");
}

/// What a declaration cannot say about one table.
void check_table(Decoding& decoding, const Table& table, const YamlNode& own) {
  if (table.pattern) check_pattern(decoding, table, own);
  if (table.from && table.from->query) check_query(decoding, table);
  warn_of_rejects(decoding, table);
  if (!table.create_only()) return;
  for (const char* key : {"columns", "references", "merge", "freshness"}) {
    const YamlNode* value = own.find(key);
    if (value == nullptr) continue;
    decoding.diagnostics.error(
        "E118", decoding.tree.span(*value),
        fmt::format("{} stands in a table that is created only", base::quoted(key)),
        "a table with 'schema' and neither 'from' nor 'key' moves no rows: add a key, or remove "
        "it");
  }
}

}  // namespace

Table decode_table(Decoding& decoding, const YamlNode& name, const YamlNode& own,
                   const YamlNode& merged) {
  Table table;
  table.name = decoding.tree.located(name);
  table.span = table.name.span;
  Fields fields(decoding, table_spec(), &merged);
  table.schema = decode_schema(decoding, fields);
  const YamlNode* key = fields.get("key");
  table.key_from_catalog = key != nullptr && key->text() == "catalog";
  if (!table.key_from_catalog) table.key = fields.names("key");
  table.from = decode_from(decoding, fields, table);
  decode_to(decoding, fields, table);
  if (auto source = fields.text("source")) table.source = std::move(*source);
  if (auto target = fields.text("target")) table.target = std::move(*target);
  if (const YamlNode* node = fields.get("references")) {
    table.references = decode_references(decoding, *node);
  }
  table.depends_on = fields.names("depends_on");
  if (const auto level = fields.integer("level")) table.level = static_cast<int>(*level);
  if (const YamlNode* node = fields.get("level")) table.level_span = decoding.tree.span(*node);
  if (const YamlNode* node = fields.get("columns")) decode_columns(decoding, *node, table);
  if (table.from && table.from->file) {
    table.from->file->every_attribute = table.star == Star::kKeep;
  }
  if (const YamlNode* node = fields.get("merge")) table.merge = decode_merge(decoding, *node);
  if (const YamlNode* node = fields.get("freshness")) {
    table.freshness = decode_freshness(decoding, *node);
  }
  if (const YamlNode* node = fields.get("guard")) table.guard = decode_guard(decoding, *node);
  if (const YamlNode* node = fields.get("max_rejects")) {
    table.max_rejects = decode_max_rejects(decoding, *node);
  }
  table.on_new_column = decode_on_new_column(decoding, fields);
  table.create = decode_create(fields, table.schema.has_value());
  if (const YamlNode* node = fields.get("checks")) table.checks = decode_checks(decoding, *node);
  decode_conduct(fields, table);
  table.retry = decode_retry(decoding, fields);
  if (const YamlNode* node = fields.get("classification")) {
    for (std::size_t i = 0; i < node->pairs(); ++i) {
      table.classification.emplace(node->key(i).text(), decoding.text(node->value(i)).text);
    }
  }
  table.pattern = decode_pattern(decoding, fields, table);
  check_table(decoding, table, own);
  return table;
}

}  // namespace engine::plan
