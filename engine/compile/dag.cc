#include "compile/binding.h"

namespace engine::compile {
namespace {

/// Positions of one table's nodes; kNone where a table has no such stage.
struct TableNodes {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t check = kNone;
  std::size_t merge = kNone;
};

std::size_t add(Dag& dag, std::size_t table, Stage stage, std::vector<std::size_t> after) {
  dag.nodes.push_back({table, stage, table, std::move(after)});
  return dag.nodes.size() - 1;
}

TableNodes add_table(Dag& dag, std::size_t table, bool create_only) {
  TableNodes nodes;
  std::vector<std::size_t> before_merge;
  if (!create_only) {
    const std::size_t extract = add(dag, table, Stage::kExtract, {});
    const std::size_t transform = add(dag, table, Stage::kTransform, {extract});
    nodes.check = add(dag, table, Stage::kCheck, {transform});
    before_merge.push_back(nodes.check);
  }
  nodes.merge = add(dag, table, Stage::kMerge, std::move(before_merge));
  add(dag, table, Stage::kVerify, {nodes.merge});
  return nodes;
}

/// Edges run from a parent's check to its child's: a parent that its checks refuse must not
/// resolve.
void wait_for_parents(Dag& dag, const Graph& graph, const std::vector<TableNodes>& nodes) {
  for (const Edge& edge : graph.edges) {
    if (edge.deferred) continue;
    const std::size_t parent = nodes[edge.parent].check;
    const std::size_t child = nodes[edge.child].check;
    const bool both = parent != TableNodes::kNone && child != TableNodes::kNone;
    if (both) {
      dag.nodes[child].after.push_back(parent);
    } else {
      dag.nodes[nodes[edge.child].merge].after.push_back(nodes[edge.parent].merge);
    }
  }
}

}  // namespace

std::string_view stage_name(Stage stage) {
  switch (stage) {
    case Stage::kExtract:
      return "extract";
    case Stage::kTransform:
      return "transform";
    case Stage::kCheck:
      return "check";
    case Stage::kMerge:
      return "merge";
    case Stage::kVerify:
      return "verify";
  }
  return "";
}

Dag lay_out(const Graph& graph) {
  Dag dag;
  std::vector<TableNodes> nodes;
  for (std::size_t at = 0; at < graph.tables.size(); ++at) {
    nodes.push_back(add_table(dag, at, graph.tables[at]->create_only()));
  }
  wait_for_parents(dag, graph, nodes);
  return dag;
}

void lay_stages(Binding& work) {
  work.result.dag = lay_out(work.result.graph);
  Dag& dag = work.result.dag;
  std::vector<TableNodes> nodes(work.result.tables.size());
  for (std::size_t node = 0; node < dag.nodes.size(); ++node) {
    TableNodes& of_table = nodes[dag.nodes[node].table];
    if (dag.nodes[node].stage == Stage::kCheck) of_table.check = node;
    if (dag.nodes[node].stage == Stage::kMerge) of_table.merge = node;
  }
  // What publishes together waits for the checks of all: a failing one publishes nothing.
  for (const Unit& unit : work.result.units) {
    DagNode& first = dag.nodes[nodes[unit.tables.front()].merge];
    for (const std::size_t table : unit.tables) {
      if (nodes[table].check != TableNodes::kNone) first.after.push_back(nodes[table].check);
    }
  }
}

}  // namespace engine::compile
