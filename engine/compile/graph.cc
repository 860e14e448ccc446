#include "compile/graph.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "compile/circles.h"
#include "compile/id_rules.h"
#include "compile/merge_rules.h"
#include "plan/table_pattern.h"
#include "stages/checks/formats.h"
#include "stages/checks/pattern.h"

namespace engine::compile {
namespace {

struct Compilation {
  const plan::Plan& plan;
  base::Diagnostics& diagnostics;
  Graph graph;
  bool cyclic = false;
};

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const auto near = base::nearest(word, candidates);
  return near ? "did you mean '" + *near + "'?" : std::string();
}

void collect_tables(Compilation& work) {
  for (const plan::Table& table : work.plan.tables) {
    if (table.disabled) continue;
    work.graph.positions.emplace(table.name.text, work.graph.tables.size());
    work.graph.tables.push_back(&table);
  }
}

std::vector<std::string> connection_names(const plan::Plan& plan) {
  std::vector<std::string> names;
  for (const plan::Connection& connection : plan.connections) names.push_back(connection.name.text);
  return names;
}

void require_connection(Compilation& work, const plan::Table& table, const base::Located& name,
                        std::string_view role) {
  if (name.text.empty()) {
    work.diagnostics.error(
        "E107", table.span, "table '" + table.name.text + "' has no " + std::string(role),
        "name a connection with '" + std::string(role) + ":' in the table or under 'defaults:'");
    return;
  }
  if (work.plan.connection(name.text) != nullptr) return;
  work.diagnostics.error("E113", name.span, "unknown connection '" + name.text + "'",
                         did_you_mean(name.text, connection_names(work.plan)));
}

void resolve_connections(Compilation& work) {
  for (const plan::Table* table : work.graph.tables) {
    require_connection(work, *table, table->target, "target");
    if (!table->create_only()) require_connection(work, *table, table->source, "source");
  }
}

std::vector<std::string> table_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const plan::Table* table : graph.tables) names.push_back(table->name.text);
  return names;
}

void add_edge(Compilation& work, std::size_t child, const base::Located& to,
              const std::string& reason, const plan::Reference* reference = nullptr) {
  const std::size_t parent = work.graph.covering(to.text);
  if (parent == work.graph.tables.size()) {
    work.diagnostics.error("E310", to.span, "unknown table '" + to.text + "'",
                           did_you_mean(to.text, table_names(work.graph)));
    return;
  }
  if (parent == child) {
    if (reason == "depends_on" && work.graph.tables[child]->name.text == to.text) {
      work.diagnostics.error("E306", to.span, "table '" + to.text + "' depends on itself",
                             "remove it from 'depends_on'");
    }
    return;  // a reference to its own table is judged on the whole image and needs no order
  }
  work.graph.edges.push_back({parent, child, reason, to.span, reference});
}

std::string column_list(const std::vector<base::Located>& columns) {
  std::vector<std::string> names;
  for (const base::Located& column : columns) names.push_back(column.text);
  return base::join(names, ", ");
}

void add_relationship_edges(Compilation& work, std::size_t child) {
  for (const plan::Check& check : work.graph.tables[child]->checks) {
    if (check.kind != "relationships") continue;
    const plan::OptionValue* to = check.options.find("to");
    if (to == nullptr || to->text.text.empty()) continue;
    const std::size_t edges = work.graph.edges.size();
    add_edge(work, child, to->text, "relationships");
    if (work.graph.edges.size() > edges) {
      work.graph.edges.back().late = check.stage == plan::CheckStage::kPublished;
    }
  }
}

void draw_edges(Compilation& work) {
  for (std::size_t child = 0; child < work.graph.tables.size(); ++child) {
    const plan::Table& table = *work.graph.tables[child];
    for (const plan::Reference& reference : table.references) {
      add_edge(work, child, reference.to, "references " + column_list(reference.columns),
               &reference);
    }
    for (const base::Located& name : table.depends_on) add_edge(work, child, name, "depends_on");
    add_relationship_edges(work, child);
  }
}

bool in_key(const plan::Table& table, const base::Located& column) {
  return std::any_of(table.key.begin(), table.key.end(),
                     [&](const auto& name) { return name.text == column.text; });
}

