#include <algorithm>
#include <set>
#include <string>

#include "compile/binding.h"

namespace engine::compile {
namespace {

bool may_load_live(const Binding& work, const BoundTable& table) {
  if (table.create_only || !work.capabilities(table.target).live_publish) return false;
  if (table.target_info && !table.target_info->empty) return false;
  const auto& identities = work.surroundings.identities;
  return identities.at(table.source) != identities.at(table.target);
}

/// What is settled before the comparison is known only when the whole table was read.
bool settles(const Binding& work, std::size_t at) {
  const BoundTable& table = work.result.tables[at];
  return work.result.graph.circle_of(at).size() > 1 ||
         std::any_of(table.references.begin(), table.references.end(),
                     [](const auto& reference) { return reference.deferred && reference.filters(); });
}

/// Positions with parents first; file order where a cycle was reported.
std::vector<std::size_t> publish_order(const Binding& work) {
  if (!work.result.graph.order.empty()) return work.result.graph.order;
  std::vector<std::size_t> order(work.result.tables.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  return order;
}

/// `circle`: the tables that publish with this one whatever `run.atomic` says; they follow one
/// another in the order.
Unit& unit_of(Bound& bound, const std::string& connection, bool together,
              const std::vector<std::size_t>& circle) {
  for (Unit& unit : bound.units) {
    const bool of_circle =
        std::binary_search(circle.begin(), circle.end(), unit.tables.back());
    if (unit.connection == connection && (together || of_circle)) return unit;
  }
  bound.units.push_back({connection, {}});
  return bound.units.back();
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
  for (const std::size_t at : publish_order(work)) {
    const BoundTable& table = work.result.tables[at];
    if (!has_work(table)) continue;
    const bool together = plan_wide && work.capabilities(table.target).tables_together;
    const std::vector<std::size_t> circle = work.result.graph.circle_of(at);
    unit_of(work.result, table.target, together, circle).tables.push_back(at);
    require_one_unit(work, at, circle);
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
