#pragma once

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.h"
#include "plan/model.h"

namespace engine::compile {

/// The child must wait for the parent: it refers to it, or the plan says so.
struct Edge {
  std::size_t parent = 0;  ///< positions in Graph::tables
  std::size_t child = 0;
  std::string reason;  ///< "references agentContactId", "depends_on"
  base::Span span;
  const plan::Reference* reference = nullptr;  ///< whose edge it is; nullptr: no reference's
  bool late = false;      ///< of a published check: judged when all were published
  bool deferred = false;  ///< within a circle: judged when all its tables were read; orders nothing
};

/// The tables of a plan with their edges; what can be known without any database. A pattern that
/// was not expanded is one table here.
struct Graph {
  std::vector<const plan::Table*> tables;  ///< enabled ones, in file order; they belong to the plan
  std::vector<Edge> edges;
  std::vector<std::size_t>
      order;  ///< parents before children, else file order; empty when there is a cycle
  std::vector<std::vector<std::size_t>>
      circles;              ///< tables that refer to each other, in file order
  std::vector<int> levels;  ///< longest path from a root, from 1
  std::unordered_map<std::string_view, std::size_t> positions;  ///< by plan name

  /// Along edges that order; those of a circle that wait are left out.
  std::vector<std::size_t> parents_of(std::size_t table) const;
  std::vector<std::size_t> children_of(std::size_t table) const;
  /// The tables that are read and published together with this one; itself alone outside circles.
  std::vector<std::size_t> circle_of(std::size_t table) const;
  /// The connections that the tables are written to, and read from.
  std::set<std::string> targets() const;
  std::set<std::string> sources() const;
  /// Position of a table by its plan name; tables.size() when there is none.
  std::size_t find(std::string_view name) const;
  /// The same, or where no table has that name, the pattern that covers it.
  std::size_t covering(std::string_view name) const;
};

/// Compiles offline: one visible list of passes (graph.cc). Every mistake goes to `diagnostics`;
/// the graph is as complete as the mistakes allow. The plan must outlive it.
Graph compile(const plan::Plan& plan, base::Diagnostics& diagnostics);

/// The passes by name, each with the reason why it stands where it stands.
struct PassDoc {
  std::string name;
  std::string reason;
};
std::vector<PassDoc> compile_passes();

}  // namespace engine::compile