bool defined_not_null(const plan::Table& table, const base::Located& column) {
  if (!table.schema) return false;
  return std::any_of(
      table.schema->columns.begin(), table.schema->columns.end(),
      [&](const auto& defined) { return defined.name.text == column.text && !defined.nullable; });
}

/// Offline: any column outside the key may be one that takes NULL, unless the plan says otherwise.
bool may_defer(const Graph& graph, const Edge& edge) {
  if (edge.late || edge.reference == nullptr) return edge.late;
  const plan::Table& child = *graph.tables[edge.child];
  if (edge.reference->columns.size() > 1 && !edge.reference->into) {
    return std::any_of(
        edge.reference->columns.begin(), edge.reference->columns.end(),
        [&](const auto& name) { return !in_key(child, name) && !defined_not_null(child, name); });
  }
  const base::Located& column = reference_column(*edge.reference);
  return !in_key(child, column) && !defined_not_null(child, column);
}

void order_all(Compilation& work) {
  const Graph& graph = work.graph;
  order_tables(work.graph, [&](const Edge& edge) { return may_defer(graph, edge); });
  work.cyclic = work.graph.order.empty() && !work.graph.tables.empty();
}

void refuse_cycles(Compilation& work) {
  if (!work.cyclic) return;
  const std::vector<const Edge*> circle = unbroken_circle(work.graph);
  work.diagnostics.error("E306", circle.front()->span,
                         "tables wait for each other: " + circle_text(work.graph, circle),
                         "remove one of these edges, or let one be a reference whose column can be "
                         "NULL: that one is judged when all of them have been read");
}

void assert_levels(Compilation& work) {
  if (work.cyclic) return;
  for (const Edge& edge : work.graph.edges) {
    if (edge.deferred) continue;
    const plan::Table& parent = *work.graph.tables[edge.parent];
    const plan::Table& child = *work.graph.tables[edge.child];
    if (!parent.level || !child.level || *parent.level < *child.level) continue;
    work.diagnostics.error(
        "E307", child.level_span,
        "table '" + child.name.text + "' stands on level " + std::to_string(*child.level) +
            ", but waits for '" + parent.name.text + "' on level " + std::to_string(*parent.level) +
            " (" + edge.reason + ")",
        "a level says that everything a table refers to stands on a lower one; give '" +
            child.name.text + "' a level above " + std::to_string(*parent.level));
  }
}

void require_covered(Compilation& work, const plan::Table& table, const base::Located& left_out) {
  const bool fits =
      plan::is_pattern(left_out.text) || base::glob_match(table.name.text, left_out.text);
  if (fits) return;
  work.diagnostics.error(
      "E120", left_out.span,
      "'except' names '" + left_out.text + "', which '" + table.name.text + "' does not match",
      "leave it out, or correct the name");
}

void check_exceptions(Compilation& work) {
  for (const plan::Table* table : work.graph.tables) {
    if (!table->pattern) continue;
    for (const base::Located& left_out : table->pattern->except) {
      require_covered(work, *table, left_out);
    }
  }
}

std::vector<std::string> format_names(const plan::Plan& plan) {
  std::vector<std::string> names;
  for (const stages::BuiltinFormat& format : stages::builtin_formats()) {
    names.emplace_back(format.name);
  }
  for (const auto& [name, format] : plan.formats) names.push_back(name);
  return names;
}

void require_format(Compilation& work, const plan::Check& check) {
  const plan::OptionValue* as = check.options.find("as");
  if (check.kind != "format" || as == nullptr || as->unknown) return;
  const std::string& name = as->text.text;
  if (stages::find_builtin_format(name) != nullptr || work.plan.formats.contains(name)) return;
  const std::vector<std::string> names = format_names(work.plan);
  const std::string meant = did_you_mean(name, names);
  work.diagnostics.error("E113", as->text.span, "unknown format '" + name + "'",
                         meant.empty() ? "there are: " + base::join(names, ", ") : meant);
}

void resolve_formats(Compilation& work) {
  for (const plan::Table* table : work.graph.tables) {
    for (const plan::Check& check : table->checks) require_format(work, check);
  }
}

