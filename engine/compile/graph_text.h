#pragma once

#include <string>

#include "compile/bound.h"
#include "compile/graph.h"

namespace engine::compile {

/// The graph for people: tables by level with what they wait for, and the stages of each.
std::string graph_text(const Graph& graph);
/// For Graphviz.
std::string graph_dot(const Graph& graph);
/// For Markdown viewers.
std::string graph_mermaid(const Graph& graph);

}  // namespace engine::compile
