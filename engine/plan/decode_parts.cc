#include <fmt/format.h>

#include "base/text.h"
#include "plan/fields.h"
#include "plan/reader.h"
#include "plan/spec_table.h"

namespace engine::plan {

namespace {

OrderBy decode_order(Decoding& decoding, base::Located text) {
  std::string_view words = base::trim_spaces(text.text);
  OrderBy out;
  const std::size_t space = words.rfind(' ');
  const std::string_view last = space == std::string_view::npos ? "" : words.substr(space + 1);
  out.descending = last == "desc" || last == "DESC";
  if (out.descending || last == "asc" || last == "ASC") {
    words = base::trim_spaces(words.substr(0, space));
  }
  if (words.empty() || words.find(' ') != std::string_view::npos) {
    decoding.diagnostics.error("E104", text.span,
                               fmt::format("{} is no order", base::quoted(text.text)),
                               "write a source column, and desc where the largest wins");
  }
  const std::string column(words);
  out.column = std::move(text);
  out.column.text = column;
  out.column.span.length = static_cast<int>(column.size());
  return out;
}

MergeMode merge_mode(const std::string& name) {
  for (const MergeMode mode : {MergeMode::kInsert, MergeMode::kUpdate, MergeMode::kMirror,
                               MergeMode::kReplace, MergeMode::kAppend}) {
    if (name == merge_mode_name(mode)) return mode;
  }
  return MergeMode::kUpsert;
}

WhenMatched when_matched(const std::string& name) {
  if (name == "keep") return WhenMatched::kKeep;
  return name == "newest" ? WhenMatched::kNewest : WhenMatched::kUpdate;
}

/// Options that not every mode takes, as they stand in the plan.
std::vector<base::Located> given_options(Decoding& decoding, Fields& fields) {
  std::vector<base::Located> out;
  for (const char* name : {"dedupe", "unchanged", "when_matched", "newest", "columns",
                           "deleted_when", "delete", "deleted_at", "exclusive"}) {
    const YamlNode* node = fields.get(name);
    if (node == nullptr) continue;
    base::Located option{name, decoding.tree.span(*node)};
    if (node->is_scalar() && !node->text().empty()) {
      const std::string_view word = node->text();
      const bool chosen = option.text == "unchanged" || option.text == "when_matched" ||
                          option.text == "delete" || option.text == "exclusive";
      if (chosen) option.text += ": " + std::string(word);
    }
    out.push_back(std::move(option));
  }
  return out;
}

DefinedColumn decode_defined(Decoding& decoding, const ObjectSpec& spec, const YamlNode& name,
                             const YamlNode& node) {
  Fields fields(decoding, spec, &node);
  DefinedColumn out{.name = decoding.tree.located(name),
                    .type = fields.type("type").value_or(data::Type()),
                    .nullable = fields.flag("nullable"),
                    .default_value = std::nullopt};
  const YamlNode* standard = fields.get("default");
  if (standard != nullptr && !standard->is_null()) out.default_value = fields.text("default");
  return out;
}

/// The keys of the layout must name columns of the definition.
void check_known(Decoding& decoding, const TableDefinition& table, const base::Located& column,
                 const char* where) {
  std::vector<std::string> names;
  for (const DefinedColumn& defined : table.columns) names.push_back(defined.name.text);
  if (std::find(names.begin(), names.end(), column.text) != names.end()) return;
  const auto near = base::nearest(column.text, names);
  decoding.diagnostics.error(
      "E314", column.span,
      fmt::format("{} names the column {}, which the definition lacks", where,
                  base::quoted(column.text)),
      near ? fmt::format("did you mean {}?", base::quoted(*near)) : "add it under 'columns'");
}

void check_definition(Decoding& decoding, const TableDefinition& table) {
  for (const auto& column : table.primary_key) check_known(decoding, table, column, "primary_key");
  for (const auto& column : table.cluster_by) check_known(decoding, table, column, "cluster_by");
  if (table.partition_column) check_known(decoding, table, *table.partition_column, "partition_by");
  for (const auto& index : table.indexes) {
    for (const auto& column : index) check_known(decoding, table, column, "indexes");
  }
}

}  // namespace

Merge decode_merge(Decoding& decoding, const YamlNode& node) {
  Merge out;
  out.span = decoding.tree.span(node);
  Fields fields(decoding, *merge_spec(), &node);
  out.mode = merge_mode(fields.choice("mode"));
  out.write_unchanged = fields.choice("unchanged") == "write";
  if (const YamlNode* dedupe = fields.get("dedupe")) {
    Fields rule(decoding, *merge_spec()->find("dedupe")->object, dedupe);
    for (base::Located& text : rule.names("order_by")) {
      out.dedupe.push_back(decode_order(decoding, std::move(text)));
    }
  }
  out.when_matched = when_matched(fields.choice("when_matched"));
  if (const YamlNode* newest = fields.get("newest")) {
    Fields rule(decoding, *merge_spec()->find("newest")->object, newest);
    out.newest_by = rule.text("by");
  }
  out.columns = fields.names("columns");
  out.deleted_when = fields.expression("deleted_when");
  out.soft_delete = fields.choice("delete") == "soft";
  out.deleted_at = fields.text("deleted_at");
  out.exclusive = fields.flag("exclusive");
  out.given = given_options(decoding, fields);
  return out;
}

Freshness decode_freshness(Decoding& decoding, const YamlNode& node) {
  Freshness out;
  out.span = decoding.tree.span(node);
  Fields fields(decoding, *freshness_spec(), &node);
  if (auto column = fields.text("column")) out.column = std::move(*column);
  out.query = fields.text("query");
  out.of_target = fields.choice("of") == "target";
  out.warn_after_us = fields.integer("warn_after");
  out.error_after_us = fields.integer("error_after");
  out.timezone = fields.plain("timezone");
  out.on_empty = fields.choice("on_empty");
  out.max_future_us = fields.integer("max_future");
  if (!fields.has("column") && !fields.has("query")) {
    decoding.diagnostics.error("E107", out.span, "freshness lacks the key 'column'",
                               "name the column with the time of each row");
  }
  if (out.query && (fields.has("column") || out.of_target)) {
    decoding.diagnostics.error(
        "E118", out.query->span,
        std::string("freshness names a query and ") + (out.of_target ? "'of: target'" : "a column"),
        "a query is asked at the source, and gives the newest time itself");
  }
  if (out.warn_after_us && out.error_after_us && *out.warn_after_us > *out.error_after_us) {
    decoding.diagnostics.error("E118", out.span, "warn_after is later than error_after",
                               "a warning comes before the error");
  }
  return out;
}

Guard decode_guard(Decoding& decoding, const YamlNode& node) {
  Fields fields(decoding, *table_spec().find("guard")->object, &node);
  return {.max_delete = fields.cap("max_delete"),
          .max_update = fields.cap("max_update"),
          .max_insert = fields.cap("max_insert"),
          .min_source_rows = fields.cap("min_source_rows")};
}

MaxRejects decode_max_rejects(Decoding& decoding, const YamlNode& node) {
  Fields fields(decoding, *table_spec().find("max_rejects")->object, &node);
  MaxRejects out{.count = fields.integer("count"), .ratio = std::nullopt};
  if (const YamlNode* ratio = fields.get("ratio")) {
    out.ratio = parse_ratio(decoding.text(*ratio).text);
  }
  return out;
}

TableDefinition decode_definition(Decoding& decoding, const YamlNode& node) {
  TableDefinition out;
  out.span = decoding.tree.span(node);
  const ObjectSpec& spec = *table_definition_spec();
  Fields fields(decoding, spec, &node);
  if (const YamlNode* columns = fields.get("columns")) {
    const ObjectSpec& column = *spec.find("columns")->element->object;
    for (std::size_t i = 0; i < columns->pairs(); ++i) {
      out.columns.push_back(decode_defined(decoding, column, columns->key(i), columns->value(i)));
    }
  }
  out.primary_key = fields.names("primary_key");
  if (const YamlNode* partition = fields.get("partition_by")) {
    Fields by(decoding, *spec.find("partition_by")->object, partition);
    out.partition_column = by.text("column");
    out.partition_by = by.choice("by");
  }
  out.cluster_by = fields.names("cluster_by");
  if (const YamlNode* indexes = fields.get("indexes");
      indexes != nullptr && indexes->is_sequence()) {
    for (const YamlNode* index : indexes->list())
      out.indexes.push_back(read_names(decoding, *index));
  }
  check_definition(decoding, out);
  return out;
}

namespace {

CheckStage check_stage(const std::string& name) {
  if (name == "source") return CheckStage::kSource;
  return name == "published" ? CheckStage::kPublished : CheckStage::kStaged;
}

void decode_common(Decoding& decoding, const YamlNode& body, Check& out) {
  Fields fields(decoding, check_common_spec(), body.is_mapping() ? &body : nullptr);
  out.name = fields.text("name");
  out.severity = fields.choice("severity") == "warn" ? CheckSeverity::kWarn : CheckSeverity::kError;
  out.where = fields.expression("where");
  out.error_if = fields.threshold("error_if");
  out.warn_if = fields.threshold("warn_if");
  out.stage = check_stage(fields.choice("stage"));
  const std::string scope = fields.choice("scope");
  if (!scope.empty()) out.scope = scope == "table" ? CheckScope::kTable : CheckScope::kRun;
  out.sample = static_cast<int>(fields.integer("sample").value_or(out.sample));
  out.tags = fields.words("tags");
  if (auto owner = fields.text("owner")) out.owner = std::move(owner->text);
  out.rejects = fields.choice("on_fail") == "reject";
}

/// Only a rule over single rows in flight knows which rows to leave out.
void check_rejects(Decoding& decoding, const CheckDecl& decl, const Check& check) {
  if (!check.rejects) return;
  const bool whole_table =
      check.scope ? *check.scope == CheckScope::kTable : decl.default_scope == "table";
  std::string why;
  if (!decl.judges_rows) {
    why = fmt::format("{} judges the table as a whole", check.kind);
  } else if (check.stage == CheckStage::kPublished) {
    why = "a published check judges rows that are in the target already";
  } else if (check.stage == CheckStage::kStaged && whole_table) {
    why = "with 'scope: table' rows of the target are judged too";
  }
  if (why.empty()) return;
  decoding.diagnostics.error("E118", check.span, fmt::format("'on_fail: reject': {}", why),
                             "reject takes a rule over single rows in flight, such as not_null, "
                             "regex, range or expression");
}

std::optional<Check> decode_check(Decoding& decoding, const YamlNode& item) {
  if (item.pairs() == 0) return std::nullopt;
  const CheckDecl* decl = decoding.registry.check(item.key(0).text());
  if (decl == nullptr) return std::nullopt;
  Check out;
  out.kind = decl->name;
  out.span = decoding.tree.span(item.key(0));
  const YamlNode& body = item.value(0);
  out.options = read_object(decoding, decl->options, body).fields;
  decode_common(decoding, body, out);
  check_rejects(decoding, *decl, out);
  return out;
}

}  // namespace

std::vector<Check> decode_checks(Decoding& decoding, const YamlNode& list) {
  std::vector<Check> out;
  const auto add = [&](const YamlNode& item) {
    if (auto check = decode_check(decoding, item)) out.push_back(std::move(*check));
  };
  if (list.is_mapping()) add(list);
  if (!list.is_sequence()) return out;
  out.reserve(list.size);
  for (const YamlNode* item : list.list()) add(*item);
  return out;
}

}  // namespace engine::plan
