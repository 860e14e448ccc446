#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "base/text.h"
#include "compile/binding.h"

namespace engine::compile {
namespace {

struct Pass {
  const char* name;
  const char* reason;
  void (*run)(Binding&);
};

// Order matters; each pass may rely on what the ones before it established.
constexpr Pass kPasses[] = {
    {"look up tables", "what is there on both sides decides everything else", look_up_tables},
    {"settle definitions", "a declared schema gives a missing table its columns",
     settle_definitions},
    {"bind columns", "the rows that will be written, typed by the target where it exists",
     bind_columns},
    {"settle keys", "keys are written columns, so those must be known", settle_keys},
    {"define new tables", "without a schema a new table is what the bound output says",
     define_new_tables},
    {"break circles", "which columns take NULL, and so which references can wait, is known here",
     break_circles},
    {"choose order", "the comparison needs key order from the source, the target or a sort",
     choose_order},
    {"bind checks", "checks name written columns, columns of the image or of the source",
     bind_checks},
    {"collect parent keys", "children's checks say which keys their parents must keep",
     collect_parent_keys},
    {"choose loading", "an empty target is loaded live, if all that wait for it are too",
     choose_loading},
    {"form units", "what publishes together, parents first", form_units},
    {"lay stages", "the execution graph follows from edges, loading and units", lay_stages},
    {"state limits", "what a dry run cannot prove is said, not hidden", state_limits},
};

}  // namespace

void Binding::fail(std::size_t table, std::string code, base::Span span, std::string message,
                   std::string help) {
  broken[table] = true;
  diagnostics.error(std::move(code), std::move(span), std::move(message), std::move(help));
}

expr::Scope Binding::scope(const data::Schema* columns) const {
  expr::Scope scope;
  scope.columns = columns;
  for (const auto& [name, value] : plan.vars) {
    scope.variables.emplace(name, data::Value::of_text(value.text));
  }
  scope.unknown_variables = plan.unknown_vars;
  scope.named = &plan.transforms;
  return scope;
}

const connect::Capabilities& Binding::capabilities(const std::string& connection) const {
  const auto found = surroundings.capabilities.find(connection);
  if (found == surroundings.capabilities.end()) base::bug("no capabilities of " + connection);
  return found->second;
}

data::Schema schema_of(const connect::TableInfo& info) {
  data::Schema schema;
  for (const connect::ColumnInfo& column : info.columns) {
    schema.fields.push_back({column.name, column.type, column.nullable});
  }
  return schema;
}

std::string near_field(std::string_view word, const data::Schema& schema) {
  std::vector<std::string> names;
  for (const data::Field& field : schema.fields) names.push_back(field.name);
  const auto near = base::nearest(word, names);
  if (near) return "did you mean '" + *near + "'?";
  return "there are: " + base::join(names, ", ");
}

std::string physical_name(const plan::Connection& connection, const std::string& table) {
  if (!connection.table_name) return table;
  std::string name = *connection.table_name;
  const std::string slot = "{table}";
  const std::size_t at = name.find(slot);
  return at == std::string::npos ? name : name.replace(at, slot.size(), table);
}

namespace {

bool has_query(const plan::Table& table) {
  return table.from && table.from->query;
}

std::string source_table_of(const plan::Table& table) {
  if (table.from && !table.from->table.text.empty()) return table.from->table.text;
  return table.name.text;
}

std::string physical(const plan::Plan& plan, const std::string& connection,
                     const std::string& table) {
  const plan::Connection* found = plan.connection(connection);
  return found == nullptr ? table : physical_name(*found, table);
}

std::string target_table_of(const plan::Table& table) {
  return table.to ? table.to->text : table.name.text;
}

/// Where the catalog has the source: two tables may read one file in different ways.
std::string source_key(const plan::Plan& plan, const plan::Table& table) {
  if (table.from && table.from->file) {
    return table.from->file->path.text + " for " + table.name.text;
  }
  return physical(plan, table.source.text, source_table_of(table));
}

const std::optional<connect::TableInfo>& described(const Binding& work,
                                                   const std::string& connection,
                                                   const std::string& table) {
  const auto found = work.surroundings.catalog.tables.find({connection, table});
  if (found == work.surroundings.catalog.tables.end()) {
    base::bug("nothing was looked up for " + connection + "." + table);
  }
  return found->second;
}

void look_up_query(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  const base::Located& query = *table.spec->from->query;
  table.read.table = table.name + " (query)";
  table.read.query = query.text;
  const auto found = work.surroundings.catalog.queries.find({table.source, query.text});
  if (found == work.surroundings.catalog.queries.end()) base::bug("nobody asked for a query");
  table.source_info = found->second.info;
  if (found->second.refused.empty()) return;
  work.fail(at, "E317", query.span,
            "the query of '" + table.name + "' is refused: " + found->second.refused,
            "write one SELECT; '${name}' puts in a variable of the plan");
}

void look_up_source_table(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  const plan::Table& spec = *table.spec;
  table.read.table = physical(work.plan, table.source, source_table_of(spec));
  if (!names_source(work, at)) return;
  if (spec.from && spec.from->file) {
    table.read.file = *spec.from->file;
    table.read.table = table.read.file->path.text;
    refuse_age_of_files(work, at);
    refuse_circles_of_files(work, at);
  }
  table.source_info = described(work, table.source, source_key(work.plan, spec));
  if (!table.source_info) {
    work.fail(at, "E301", spec.from ? spec.from->span : spec.span,
              "source '" + table.source + "' has no table '" + table.read.table + "'",
              "check 'from:' and the connection, or disable the table");
    return;
  }
  if (table.read.file) {
    const std::vector<std::string>& notes = table.source_info->notes;
    table.notes.insert(table.notes.end(), notes.begin(), notes.end());
  }
  const auto& identities = work.surroundings.identities;
  if (!table.read.file && identities.at(table.source) == identities.at(table.target) &&
      table.read.table == table.target_table) {
    work.fail(at, "E207", spec.span, "source and target of '" + table.name + "' are the same table",
              "give the table another target with 'to:' or 'target:'");
  }
}

void look_up_source(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  table.source = table.spec->source.text;
  if (has_query(*table.spec)) {
    look_up_query(work, at);
  } else {
    look_up_source_table(work, at);
  }
  if (table.source_info) work.source_schemas[at] = schema_of(*table.source_info);
}

void require_key(Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  const plan::Table& spec = *table.spec;
  const connect::Capabilities& target = work.capabilities(table.target);
  const bool keyed = !spec.key.empty() || spec.key_from_catalog;
  if (keyed || table.create_only || target.keyless_rows) return;
  work.fail(
      at, "E119", spec.span,
      "a table of " + target.type + " without a key is not available in this version as target",
      "name the columns that identify a row: 'key: id'");
}

void look_up_target(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  const plan::Table& spec = *table.spec;
  table.target = spec.target.text;
  table.target_table = physical(work.plan, table.target, target_table_of(spec));
  if (spec.to_file) {
    table.target_file = *spec.to_file;
    table.target_table = spec.to_file->path.text;
  }
  if (!names_target(work, at)) return;
  require_whole_write(work, at);
  require_key(work, at);
  if (table.target_file) {  // what it held before is not looked at
    table.already_there = described(work, table.target, table.target_table).has_value();
    if (table.already_there) table.notes.push_back("the file is there and is replaced");
    return;
  }
  table.target_info = described(work, table.target, table.target_table);
  if (table.target_info && table.target_info->is_view) {
    work.fail(at, "E309", spec.span, "target '" + table.target_name() + "' is a view",
              "name the table behind it with 'to:'");
  }
  if (!table.target_info && spec.create == plan::Create::kNever) {
    work.fail(at, "E301", spec.span,
              "target '" + table.target + "' has no table '" + table.target_table + "'",
              "create it, or let the engine do so with 'create: if_missing'");
  }
  if (table.target_info && !work.capabilities(table.target).writes) {
    work.fail(at, "E203", spec.target.span, "connection '" + table.target + "' cannot be written");
  }
}

}  // namespace

void look_up_tables(Binding& work) {
  for (std::size_t at = 0; at < work.result.tables.size(); ++at) {
    BoundTable& table = work.result.tables[at];
    table.spec = work.result.graph.tables[at];
    table.name = table.spec->name.text;
    table.level = at < work.result.graph.levels.size() ? work.result.graph.levels[at] : 1;
    table.create_only = table.spec->create_only();
    look_up_target(work, at);
    if (!table.create_only) look_up_source(work, at);
  }
}

std::vector<Look> tables_to_describe(const plan::Plan& plan, const Graph& graph) {
  std::vector<Look> wanted;
  for (const plan::Table* table : graph.tables) {
    const std::string& target = table->target.text;
    const bool file = table->to_file.has_value();
    wanted.push_back(
        {target, file ? table->to_file->path.text : physical(plan, target, target_table_of(*table)),
         file ? &*table->to_file : nullptr, true});
    if (table->create_only() || has_query(*table)) continue;
    const bool reads_file = table->from && table->from->file;
    wanted.push_back({table->source.text, source_key(plan, *table),
                      reads_file ? &*table->from->file : nullptr, false});
  }
  const auto name = [](const Look& look) {
    return std::tuple(look.connection, look.table, look.file != nullptr && look.as_target);
  };
  std::sort(wanted.begin(), wanted.end(),
            [&](const Look& a, const Look& b) { return name(a) < name(b); });
  const auto same = [&](const Look& a, const Look& b) { return name(a) == name(b); };
  wanted.erase(std::unique(wanted.begin(), wanted.end(), same), wanted.end());
  return wanted;
}

std::vector<std::pair<std::string, std::string>> queries_to_describe(const Graph& graph) {
  std::vector<std::pair<std::string, std::string>> wanted;
  for (const plan::Table* table : graph.tables) {
    if (has_query(*table)) wanted.emplace_back(table->source.text, table->from->query->text);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return wanted;
}

Bound bind(const plan::Plan& plan, Graph graph, const Surroundings& surroundings,
           base::Diagnostics& diagnostics) {
  Binding work{plan, surroundings, diagnostics, {}, {}, {}};
  work.result.plan = &plan;
  work.result.graph = std::move(graph);
  const std::size_t count = work.result.graph.tables.size();
  work.result.tables.resize(count);
  work.broken.resize(count, false);
  work.source_schemas.resize(count);
  for (const Pass& pass : kPasses) pass.run(work);
  return std::move(work.result);
}

std::vector<PassDoc> bind_passes() {
  std::vector<PassDoc> docs;
  for (const Pass& pass : kPasses) docs.push_back({pass.name, pass.reason});
  return docs;
}

}  // namespace engine::compile
