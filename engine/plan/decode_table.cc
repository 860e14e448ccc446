#include <fmt/format.h>

#include "base/text.h"
#include "plan/fields.h"
#include "plan/reader.h"
#include "plan/spec_table.h"

namespace engine::plan {

namespace {

std::optional<From> decode_from(Decoding& decoding, Fields& fields, const Table& table) {
  const YamlNode* node = fields.get("from");
  if (node == nullptr) {
    if (table.schema.has_value() && table.key.empty() && !table.key_from_catalog) {
      return std::nullopt;
    }
    return From{.table = table.name, .where = std::nullopt, .span = table.span};
  }
  From out;
  out.span = decoding.tree.span(*node);
  Fields from(decoding, *from_spec(), node);
  if (auto name = from.text("table")) out.table = std::move(*name);
  out.where = from.expression("where");
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

std::optional<Located> decode_to(Decoding& decoding, Fields& fields) {
  const YamlNode* node = fields.get("to");
  if (node == nullptr) return std::nullopt;
  Fields to(decoding, *table_spec().find("to")->object, node);
  return to.text("table");
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
  const YamlNode* file = decoding.files.read_part((folder / path.text.text).string(), path.span);
  if (file == nullptr) return TableDefinition{};
  decoding.walk.object(*table_definition_spec(), *file, KeyPath{nullptr, "schema"});
  return decode_definition(decoding, *file);
}

Create decode_create(Fields& fields, bool has_schema) {
  const std::string choice = fields.choice("create");
  if (choice.empty()) return has_schema ? Create::kIfMissing : Create::kNever;
  if (choice == "evolve") return Create::kEvolve;
  return choice == "never" ? Create::kNever : Create::kIfMissing;
}

void decode_conduct(Fields& fields, Table& table) {
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

/// What a declaration cannot say about one table.
void check_table(Decoding& decoding, const Table& table, const YamlNode& own) {
  if (table.name.text.find_first_of("*?") != std::string::npos) {
    decoding.plan.not_available.push_back({"a pattern of tables", "0.2", table.span});
  }
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
  if (table.key_from_catalog) {
    decoding.not_available("key: catalog", "0.2", *key);
  } else {
    table.key = fields.names("key");
  }
  table.from = decode_from(decoding, fields, table);
  table.to = decode_to(decoding, fields);
  if (auto source = fields.text("source")) table.source = std::move(*source);
  if (auto target = fields.text("target")) table.target = std::move(*target);
  if (const YamlNode* node = fields.get("references")) {
    table.references = decode_references(decoding, *node);
  }
  table.depends_on = fields.names("depends_on");
  if (const auto level = fields.integer("level")) table.level = static_cast<int>(*level);
  if (const YamlNode* node = fields.get("level")) table.level_span = decoding.tree.span(*node);
  if (const YamlNode* node = fields.get("columns")) decode_columns(decoding, *node, table);
  if (const YamlNode* node = fields.get("merge")) table.merge = decode_merge(decoding, *node);
  if (const YamlNode* node = fields.get("freshness")) {
    table.freshness = decode_freshness(decoding, *node);
  }
  if (const YamlNode* node = fields.get("guard")) table.guard = decode_guard(decoding, *node);
  table.create = decode_create(fields, table.schema.has_value());
  if (const YamlNode* node = fields.get("checks")) table.checks = decode_checks(decoding, *node);
  decode_conduct(fields, table);
  table.retry = decode_retry(decoding, fields);
  if (const YamlNode* node = fields.get("classification")) {
    for (std::size_t i = 0; i < node->pairs(); ++i) {
      table.classification.emplace(node->key(i).text(), decoding.text(node->value(i)).text);
    }
  }
  check_table(decoding, table, own);
  return table;
}

}  // namespace engine::plan
