#include <algorithm>
#include <set>

#include "compile/binding.h"
#include "compile/id_rules.h"
#include "compile/planned_columns.h"
#include "data/value.h"
#include "expr/build.h"
#include "expr/pieces.h"

namespace engine::compile {
namespace {

bool check_mentions(Binding& work, std::size_t at, const expr::Syntax& syntax,
                    std::set<std::string>& used) {
  bool good = true;
  for (const expr::Mention& mention : expr::mentioned_columns(syntax)) {
    if (work.source_schemas[at].find(mention.name)) {
      used.insert(mention.name);
      continue;
    }
    good = false;
    work.fail(at, "E302", mention.span,
              "source '" + work.result.tables[at].source + "." + work.result.tables[at].read.table +
                  "' has no column '" + mention.name + "'",
              near_field(mention.name, work.source_schemas[at]));
  }
  return good;
}

void push_down_filter(Binding& work, std::size_t at, std::set<std::string>& used) {
  BoundTable& table = work.result.tables[at];
  if (!table.spec->from || !table.spec->from->where) return;
  const plan::ExpressionText& where = *table.spec->from->where;
  std::set<std::string> named;
  if (where.syntax == nullptr || !check_mentions(work, at, *where.syntax, named)) return;
  const auto boolean = data::Type::of(data::Kind::kBool);
  const expr::NodePtr node = expr::bind(
      *where.syntax, *where.text, work.scope(&work.source_schemas[at]), boolean, work.diagnostics);
  if (node == nullptr) {
    work.broken[at] = true;
    return;
  }
  const expr::Dialect* dialect = work.capabilities(table.source).dialect;
  table.filter_note = "the source has no SQL";
  if (dialect != nullptr) {
    expr::SqlResult pushed = expr::to_sql(*node, *dialect);
    table.read.where = std::move(pushed.sql);
    table.filter_note = std::move(pushed.why_not);
  }
  if (table.read.where) {
    table.filter_note.clear();
    return;
  }
  table.notes.push_back("filter runs in the engine: " + table.filter_note);
  used.insert(named.begin(), named.end());
}

bool needs_all_columns(const plan::Table& table) {
  return std::any_of(table.checks.begin(), table.checks.end(), [](const plan::Check& check) {
    return check.stage == plan::CheckStage::kSource;
  });
}

void choose_read_columns(Binding& work, std::size_t at, const std::set<std::string>& used) {
  BoundTable& table = work.result.tables[at];
  const bool all = needs_all_columns(*table.spec);
  for (const data::Field& field : work.source_schemas[at].fields) {
    if (all || used.contains(field.name)) table.read.columns.fields.push_back(field);
  }
}

std::string text_of(const std::optional<base::Located>& text) {
  return text ? text->text : std::string();
}

/// The rule's own type, format, zone and default, in this order; nullptr with a reason.
expr::NodePtr shaped(const plan::ColumnRule& rule, expr::NodePtr node, std::string& problem) {
  if (rule.format || rule.zone || rule.dst) {
    const data::Type type = rule.type.value_or(data::Type::timestamp(true));
    node = expr::parse_time_node(node, text_of(rule.format), text_of(rule.zone), text_of(rule.dst),
                                 type, problem);
  } else if (rule.type && !(expr::type_of(*node) == *rule.type)) {
    node = expr::cast_node(node, *rule.type, problem);
  }
  if (node == nullptr || !rule.default_value) return node;
  return expr::coalesce_node(node, data::Value::of_text(rule.default_value->text), problem);
}

expr::NodePtr shape(Binding& work, const Planned& column, expr::NodePtr node) {
  if (column.rule == nullptr || node == nullptr) return node;
  std::string problem;
  node = shaped(*column.rule, std::move(node), problem);
  if (node == nullptr) work.diagnostics.error("E116", column.rule->name.span, problem);
  return node;
}

bool has_shape(const plan::ColumnRule* rule) {
  return rule != nullptr &&
         (rule->type || rule->format || rule->zone || rule->dst || rule->default_value);
}

std::string no_fit_help(const Planned& column, const data::Type& wanted) {
  return "write the conversion: '" + column.name + ": cast(" + column.text.text + " as " +
         data::type_name(wanted) + ")'";
}

/// A remapped column from the child's own values.
expr::NodePtr bind_remapped(Binding& work, std::size_t at, const Planned& column,
                            const data::Schema& read) {
  std::vector<expr::NodePtr> values;
  for (const Planned& part : column.key) {
    expr::NodePtr value =
        expr::bind(*part.syntax, part.text, work.scope(&read), std::nullopt, work.diagnostics);
    value = shape(work, part, std::move(value));
    if (value == nullptr) return nullptr;
    values.push_back(std::move(value));
  }
  return bind_remap(work, at, *column.remap, std::move(values), column.wanted);
}

expr::NodePtr bind_one(Binding& work, std::size_t at, const Planned& column,
                       const data::Schema& read) {
  const plan::Table& spec = *work.result.tables[at].spec;
  const bool shaped = has_shape(column.rule);
  const auto wanted = shaped ? std::nullopt : column.wanted;
  if (column.is_id()) return bind_own_id(work, at, *column.rule, column.wanted);
  if (column.remap != nullptr) return bind_remapped(work, at, column, read);
  expr::NodePtr node = nullptr;
  if (column.rule != nullptr && !column.rule->expr && !work.source_schemas[at].find(column.name)) {
    node = expr::null_node(
        column.rule->type.value_or(column.wanted.value_or(data::Type::of(data::Kind::kText))));
  } else if (column.rule == nullptr) {
    node =
        expr::bind(*column.syntax, column.text, work.scope(&read), std::nullopt, work.diagnostics);
  } else {
    node = expr::bind(*column.syntax, column.text, work.scope(&read), wanted, work.diagnostics);
  }
  node = shape(work, column, std::move(node));
  if (node == nullptr || !column.wanted || expr::type_of(*node) == *column.wanted) return node;
  const expr::NodePtr widened = expr::widen_node(node, *column.wanted);
  if (widened == nullptr) {
    work.fail(at, "E304", place_of(column, spec),
              "column '" + column.name + "' is " + data::type_name(*column.wanted) +
                  " in the target, its value is " + data::type_name(expr::type_of(*node)),
              no_fit_help(column, *column.wanted));
  }
  return widened;
}

bool fits_target(Binding& work, std::size_t at, const Planned& column, const data::Type& type) {
  const BoundTable& table = work.result.tables[at];
  if (!table.target_info) return true;
  const connect::ColumnInfo* info = table.target_info->find(column.name);
  if (info == nullptr) return true;
  const connect::Connection::Fit fit = work.surroundings.fits(table.target, *info, type);
  if (fit.ok) return true;
  work.fail(at, "E304", place_of(column, *table.spec),
            "column '" + column.name + "' of '" + table.target_name() + "' (" + info->declared +
                ") cannot hold " + data::type_name(type) + ": " + fit.why_not,
            "change the column's type in the target, or convert the value");
  return false;
}

void add_output(Binding& work, std::size_t at, const Planned& column, const data::Schema& read) {
  BoundTable& table = work.result.tables[at];
  expr::NodePtr node = bind_one(work, at, column, read);
  if (node == nullptr) {
    work.broken[at] = true;
    return;
  }
  const data::Type type = expr::type_of(*node);
  if (!fits_target(work, at, column, type)) return;
  table.comparison.written.fields.push_back({column.name, type, column.nullable});
  table.transform.columns.push_back({column.name, type, std::move(node), column.nullable});
}

void bind_engine_filter(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  if (table.filter_note.empty() || !table.spec->from || !table.spec->from->where) return;
  const plan::ExpressionText& where = *table.spec->from->where;
  table.transform.filter = expr::bind(*where.syntax, *where.text, work.scope(&table.read.columns),
                                      data::Type::of(data::Kind::kBool), work.diagnostics);
  if (table.transform.filter == nullptr) work.broken[at] = true;
}

/// Columns that dedupe orders by travel behind the written ones.
void carry_order_columns(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  for (const plan::OrderBy& order : table.spec->merge.dedupe) {
    const auto position = table.read.columns.find(order.column.text);
    if (!position) continue;
    const data::Field& field = table.read.columns.fields[*position];
    table.comparison.dedupe.push_back(
        {table.comparison.written.size() + table.transform.carried.size(), order.descending});
    table.transform.carried.push_back(
        {order.column.text, field.type, expr::column_node(table.read.columns, *position), true});
  }
}

void use_order_columns(Binding& work, std::size_t at, std::set<std::string>& used) {
  for (const plan::OrderBy& order : work.result.tables[at].spec->merge.dedupe) {
    if (work.source_schemas[at].find(order.column.text)) {
      used.insert(order.column.text);
      continue;
    }
    work.fail(at, "E302", order.column.span,
              "source '" + work.result.tables[at].read.table + "' has no column '" +
                  order.column.text + "'",
              near_field(order.column.text, work.source_schemas[at]));
  }
}

void refuse_unfilled(Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  if (!table.target_info) return;
  for (const connect::ColumnInfo& info : table.target_info->columns) {
    if (info.nullable || info.has_default || info.generated) continue;
    if (table.comparison.written.find(info.name)) continue;
    work.fail(at, "E305", table.spec->span,
              "nothing fills column '" + info.name + "' of '" + table.target_name() +
                  "', which is NOT NULL and has no default",
              "give it a value under 'columns:', or a default in the target");
  }
}

/// The type that the plan or the target gives to a source column passed on as it is.
std::optional<data::Type> type_given(const Planned& column) {
  if (column.rule == nullptr) return column.wanted;
  if (column.rule->format || column.rule->zone || column.rule->dst) return std::nullopt;
  return column.rule->type ? column.rule->type : column.wanted;
}

/// The one type given to a source column by all that pass it on; nullopt: none, or several.
std::optional<data::Type> agreed_type(const std::vector<Planned>& columns,
                                      const std::string& name) {
  std::optional<data::Type> agreed;
  for (const Planned& column : columns) {
    if (column.syntax == nullptr) continue;
    const auto bare = expr::bare_column(*column.syntax);
    const auto given = bare && *bare == name ? type_given(column) : std::nullopt;
    if (!given) continue;
    if (agreed && !(*agreed == *given)) return std::nullopt;
    agreed = given;
  }
  return agreed;
}

/// A source column without a type of its own has, everywhere in the table, the type of the target
/// column that it goes to unchanged; where there is none it stays text.
void type_untyped_columns(Binding& work, std::size_t at, const std::vector<Planned>& columns) {
  const connect::TableInfo& source = *work.result.tables[at].source_info;
  for (data::Field& field : work.source_schemas[at].fields) {
    const connect::ColumnInfo* info = source.find(field.name);
    if (info == nullptr || !info->untyped) continue;
    if (const auto type = agreed_type(columns, field.name)) field.type = *type;
  }
}

/// The source columns of an id map, noted as used.
bool check_id_columns(Binding& work, std::size_t at, const plan::ColumnRule& rule,
                      std::set<std::string>& used) {
  const plan::IdMap* map = work.plan.id_map(rule.id->text);
  if (map == nullptr) return false;
  bool good = true;
  for (const base::Located& name : map->from) {
    used.insert(name.text);
    if (work.source_schemas[at].find(name.text)) continue;
    good = false;
    work.fail(at, "E302", rule.id->span,
              "id map '" + map->name.text + "' is made from '" + name.text + "', which source '" +
                  work.result.tables[at].read.table + "' does not have",
              near_field(name.text, work.source_schemas[at]));
  }
  return good;
}

/// Whether the source has what fills a column.
bool check_sources(Binding& work, std::size_t at, const Planned& column,
                   std::set<std::string>& used) {
  if (column.is_id()) return check_id_columns(work, at, *column.rule, used);
  if (column.remap != nullptr) {
    return std::all_of(column.key.begin(), column.key.end(), [&](const Planned& part) {
      return part.syntax != nullptr && check_mentions(work, at, *part.syntax, used);
    });
  }
  if (column.syntax == nullptr) return false;
  const bool only_default = column.rule != nullptr && !column.rule->expr;
  if (only_default && !work.source_schemas[at].find(column.name)) return true;
  return check_mentions(work, at, *column.syntax, used);
}

void bind_table_columns(Binding& work, std::size_t at) {
  const std::vector<Planned> columns = planned_columns(work, at);
  type_untyped_columns(work, at, columns);
  std::set<std::string> used;
  bool good = true;
  for (const Planned& column : columns) {
    good = check_target_column(work, at, column) && check_sources(work, at, column, used) && good;
  }
  push_down_filter(work, at, used);
  use_order_columns(work, at, used);
  use_delete_columns(work, at, used);
  if (!good || work.broken[at]) {
    work.broken[at] = true;
    return;
  }
  choose_read_columns(work, at, used);
  const data::Schema read = work.result.tables[at].read.columns;
  for (const Planned& column : columns) add_output(work, at, column, read);
  bind_engine_filter(work, at);
  add_deletion_mark(work, at);
  carry_order_columns(work, at);
  carry_delete_flag(work, at);
  if (!work.broken[at]) refuse_unfilled(work, at);
}

}  // namespace

void bind_columns(Binding& work) {
  for (std::size_t at = 0; at < work.result.tables.size(); ++at) {
    if (!work.broken[at] && !work.result.tables[at].create_only) bind_table_columns(work, at);
  }
}

}  // namespace engine::compile
