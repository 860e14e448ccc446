#include "run/undoing.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "run/lease.h"

namespace engine::run {
namespace {

/// Steps in an order in which they can be undone: children before parents; tables under one pattern
/// newest first, and so what the plan does not know, at the end.
std::vector<std::string> undo_order(const compile::Graph& graph, const std::set<std::string>& steps,
                                    const std::vector<connect::LedgerRow>& rows) {
  std::vector<std::vector<std::string>> of_entry(graph.tables.size() + 1);
  std::set<std::string> placed;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (!steps.contains(row->step) || !placed.insert(row->step).second) continue;
    of_entry[graph.covering(row->step)].push_back(row->step);
  }
  std::vector<std::string> order;
  for (auto at = graph.order.rbegin(); at != graph.order.rend(); ++at) {
    order.insert(order.end(), of_entry[*at].begin(), of_entry[*at].end());
  }
  order.insert(order.end(), of_entry.back().begin(), of_entry.back().end());
  return order;
}

std::set<std::string> steps_of(const std::vector<connect::LedgerRow>& rows,
                               const std::vector<std::string>& wanted) {
  std::set<std::string> steps;
  for (const connect::LedgerRow& row : rows) {
    if (row.undone_step()) continue;
    const bool asked =
        wanted.empty() || std::find(wanted.begin(), wanted.end(), row.step) != wanted.end();
    if (asked) steps.insert(row.step);
  }
  return steps;
}

/// The values that `name` gives of the rows, each once, in order.
template <typename Name>
std::vector<std::string> distinct(const std::vector<connect::LedgerRow>& rows, Name&& name) {
  std::vector<std::string> values;
  for (const connect::LedgerRow& row : rows) {
    std::string value = name(row);
    if (value.empty() || std::find(values.begin(), values.end(), value) != values.end()) continue;
    values.push_back(std::move(value));
  }
  return values;
}

[[noreturn]] void unknown_run(const RollbackRequest& request,
                              const std::vector<connect::LedgerRow>& known) {
  const auto steps = distinct(known, [&](const connect::LedgerRow& row) {
    const bool published = row.run_id == request.undo_run_id && !row.undone_step();
    return published ? row.step : std::string();
  });
  if (!steps.empty()) {
    const auto near = base::nearest(request.tables.front(), steps);
    throw base::Error(
        base::Fault::kState, "E502",
        "run " + request.undo_run_id + " did not publish " + base::join(request.tables, ", "),
        near ? "did you mean '" + *near + "'?" : "it published: " + base::join(steps, ", "));
  }
  const auto ids = distinct(known, [](const connect::LedgerRow& row) { return row.run_id; });
  throw base::Error(
      base::Fault::kState, "E502",
      "no target of the plan has an entry of run " + request.undo_run_id,
      ids.empty() ? "no run has published there" : "runs there: " + base::join(ids, ", "));
}

connect::UndoRequest undo_request(const connect::RunIdentity& identity,
                                  const RollbackRequest& request, std::vector<std::string> steps) {
  connect::UndoRequest undo;
  undo.run = identity;
  undo.undo_run_id = request.undo_run_id;
  undo.steps = std::move(steps);
  undo.conflicts = request.conflicts;
  undo.dry_run = request.dry_run;
  return undo;
}

void append(connect::UndoReport& all, connect::UndoReport part) {
  for (connect::UndoTable& table : part.tables) all.tables.push_back(std::move(table));
}

void require_clean(const connect::UndoReport& report, const std::string& run_id) {
  for (const connect::UndoTable& table : report.tables) {
    if (table.conflict_count == 0) continue;
    throw base::Error(base::Fault::kState, "E506",
                      std::to_string(table.conflict_count) + " rows of " + table.table +
                          " were changed by others since and were left alone",
                      "look at them with 'engine rollback " + run_id + " --dry-run'");
  }
}

}  // namespace

void undo_own_steps(Job& job, const std::vector<UndoStep>& steps) {
  RollbackRequest request;
  request.undo_run_id = job.identity.run_id;
  connect::UndoReport report;
  for (auto step = steps.rbegin(); step != steps.rend();) {
    const std::string connection = step->connection;
    std::vector<std::string> together;
    for (; step != steps.rend() && step->connection == connection; ++step) {
      together.push_back(step->step);
    }
    job.observers.message("info", "undoing what this run published in " + connection);
    connect::Ledger& ledger = job.leases.of(connection).ledger();
    append(report, ledger.apply_undo(undo_request(job.identity, request, std::move(together))));
    for (const connect::UndoTable& table : report.tables) {
      TableOutcome* outcome = job.outcome.table(table.step);
      if (outcome != nullptr) outcome->state = TableState::kRolledBack;
    }
  }
  require_clean(report, job.identity.run_id);
  job.outcome.rolled_back = true;
  job.outcome.applied = false;
}

connect::UndoReport roll_back(const compile::Graph& graph, Session& session,
                              const connect::RunIdentity& identity, const RollbackRequest& request,
                              Stop& stop) {
  connect::UndoReport report;
  std::vector<connect::LedgerRow> known;
  bool found = false;
  std::set<std::string> connections = graph.targets();
  connections.insert(request.connections.begin(), request.connections.end());
  for (const std::string& connection : connections) {
    const auto ledger = session.target(connection).ledger();
    std::vector<connect::LedgerRow> all = ledger->receipts("");
    std::vector<connect::LedgerRow> rows;
    std::copy_if(all.begin(), all.end(), std::back_inserter(rows),
                 [&](const auto& row) { return row.run_id == request.undo_run_id; });
    known.insert(known.end(), all.begin(), all.end());
    const std::set<std::string> steps = steps_of(rows, request.tables);
    if (steps.empty()) continue;
    found = true;
    const connect::UndoRequest undo =
        undo_request(identity, request, undo_order(graph, steps, rows));
    Leases lease;
    if (!request.dry_run) lease.take(session, {connection}, identity, stop, request.patience);
    append(report, ledger->apply_undo(undo));
    lease.release();
  }
  if (!found) unknown_run(request, known);
  return report;
}

}  // namespace engine::run