void require_example(Compilation& work, const plan::Format& format, const stages::Pattern& pattern,
                     const std::string& text, bool valid) {
  if (pattern.matches(text) == valid) return;
  work.diagnostics.error("E104", format.span,
                         "format " + format.name + ": its example " + base::quoted(text) +
                             " is listed as " +
                             (valid ? "valid, and does not match" : "invalid, and matches"),
                         "correct the regex, or the example");
}

void try_formats(Compilation& work) {
  for (const auto& [name, format] : work.plan.formats) {
    const stages::Pattern pattern(format.regex);
    if (!pattern.error().empty()) continue;  // said by the checks that use it
    for (const std::string& text : format.valid) require_example(work, format, pattern, text, true);
    for (const std::string& text : format.invalid) {
      require_example(work, format, pattern, text, false);
    }
  }
}

void hold_merges(Compilation& work) {
  for (const plan::Table* table : work.graph.tables) hold_merge(*table, work.diagnostics);
}

void resolve_ids(Compilation& work) {
  check_ids(work.plan, work.graph, work.diagnostics);
}

struct Pass {
  const char* name;
  const char* reason;
  void (*run)(Compilation&);
};

// Order matters; each pass may rely on what the ones before it established.
constexpr Pass kPasses[] = {
    {"collect tables", "disabled tables take no part; positions are fixed from here on",
     collect_tables},
    {"resolve connections", "a table must know both its ends before anything is asked of them",
     resolve_connections},
    {"check exceptions", "an exception that its pattern could never take is a mistyped one",
     check_exceptions},
    {"resolve formats", "names of formats need no database, so they are settled offline",
     resolve_formats},
    {"try formats", "a format that its own examples contradict would judge every row wrongly",
     try_formats},
    {"hold merges", "which options a mode of merging takes is known from the plan alone",
     hold_merges},
    {"resolve ids", "id maps are names too, and what a reference takes through one is countable",
     resolve_ids},
    {"draw edges", "references, relationships and depends_on become edges once all names exist",
     draw_edges},
    {"order tables", "parents before children; levels follow from the edges alone", order_all},
    {"refuse cycles", "what could not be ordered is a cycle, printed as one", refuse_cycles},
    {"assert levels", "a level of the plan is an assertion about the edges just drawn",
     assert_levels},
};

}  // namespace

std::vector<std::size_t> Graph::parents_of(std::size_t table) const {
  std::vector<std::size_t> result;
  for (const Edge& edge : edges) {
    if (edge.child == table && !edge.deferred) result.push_back(edge.parent);
  }
  return result;
}

std::vector<std::size_t> Graph::children_of(std::size_t table) const {
  std::vector<std::size_t> result;
  for (const Edge& edge : edges) {
    if (edge.parent == table && !edge.deferred) result.push_back(edge.child);
  }
  return result;
}

std::vector<std::size_t> Graph::circle_of(std::size_t table) const {
  for (const std::vector<std::size_t>& circle : circles) {
    if (std::binary_search(circle.begin(), circle.end(), table)) return circle;
  }
  return {table};
}

std::set<std::string> Graph::targets() const {
  std::set<std::string> names;
  for (const plan::Table* table : tables) names.insert(table->target.text);
  return names;
}

std::set<std::string> Graph::sources() const {
  std::set<std::string> names;
  for (const plan::Table* table : tables) {
    if (!table->create_only()) names.insert(table->source.text);
  }
  return names;
}

std::size_t Graph::find(std::string_view name) const {
  const auto found = positions.find(name);
  return found == positions.end() ? tables.size() : found->second;
}

std::size_t Graph::covering(std::string_view name) const {
  const std::size_t exact = find(name);
  if (exact != tables.size()) return exact;
  const auto pattern = std::find_if(tables.begin(), tables.end(),
                                    [&](const plan::Table* table) { return table->covers(name); });
  return static_cast<std::size_t>(pattern - tables.begin());
}

Graph compile(const plan::Plan& plan, base::Diagnostics& diagnostics) {
  Compilation work{plan, diagnostics, {}};
  for (const Pass& pass : kPasses) pass.run(work);
  return std::move(work.graph);
}

std::vector<PassDoc> compile_passes() {
  std::vector<PassDoc> docs;
  for (const Pass& pass : kPasses) docs.push_back({pass.name, pass.reason});
  return docs;
}

}  // namespace engine::compile
