#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compile/graph.h"

namespace engine::compile {

/// Whether a reference may wait until all tables of its circle have been read: its column can be
/// NULL, so that a row can stand without its parent.
using CanDefer = std::function<bool(const Edge& edge)>;

/// Finds the circles (Graph::circles), marks the edges within one that can wait as deferred, and
/// orders the tables along all others: parents before children, the tables of a circle next to each
/// other. Graph::order stays empty where a circle is left.
void order_tables(Graph& graph, const CanDefer& can_defer);

/// After order_tables left no order: the edges of one circle that nothing can break, parents first.
std::vector<const Edge*> unbroken_circle(const Graph& graph);

/// "sales -> regions (depends_on) -> sales (references shop)"
std::string circle_text(const Graph& graph, const std::vector<const Edge*>& circle);

}  // namespace engine::compile
