#include <algorithm>

#include "base/text.h"
#include "compile/binding.h"
#include "compile/catalog_key.h"
#include "data/value.h"
#include "expr/node.h"
#include "expr/pieces.h"

namespace engine::compile {
namespace {

std::vector<std::string> texts(const std::vector<base::Located>& names) {
  std::vector<std::string> result;
  for (const base::Located& name : names) result.push_back(name.text);
  return result;
}

bool defines(const plan::TableDefinition& definition, const std::string& column) {
  return std::any_of(definition.columns.begin(), definition.columns.end(),
                     [&](const auto& defined) { return defined.name.text == column; });
}

bool require_defined(Binding& work, std::size_t at, const plan::TableDefinition& definition,
                     const base::Located& column, std::string_view where) {
  if (defines(definition, column.text)) return true;
  std::vector<std::string> names;
  for (const auto& defined : definition.columns) names.push_back(defined.name.text);
  const auto near = base::nearest(column.text, names);
  work.fail(at, "E314", column.span,
            std::string(where) + " names '" + column.text + "', which is no column of the schema",
            near ? "did you mean '" + *near + "'?" : "there are: " + base::join(names, ", "));
  return false;
}

void check_definition(Binding& work, std::size_t at, const plan::TableDefinition& definition) {
  for (const auto& column : definition.primary_key) {
    require_defined(work, at, definition, column, "primary_key");
  }
  for (const auto& column : definition.cluster_by) {
    require_defined(work, at, definition, column, "cluster_by");
  }
  for (const auto& index : definition.indexes) {
    for (const auto& column : index) require_defined(work, at, definition, column, "an index");
  }
  if (definition.partition_column) {
    require_defined(work, at, definition, *definition.partition_column, "partition_by");
  }
  for (const auto& column : definition.columns) {
    if (!column.default_value) continue;
    if (data::parse_value(column.type, column.default_value->text)) continue;
    work.fail(at, "E314", column.default_value->span,
              "the default " + base::quoted(column.default_value->text) +
                  " is not a value of type " + data::type_name(column.type));
  }
}

/// A table that is there is never altered: what its definition has beyond it is a mistake.
void require_as_defined(Binding& work, std::size_t at, const plan::TableDefinition& definition) {
  const BoundTable& table = work.result.tables[at];
  for (const auto& column : definition.columns) {
    if (table.target_info->find(column.name.text) != nullptr) continue;
    work.fail(
        at, "E311", column.name.span,
        "table '" + table.target_name() + "' is there and has no column '" + column.name.text +
            "' of its schema",
        "a table that is there is never altered; add the column there, or correct the schema");
  }
  const std::vector<std::string> key = texts(definition.primary_key);
  if (key.empty() || key == table.target_info->primary_key) return;
  work.fail(at, "E311", definition.primary_key.front().span,
            "table '" + table.target_name() + "' is there with another primary key: " +
                (table.target_info->primary_key.empty()
                     ? std::string("none")
                     : base::join(table.target_info->primary_key, ", ")),
            "a table that is there is never altered; correct the key here, or make the table anew");
}

void require_key_column(Binding& work, std::size_t at, const base::Located& name) {
  BoundTable& table = work.result.tables[at];
  const auto position = table.comparison.written.find(name.text);
  if (!position) {
    work.fail(at, "E303", name.span,
              "key column '" + name.text + "' of '" + table.name +
                  "' is not among the columns "
                  "that are written",
              near_field(name.text, table.comparison.written));
    return;
  }
  table.key.push_back(name.text);
  table.comparison.key.push_back(*position);
}

/// The source columns that an expression reads, each once, in the order they stand in it.
void add_source_columns(const expr::Node& node, std::vector<std::string>& names) {
  const bool known = std::find(names.begin(), names.end(), node.name) != names.end();
  if (node.kind == expr::NodeKind::kColumn && !known) names.push_back(node.name);
  for (const expr::NodePtr& arg : node.args) add_source_columns(*arg, names);
}

bool needs_key(plan::MergeMode mode) {
  return mode != plan::MergeMode::kReplace && mode != plan::MergeMode::kAppend;
}

void settle_key(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  const plan::Table& spec = *table.spec;
  std::vector<base::Located> key = spec.key;
  if (spec.key_from_catalog) {
    auto found = catalog_key(work, at);
    if (!found) return;
    key = std::move(*found);
  }
  if (key.empty() && needs_key(spec.merge.mode)) {
    work.fail(at, "E303", spec.span, "table '" + table.name + "' has no key",
              "name the columns that identify a row: 'key: id'");
    return;
  }
  for (const base::Located& name : key) require_key_column(work, at, name);
  for (const std::size_t position : table.comparison.key) {
    stages::OutputColumn& column = table.transform.columns[position];
    add_source_columns(*column.node, table.source_key);
    column.nullable = true;  // a NULL in the key ends the run: it is no row to reject
  }
  for (const auto& [column, kind] : spec.classification) {
    static_cast<void>(kind);
    table.comparison.masked.push_back(column);
  }
  if (!work.broken[at]) settle_merge(work, at);
}

/// The position of the bare source column that a written column passes on unchanged.
std::optional<std::string> passed_on(const BoundTable& table, std::size_t written) {
  const auto column = expr::column_of(*table.transform.columns[written].node);
  if (!column) return std::nullopt;
  return table.read.columns.fields[*column].name;
}

/// Asks the source for key order where the key passes through unchanged; else the engine sorts.
/// Rows that are matched by nothing stay as they come.
void order_source(const Binding& work, BoundTable& table) {
  const std::vector<std::size_t>& key = table.comparison.key;
  if (key.empty()) return;
  const connect::Capabilities& source = work.capabilities(table.source);
  std::vector<std::string> order;
  for (const std::size_t position : key) {
    const auto column = passed_on(table, position);
    if (!column || !source.ordered_read || !table.read.query.empty()) break;
    order.push_back(*column);
  }
  const bool by_key = !table.comparison.by_content && table.comparison.dedupe.empty();
  if (by_key && order.size() == key.size()) {
    table.read.order_by = std::move(order);
    return;
  }
  table.sort_staged = true;
  table.may_be_ordered = by_key && table.read.table != "-" &&
                         std::all_of(key.begin(), key.end(), [&](std::size_t position) {
                           return passed_on(table, position).has_value();
                         });
}

void order_target(const Binding& work, BoundTable& table) {
  table.target_read.table = table.target_table;
  table.target_read.columns = table.comparison.written;
  for (data::Field& field : table.target_read.columns.fields) {
    const auto* info = table.target_info ? table.target_info->find(field.name) : nullptr;
    if (info != nullptr) field = {info->name, info->type, info->nullable};
  }
  if (!table.target_info || !table.compares) return;
  if (table.comparison.by_content) {
    table.target_read.columns.fields.push_back(
        {connect::kRowNumber, data::Type::of(data::Kind::kInt64), false});
  }
  table.sort_target = table.comparison.by_content || !work.capabilities(table.target).ordered_read;
  if (!table.sort_target) table.target_read.order_by = table.key;
}

}  // namespace

connect::CreateTable definition_of(const plan::TableDefinition& definition) {
  connect::CreateTable create;
  const std::vector<std::string> primary_key = texts(definition.primary_key);
  for (const plan::DefinedColumn& column : definition.columns) {
    const bool in_key =
        std::find(primary_key.begin(), primary_key.end(), column.name.text) != primary_key.end();
    std::optional<std::string> value;
    if (column.default_value) value = column.default_value->text;
    create.columns.push_back(
        {column.name.text, column.type, column.nullable && !in_key, std::move(value)});
  }
  create.primary_key = primary_key;
  if (definition.partition_column) create.partition_column = definition.partition_column->text;
  create.partition_by = definition.partition_by;
  create.cluster_by = texts(definition.cluster_by);
  for (const auto& index : definition.indexes) create.indexes.push_back(texts(index));
  create.statements = definition.statements;
  return create;
}

void settle_definitions(Binding& work) {
  for (std::size_t at = 0; at < work.result.tables.size(); ++at) {
    BoundTable& table = work.result.tables[at];
    if (!table.spec->schema) continue;
    check_definition(work, at, *table.spec->schema);
    if (table.target_info) {
      table.already_there = true;
      require_as_defined(work, at, *table.spec->schema);
    } else if (!work.broken[at]) {
      table.create = definition_of(*table.spec->schema);
    }
  }
}

void settle_keys(Binding& work) {
  require_primary_keys(work);
  for (std::size_t at = 0; at < work.result.tables.size(); ++at) {
    if (!work.broken[at] && !work.result.tables[at].create_only) settle_key(work, at);
  }
}

void define_new_tables(Binding& work) {
  for (std::size_t at = 0; at < work.result.tables.size(); ++at) {
    BoundTable& table = work.result.tables[at];
    if (work.broken[at] || table.create_only || table.target_info || table.create) continue;
    connect::CreateTable create;
    for (const data::Field& field : table.comparison.written.fields) {
      const bool in_key =
          std::find(table.key.begin(), table.key.end(), field.name) != table.key.end();
      create.columns.push_back({field.name, field.type, !in_key, std::nullopt});
    }
    create.primary_key = table.key;
    table.create = std::move(create);
  }
}

void choose_order(Binding& work) {
  for (std::size_t at = 0; at < work.result.tables.size(); ++at) {
    BoundTable& table = work.result.tables[at];
    if (work.broken[at] || table.create_only) continue;
    order_source(work, table);
    order_target(work, table);
  }
}

}  // namespace engine::compile
