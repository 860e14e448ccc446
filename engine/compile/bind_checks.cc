#include <algorithm>
#include <set>

#include "compile/binding.h"
#include "expr/pieces.h"
#include "stages/checks/declared.h"

namespace engine::compile {
namespace {

plan::CheckScope scope_of(const plan::Check& check) {
  if (check.scope) return *check.scope;
  for (const plan::CheckDecl& declared : stages::declared_checks()) {
    if (declared.name == check.kind) {
      return declared.default_scope == "table" ? plan::CheckScope::kTable : plan::CheckScope::kRun;
    }
  }
  return plan::CheckScope::kRun;
}

bool judges_image(const plan::Check& check) {
  return check.stage == plan::CheckStage::kStaged && scope_of(check) == plan::CheckScope::kTable;
}

/// Everything the target's table has or will have: what published checks read.
data::Schema whole_target(const BoundTable& table) {
  if (table.target_info) return schema_of(*table.target_info);
  data::Schema schema;
  for (const auto& column : table.create->columns) {
    schema.fields.push_back({column.name, column.type, column.nullable});
  }
  return schema;
}

/// Image checks may name columns that this plan does not write: they are read along with the
/// comparison.
void widen_target_read(BoundTable& table) {
  const bool image =
      std::any_of(table.spec->checks.begin(), table.spec->checks.end(), judges_image);
  const bool fresh = table.spec->freshness && table.spec->freshness->of_target;
  if (!image && !fresh) return;
  for (const data::Field& field : whole_target(table).fields) {
    if (!table.target_read.columns.find(field.name))
      table.target_read.columns.fields.push_back(field);
  }
}

/// The key in the source's names, as far as it passes through: for samples of source checks.
std::vector<std::string> source_key(const BoundTable& table) {
  std::vector<std::string> names;
  for (const std::size_t position : table.comparison.key) {
    const auto column = expr::column_of(*table.transform.columns[position].node);
    if (column) names.push_back(table.read.columns.fields[*column].name);
  }
  return names;
}

stages::CheckScopeInfo scope_info(const Binding& work, const BoundTable& table,
                                  const data::Schema& schema, std::vector<std::string> key) {
  stages::CheckScopeInfo info;
  info.table = table.name;
  info.schema = &schema;
  info.key = std::move(key);
  info.written = &table.comparison.written;
  info.classification = table.spec->classification;
  info.names = work.scope(&schema);
  info.context = work.surroundings.expression_context(table.name);
  info.formats = &work.plan.formats;
  info.schema_of = [&work](const std::string& name) -> const data::Schema* {
    const std::size_t at = work.result.graph.find(name);
    if (at == work.result.tables.size() || work.broken[at]) return nullptr;
    return &work.result.tables[at].target_read.columns;
  };
  info.key_of = [&work](const std::string& name) {
    const std::size_t at = work.result.graph.find(name);
    return at == work.result.tables.size() ? std::vector<std::string>()
                                           : work.result.tables[at].key;
  };
  return info;
}

std::vector<stages::BoundCheck>& list_for(BoundTable& table, const plan::Check& check) {
  if (check.stage == plan::CheckStage::kSource) return table.source_checks;
  if (check.stage == plan::CheckStage::kPublished) return table.published_checks;
  return judges_image(check) ? table.image_checks : table.flight_checks;
}

/// Appended rows without a key are not found again among those that were there.
bool may_be_found(Binding& work, std::size_t at, const plan::Check& check) {
  const BoundTable& table = work.result.tables[at];
  const bool of_run =
      check.stage == plan::CheckStage::kPublished && scope_of(check) == plan::CheckScope::kRun;
  if (!of_run || !table.key.empty() || table.comparison.mode != plan::MergeMode::kAppend) {
    return true;
  }
  work.fail(at, "E118", check.span,
            "a published check of scope run looks at the rows of this run, and table '" +
                table.name + "' has no key to find them by",
            "write 'scope: table', or name a key");
  return false;
}

/// Which of several rows wins is decided after the source's rows are followed.
bool may_be_reconciled(Binding& work, std::size_t at, const plan::Check& check) {
  if (check.kind != "reconcile" || work.result.tables[at].comparison.dedupe.empty()) return true;
  work.fail(at, "E118", check.span,
            "reconcile compares all rows of the source, and 'merge.dedupe' of '" +
                work.result.tables[at].name + "' drops some",
            "read rows that are unique already, for example by a query");
  return false;
}

void bind_one(Binding& work, std::size_t at, const plan::Check& check) {
  if (!may_be_found(work, at, check) || !may_be_reconciled(work, at, check)) return;
  BoundTable& table = work.result.tables[at];
  const bool source = check.stage == plan::CheckStage::kSource;
  const data::Schema* schema = &table.comparison.written;
  if (source) schema = &table.read.columns;
  if (check.stage == plan::CheckStage::kPublished) schema = &table.published_read.columns;
  if (judges_image(check)) schema = &table.target_read.columns;
  auto bound = stages::bind_check(
      check, scope_info(work, table, *schema, source ? source_key(table) : table.key),
      work.diagnostics);
  if (!bound) {
    work.broken[at] = true;
    return;
  }
  list_for(table, check).push_back(std::move(*bound));
}

std::string label_of(const BoundTable& table, const plan::Reference& reference) {
  std::string label = table.name + ".";
  for (std::size_t i = 0; i < reference.columns.size(); ++i) {
    label += (i == 0 ? "" : "+") + reference.columns[i].text;
  }
  return label;
}

/// A column to empty: outside the key, and one that may be NULL.
bool can_be_emptied(const BoundTable& table, std::size_t column) {
  return table.comparison.written.fields[column].nullable && !table.comparison.in_key(column);
}

bool check_emptying(Binding& work, std::size_t at, const plan::Reference& reference,
                    const std::vector<std::size_t>& columns) {
  const BoundTable& table = work.result.tables[at];
  if (reference.on_orphan != plan::OnOrphan::kNull) return true;
  if (std::any_of(columns.begin(), columns.end(),
                  [&](std::size_t column) { return can_be_emptied(table, column); })) {
    return true;
  }
  work.fail(at, "E118", reference.span,
            "on_orphan: null empties '" + table.comparison.written.fields[columns.front()].name +
                "', which is in the key or NOT NULL",
            "let such rows go (on_orphan: reject), or stop the run (fail)");
  return false;
}

stages::ReferenceKeys keys_of(const Binding& work, const BoundTable& table,
                              const stages::BoundCheck& check, const plan::Reference& reference) {
  const std::size_t parent = work.result.graph.find(*check.parent_table);
  const data::Schema& fields = work.result.tables[parent].target_read.columns;
  stages::ReferenceKeys keys;
  for (const base::Located& column : reference.columns) {
    keys.columns.push_back(*table.comparison.written.find(column.text));
  }
  for (const std::string& field : check.parent_fields) {
    keys.types.push_back(fields.fields[*fields.find(field)].type);
  }
  keys.parent_keys = stages::parent_keys_name(*check.parent_table, check.parent_fields);
  return keys;
}

bool waits(const Graph& graph, std::size_t child, const plan::Reference& reference) {
  if (graph.find(reference.to.text) == child) return true;
  return std::any_of(graph.edges.begin(), graph.edges.end(), [&](const Edge& edge) {
    return edge.deferred && edge.reference == &reference;
  });
}

void bind_reference(Binding& work, std::size_t at, const plan::Reference& reference) {
  BoundTable& table = work.result.tables[at];
  const plan::Reference judged = judged_reference(work, reference);
  auto check = stages::bind_reference(
      judged, scope_info(work, table, table.comparison.written, table.key), work.diagnostics);
  if (!check) {
    work.broken[at] = true;
    return;
  }
  stages::ReferenceKeys keys = keys_of(work, table, *check, judged);
  if (!check_emptying(work, at, reference, keys.columns)) return;
  table.references.push_back({label_of(table, reference), std::move(*check), reference.on_orphan,
                              reference.max_orphans, std::move(keys),
                              waits(work.result.graph, at, reference)});
}

void bind_references(Binding& work, std::size_t at) {
  for (const plan::Reference& reference : work.result.tables[at].spec->references) {
    bind_reference(work, at, reference);
  }
}

void place_freshness(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  if (!table.spec->freshness || table.spec->freshness->query) return;
  const plan::Freshness& rule = *table.spec->freshness;
  const data::Schema& schema = rule.of_target ? table.target_read.columns : work.source_schemas[at];
  const auto position = schema.find(rule.column.text);
  if (!position) {
    work.fail(at, "E302", rule.column.span,
              "freshness names column '" + rule.column.text + "', which the " +
                  (rule.of_target ? "target" : "source") + " does not have",
              near_field(rule.column.text, schema));
    return;
  }
  if (rule.of_target) table.freshness_column = rule.column.text;
}

void read_published(BoundTable& table) {
  table.published_read.table = table.target_table;
  table.published_read.columns = whole_target(table);
  table.published_read.order_by = table.sort_target ? std::vector<std::string>() : table.key;
}

void collect(Binding& work, const stages::BoundCheck& check) {
  if (!check.parent_table) return;
  const std::size_t at = work.result.graph.find(*check.parent_table);
  if (at == work.result.tables.size()) return;
  auto& collected = work.result.tables[at].collected;
  const std::string name = stages::parent_keys_name(*check.parent_table, check.parent_fields);
  const bool known = std::any_of(collected.begin(), collected.end(),
                                 [&](const CollectedKeys& keys) { return keys.name == name; });
  if (!known) collected.push_back({name, check.parent_fields});
}

/// What the image observers of a table look at; the comparison hands out nothing else.
void name_image_columns(BoundTable& table) {
  std::set<std::string> names;
  for (const auto& check : table.image_checks)
    names.insert(check.columns.begin(), check.columns.end());
  if (!table.image_checks.empty()) names.insert(table.key.begin(), table.key.end());
  for (const CollectedKeys& keys : table.collected)
    names.insert(keys.fields.begin(), keys.fields.end());
  if (table.freshness_column) names.insert(*table.freshness_column);
  table.comparison.image_columns.assign(names.begin(), names.end());
}

}  // namespace

void bind_checks(Binding& work) {
  for (std::size_t at = 0; at < work.result.tables.size(); ++at) {
    BoundTable& table = work.result.tables[at];
    if (work.broken[at] || table.create_only) continue;
    widen_target_read(table);
    read_published(table);
  }
  for (std::size_t at = 0; at < work.result.tables.size(); ++at) {
    if (work.broken[at] || work.result.tables[at].create_only) continue;
    for (const plan::Check& check : work.result.tables[at].spec->checks) bind_one(work, at, check);
    bind_references(work, at);
    place_freshness(work, at);
  }
}

void collect_parent_keys(Binding& work) {
  for (const BoundTable& table : work.result.tables) {
    for (const auto& check : table.flight_checks) collect(work, check);
    for (const auto& check : table.image_checks) collect(work, check);
    for (const auto& check : table.published_checks) collect(work, check);
    for (const auto& reference : table.references) collect(work, reference.check);
  }
  for (BoundTable& table : work.result.tables) name_image_columns(table);
}

}  // namespace engine::compile