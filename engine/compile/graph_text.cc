#include "compile/graph_text.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace engine::compile {
namespace {

std::string stages_of(const Dag& dag, std::size_t table) {
  std::string text;
  for (const DagNode& node : dag.nodes) {
    if (node.table != table) continue;
    if (!text.empty()) text += " > ";
    text += stage_name(node.stage);
  }
  return text;
}

std::string waits_for(const Graph& graph, std::size_t table) {
  std::vector<std::string> parts;
  for (const Edge& edge : graph.edges) {
    if (edge.child == table) {
      parts.push_back(graph.tables[edge.parent]->name.text + " (" + edge.reason +
                      (edge.deferred ? ", deferred)" : ")"));
    }
  }
  return base::join(parts, ", ");
}

std::string pad(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

std::size_t widest_name(const Graph& graph) {
  std::size_t width = 5;
  for (const plan::Table* table : graph.tables) width = std::max(width, table->name.text.size());
  return width;
}

/// Tables by level, and within a level in the order in which they run.
std::vector<std::size_t> by_level(const Graph& graph) {
  std::map<int, std::vector<std::size_t>> levels;
  for (const std::size_t at : graph.order) levels[graph.levels[at]].push_back(at);
  std::vector<std::size_t> order;
  for (const auto& [level, tables] : levels)
    order.insert(order.end(), tables.begin(), tables.end());
  return order;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

/// Mermaid has no escapes inside quotes but entities.
std::string entity_escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '"') {
      result += "#quot;";
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

std::string graph_text(const Graph& graph) {
  const Dag dag = lay_out(graph);
  const std::size_t width = widest_name(graph);
  std::string text = "lvl  " + pad("table", width) + "  stages\n";
  for (const std::size_t at : by_level(graph)) {
    const std::string level = std::to_string(graph.levels[at]);
    text += std::string(3 - std::min<std::size_t>(3, level.size()), ' ') + level + "  " +
            pad(graph.tables[at]->name.text, width) + "  " + stages_of(dag, at);
    const std::string parents = waits_for(graph, at);
    if (!parents.empty()) text += "   after " + parents;
    text += '\n';
  }
  return text;
}

std::string graph_dot(const Graph& graph) {
  std::string text = "digraph plan {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const plan::Table* table : graph.tables)
    text += "  \"" + escaped(table->name.text) + "\";\n";
  for (const Edge& edge : graph.edges) {
    text += "  \"" + escaped(graph.tables[edge.parent]->name.text) + "\" -> \"" +
            escaped(graph.tables[edge.child]->name.text) + "\" [label=\"" + escaped(edge.reason) +
            "\"];\n";
  }
  return text + "}\n";
}

std::string graph_mermaid(const Graph& graph) {
  std::string text = "flowchart LR\n";
  for (std::size_t at = 0; at < graph.tables.size(); ++at) {
    text +=
        "  t" + std::to_string(at) + "[\"" + entity_escaped(graph.tables[at]->name.text) + "\"]\n";
  }
  for (const Edge& edge : graph.edges) {
    text += "  t" + std::to_string(edge.parent) + " -->|\"" + entity_escaped(edge.reason) +
            "\"| t" + std::to_string(edge.child) + "\n";
  }
  return text;
}

}  // namespace engine::compile
