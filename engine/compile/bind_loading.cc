#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "compile/binding.h"

namespace engine::compile {
namespace {

bool may_load_live(const Binding& work, const BoundTable& table) {
  if (table.create_only || work.surroundings.always_compare) return false;
  if (!work.capabilities(table.target).live_publish) return false;
  const bool anew = !work.capabilities(table.target).has_schema;
  if (!anew && table.target_info && !table.target_info->empty) return false;
  const auto& identities = work.surroundings.identities;
  return identities.at(table.source) != identities.at(table.target);
}

/// What is settled before the comparison is known only when the whole table was read.
bool settles(const Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  return work.result.graph.circle_of(at).size() > 1 ||
         std::any_of(table.references.begin(), table.references.end(), [](const auto& reference) {
           return reference.deferred && reference.filters();
         });
}

/// Positions with parents first; file order where a cycle was reported.
std::vector<std::size_t> publish_order(const Binding& work) {
  if (!work.result.graph.order.empty()) return work.result.graph.order;
  std::vector<std::size_t> order(work.result.tables.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  return order;
}

bool removes_rows(const BoundTable& table) {
  return table.compares && !table.comparison.mark &&
         (table.comparison.mirrors() || table.comparison.deleted);
}

/// A parent's rows go after those of its children, and new ones come before them: tables that refer
/// to each other publish together where a parent may lose rows. Else each circle is a group.
std::vector<std::size_t> groups(const Binding& work) {
  const auto& tables = work.result.tables;
  std::vector<std::size_t> group(tables.size());
  for (std::size_t i = 0; i < group.size(); ++i) group[i] = i;
  const auto root = [&group](std::size_t at) {
    while (group[at] != at) at = group[at] = group[group[at]];
    return at;
  };
  std::vector<bool> removes(tables.size(), false);
  for (const Edge& edge : work.result.graph.edges) {
    const BoundTable& parent = tables[edge.parent];
    if (parent.target != tables[edge.child].target) continue;
    const std::size_t from = root(edge.child);
    const std::size_t to = root(edge.parent);
    removes[to] = removes[to] || removes[from] || removes_rows(parent);
    group[from] = to;
  }
  std::vector<std::size_t> out(tables.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool together = removes[root(i)] && work.capabilities(tables[i].target).tables_together;
    out[i] = together ? root(i) : tables.size() + work.result.graph.circle_of(i).front();
  }
  return out;
}

/// All tables of a target that takes them in one transaction.
std::vector<std::size_t> whole_targets(const Binding& work) {
  const auto& tables = work.result.tables;
  std::map<std::string, std::size_t> first;
  std::vector<std::size_t> group;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const bool together = work.capabilities(tables[i].target).tables_together;
    group.push_back(together ? first.try_emplace(tables[i].target, i).first->second
                             : tables.size() + i);
  }
  return group;
}

void check_unit_size(Binding& work, const Unit& unit) {
  const std::uint64_t limit = work.capabilities(unit.connection).max_unit_tables;
  if (limit == 0 || unit.tables.size() <= limit) return;
  work.diagnostics.error("E118", work.plan.name.span,
                         "run.atomic: plan publishes " + std::to_string(unit.tables.size()) +
                             " tables of '" + unit.connection + "' together; its limit is " +
                             std::to_string(limit) + " tables a transaction",
                         "write 'run: {atomic: table}', or move tables into plans of their own");
}

/// "one snapshot of each of: staging"; what a connection cannot promise is said as well.
std::string what_reads_see(const Binding& work) {
  std::set<std::string> together;
  std::set<std::string> apart;
  for (const BoundTable& table : work.result.tables) {
    if (table.create_only || table.source.empty()) continue;
    const bool snapshot =
        work.capabilities(table.source).snapshot == connect::Capabilities::Snapshot::kConnection;
    (snapshot ? together : apart).insert(table.source);
  }
  std::string text;
  for (const std::string& name : together)
    text += (text.empty() ? "" : ", ") + ("one snapshot of " + name);
  for (const std::string& name : apart)
    text += (text.empty() ? "" : ", ") + ("no snapshot of " + name);
  return text;
}

/// A circle stands or falls as one.
void require_one_unit(Binding& work, std::size_t at, const std::vector<std::size_t>& circle) {
  if (circle.size() == 1) return;
  const BoundTable& first = work.result.tables[circle.front()];
  const BoundTable& table = work.result.tables[at];
  if (table.target == first.target && work.capabilities(table.target).tables_together) return;
  work.diagnostics.error("E306", table.spec->span,
                         "'" + first.name + "' and '" + table.name +
                             "' refer to each other and cannot be published together",
                         "let both go to one target that publishes several tables at once");
}

bool has_work(const BoundTable& table) {
  return !table.create_only || table.create.has_value();
}

}  // namespace

void choose_loading(Binding& work) {
  std::vector<std::size_t> order = publish_order(work);
  std::reverse(order.begin(), order.end());
  std::vector<bool> held_back(work.result.tables.size(), false);
  for (const std::size_t at : order) {
    BoundTable& table = work.result.tables[at];
    const bool live = !held_back[at] && may_load_live(work, table) && !settles(work, at);
    table.load = live ? Load::kLive : Load::kCompare;
    if (live) continue;
    for (const std::size_t parent : work.result.graph.parents_of(at)) held_back[parent] = true;
  }
}

void form_units(Binding& work) {
  const bool plan_wide = work.plan.run.atomic == plan::Atomic::kPlan;
  const std::vector<std::size_t> group = plan_wide ? whole_targets(work) : groups(work);
  std::map<std::size_t, std::size_t> unit_of;
  for (const std::size_t at : publish_order(work)) {
    const BoundTable& table = work.result.tables[at];
    if (!has_work(table)) continue;
    const auto [unit, made] = unit_of.try_emplace(group[at], work.result.units.size());
    if (made) work.result.units.push_back({table.target, {}});
    work.result.units[unit->second].tables.push_back(at);
    require_one_unit(work, at, work.result.graph.circle_of(at));
  }
  for (const Unit& unit : work.result.units) check_unit_size(work, unit);
}

void state_limits(Binding& work) {
  work.result.consistency = what_reads_see(work);
  std::size_t triggers = 0;
  std::size_t published = 0;
  for (const BoundTable& table : work.result.tables) {
    published += table.published_checks.size();
    if (table.target_info && !table.target_info->triggers.empty()) ++triggers;
  }
  if (triggers > 0) {
    work.result.not_proven.push_back("triggers of " + std::to_string(triggers) +
                                     (triggers == 1 ? " target table" : " target tables"));
  }
  if (published > 0) {
    work.result.not_proven.push_back(
        std::to_string(published) +
        (published == 1 ? " check needs the merge itself" : " checks need the merge itself"));
  }
}

}  // namespace engine::compile
