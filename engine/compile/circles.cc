#include "compile/circles.h"

#include <algorithm>
#include <set>

namespace engine::compile {
namespace {

/// Tarjan's strongly connected components.
class Components {
 public:
  explicit Components(const Graph& graph)
      : children_(graph.tables.size()),
        index_(graph.tables.size(), kNone),
        low_(graph.tables.size(), 0),
        of_(graph.tables.size(), kNone) {
    for (const Edge& edge : graph.edges) children_[edge.parent].push_back(edge.child);
    for (std::size_t at = 0; at < index_.size(); ++at) {
      if (index_[at] == kNone) visit(at);
    }
  }

  std::size_t count() const { return count_; }
  std::size_t of(std::size_t table) const { return of_[table]; }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;
  struct Frame {
    std::size_t table = 0;
    std::size_t next = 0;
  };

  void enter(std::size_t table, std::vector<Frame>& path) {
    index_[table] = low_[table] = visited_++;
    open_.push_back(table);
    path.push_back({table, 0});
  }

  // Without recursion: a plan may hold a chain of ten thousand tables.
  void visit(std::size_t root) {
    std::vector<Frame> path;
    enter(root, path);
    while (!path.empty()) {
      const std::size_t table = path.back().table;
      if (path.back().next < children_[table].size()) {
        const std::size_t child = children_[table][path.back().next++];
        if (index_[child] == kNone) {
          enter(child, path);
        } else if (of_[child] == kNone) {
          low_[table] = std::min(low_[table], index_[child]);
        }
        continue;
      }
      path.pop_back();
      if (!path.empty()) low_[path.back().table] = std::min(low_[path.back().table], low_[table]);
      if (low_[table] == index_[table]) close(table);
    }
  }

  void close(std::size_t root) {
    std::size_t table = kNone;
    do {
      table = open_.back();
      open_.pop_back();
      of_[table] = count_;
    } while (table != root);
    ++count_;
  }

  std::vector<std::vector<std::size_t>> children_;
  std::vector<std::size_t> index_, low_, of_, open_;
  std::size_t visited_ = 0;
  std::size_t count_ = 0;
};

/// Kahn's algorithm over `count` things; among those that are ready the one with the lowest rank
/// goes first. Things of a circle are left out.
std::vector<std::size_t> ordered(std::size_t count,
                                 const std::vector<std::pair<std::size_t, std::size_t>>& edges,
                                 const std::vector<std::size_t>& rank) {
  std::vector<std::size_t> waiting(count, 0);
  std::vector<std::vector<std::size_t>> children(count);
  for (const auto& [parent, child] : edges) {
    ++waiting[child];
    children[parent].push_back(child);
  }
  std::set<std::pair<std::size_t, std::size_t>> ready;
  for (std::size_t i = 0; i < count; ++i) {
    if (waiting[i] == 0) ready.emplace(rank[i], i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t first = ready.begin()->second;
    ready.erase(ready.begin());
    order.push_back(first);
    for (const std::size_t child : children[first]) {
      if (--waiting[child] == 0) ready.emplace(rank[child], child);
    }
  }
  return order;
}

/// The members of a component along the edges that do not wait; fewer where a circle is left.
std::vector<std::size_t> order_within(const Graph& graph, const std::vector<std::size_t>& members) {
  if (members.size() == 1) return members;
  std::vector<std::pair<std::size_t, std::size_t>> edges;
  const auto place = [&](std::size_t table) {
    const auto found = std::lower_bound(members.begin(), members.end(), table);
    const bool inside = found != members.end() && *found == table;
    return inside ? static_cast<std::size_t>(found - members.begin()) : members.size();
  };
  for (const Edge& edge : graph.edges) {
    const std::size_t parent = place(edge.parent);
    const std::size_t child = place(edge.child);
    if (edge.deferred || parent == members.size() || child == members.size()) continue;
    edges.emplace_back(parent, child);
  }
  std::vector<std::size_t> order = ordered(members.size(), edges, members);
  for (std::size_t& at : order) at = members[at];
  return order;
}

void set_levels(Graph& graph) {
  graph.levels.assign(graph.tables.size(), 1);
  std::vector<std::vector<std::size_t>> children(graph.tables.size());
  for (const Edge& edge : graph.edges) {
    if (!edge.deferred) children[edge.parent].push_back(edge.child);
  }
  for (const std::size_t table : graph.order) {
    for (const std::size_t child : children[table]) {
      graph.levels[child] = std::max(graph.levels[child], graph.levels[table] + 1);
    }
  }
}

}  // namespace

void order_tables(Graph& graph, const CanDefer& can_defer) {
  const Components components(graph);
  std::vector<std::vector<std::size_t>> members(components.count());
  for (std::size_t at = 0; at < graph.tables.size(); ++at) {
    members[components.of(at)].push_back(at);
  }
  std::vector<std::pair<std::size_t, std::size_t>> between;
  for (Edge& edge : graph.edges) {
    const std::size_t parent = components.of(edge.parent);
    const std::size_t child = components.of(edge.child);
    edge.deferred = parent == child && can_defer(edge);
    if (parent != child) between.emplace_back(parent, child);
  }
  std::vector<std::size_t> rank;
  for (const auto& tables : members) rank.push_back(tables.front());
  graph.order.clear();
  graph.circles.clear();
  for (const std::size_t component : ordered(components.count(), between, rank)) {
    const std::vector<std::size_t> order = order_within(graph, members[component]);
    graph.order.insert(graph.order.end(), order.begin(), order.end());
    if (members[component].size() > 1) graph.circles.push_back(members[component]);
  }
  set_levels(graph);
  if (graph.order.size() != graph.tables.size()) graph.order.clear();
}

// Walks parents that are themselves in a circle until a table comes up twice.
std::vector<const Edge*> unbroken_circle(const Graph& graph) {
  std::vector<std::size_t> stuck;
  for (const std::vector<std::size_t>& circle : graph.circles) {
    const std::vector<std::size_t> order = order_within(graph, circle);
    if (order.size() == circle.size()) continue;
    for (const std::size_t table : circle) {
      if (std::find(order.begin(), order.end(), table) == order.end()) stuck.push_back(table);
    }
    break;
  }
  std::vector<const Edge*> path;
  std::vector<std::size_t> seen(graph.tables.size(), SIZE_MAX);
  const std::set<std::size_t> left(stuck.begin(), stuck.end());
  std::size_t at = stuck.front();
  while (seen[at] == SIZE_MAX) {
    seen[at] = path.size();
    const auto edge =
        std::find_if(graph.edges.begin(), graph.edges.end(), [&](const Edge& candidate) {
          return candidate.child == at && !candidate.deferred && left.contains(candidate.parent);
        });
    path.push_back(&*edge);
    at = edge->parent;
  }
  path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(seen[at]));
  std::reverse(path.begin(), path.end());
  return path;
}

std::string circle_text(const Graph& graph, const std::vector<const Edge*>& circle) {
  std::string text = graph.tables[circle.front()->parent]->name.text;
  for (const Edge* edge : circle) {
    text += " -> " + graph.tables[edge->child]->name.text + " (" + edge->reason + ")";
  }
  return text;
}

}  // namespace engine::compile
