#include "run/snapshots.h"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "compile/bound.h"
#include "run/snapshot_pruning.h"

namespace engine::run {
namespace {

using base::Error;
using base::Fault;
using state::Side;

std::string physical_in(const plan::Plan& plan, const std::string& connection,
                        const std::string& table) {
  const plan::Connection* found = plan.connection(connection);
  return found == nullptr ? table : compile::physical_name(*found, table);
}

WantedCopy file_copy(const plan::Table& table, Side side, const std::string& connection,
                     const std::string& path) {
  const bool one = path != "-" && path.find_first_of("*?[") == std::string::npos;
  if (one) return {table.name.text, side, connection, path, {}, true};
  throw Error(Fault::kPlan, "E521",
              "no whole copy can be taken of '" + path + "' of '" + table.name.text +
                  "': it is no single file",
              "nothing was written; copy the target alone, with 'snapshot: {of: target}'");
}

std::vector<std::string> key_of(const plan::Table& table) {
  std::vector<std::string> key;
  for (const base::Located& column : table.key) key.push_back(column.text);
  return key;
}

void want_target(const plan::Plan& plan, const plan::Table& table, CopyOrder& order) {
  if (table.to_file) {
    order.tables.push_back(
        file_copy(table, Side::kTarget, table.target.text, table.to_file->path.text));
    return;
  }
  const std::string name = table.to ? table.to->text : table.name.text;
  order.tables.push_back({table.name.text, Side::kTarget, table.target.text,
                          physical_in(plan, table.target.text, name), key_of(table), false});
}

void want_source(const plan::Plan& plan, const plan::Table& table, CopyOrder& order) {
  if (table.create_only()) return;
  if (table.from && table.from->query) {
    order.notes.push_back("the source of " + table.name.text +
                          " is a query: there is no table of which a copy could be kept");
    return;
  }
  if (table.from && table.from->file) {
    order.tables.push_back(
        file_copy(table, Side::kSource, table.source.text, table.from->file->path.text));
    return;
  }
  const bool named = table.from && !table.from->table.text.empty();
  order.tables.push_back(
      {table.name.text,
       Side::kSource,
       table.source.text,
       physical_in(plan, table.source.text, named ? table.from->table.text : table.name.text),
       {},
       false});
}

void require_known(const plan::Plan& plan, const std::vector<std::string>& only) {
  std::vector<std::string> names;
  for (const plan::Table& table : plan.tables) {
    if (!table.disabled) names.push_back(table.name.text);
  }
  for (const std::string& name : only) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const auto near = base::nearest(name, names);
    throw Error(Fault::kUsage, "E100", "the plan has no table " + base::quoted(name),
                near ? "did you mean '" + *near + "'?" : "there are: " + base::join(names, ", "));
  }
}

/// Two tables of a plan may come from one.
void keep_each_once(std::vector<WantedCopy>& tables) {
  std::set<std::tuple<Side, std::string, std::string>> seen;
  std::erase_if(tables, [&](const WantedCopy& table) {
    return !seen.emplace(table.side, table.connection, table.physical).second;
  });
}

connect::Connection& connection_of(Session& session, const WantedCopy& copy) {
  return copy.side == Side::kSource ? session.source(copy.connection)
                                    : session.target(copy.connection);
}

state::KeptTable head_of(connect::Connection& connection, const WantedCopy& copy) {
  state::KeptTable kept;
  kept.table = copy.table;
  kept.side = copy.side;
  kept.connection = copy.connection;
  kept.type = connection.capabilities().type;
  kept.identity = connection.identity();
  kept.physical = copy.physical;
  kept.is_file = copy.is_file;
  if (!connection.capabilities().writes) return kept;
  const auto receipts = connection.ledger()->receipts("");
  if (!receipts.empty()) kept.ledger_us = receipts.back().committed_us;
  return kept;
}

/// What identifies a row: the table's own primary key, else what the plan says.
std::vector<std::string> key_in(const connect::TableInfo& info, const WantedCopy& copy) {
  if (!info.primary_key.empty()) return info.primary_key;
  const bool there = std::all_of(copy.key.begin(), copy.key.end(),
                                 [&](const auto& column) { return info.find(column) != nullptr; });
  return there ? copy.key : std::vector<std::string>();
}

/// nullopt: there is nothing to copy. A source that lacks its file has told so before.
std::optional<connect::TableInfo> look_at(connect::Connection& connection, const WantedCopy& copy) {
  if (!copy.is_file) return connection.describe(copy.physical);
  return connection.describe_file(plan::stored_file(copy.physical));
}

connect::ReadRequest whole_file(const std::string& path) {
  connect::ReadRequest request;
  request.table = path;
  request.file = plan::stored_file(path);
  request.columns = connect::piece_columns();
  return request;
}

connect::ReadRequest whole_table(const connect::TableInfo& info, const std::string& physical) {
  connect::ReadRequest request;
  request.table = physical;
  for (const connect::ColumnInfo& column : info.columns) {
    if (column.generated) continue;
    request.columns.fields.push_back({column.name, column.type, column.nullable});
  }
  return request;
}

connect::ReadRequest all_of(const connect::TableInfo& info, const WantedCopy& copy) {
  return copy.is_file ? whole_file(copy.physical) : whole_table(info, copy.physical);
}

/// A value that has no exact place in the copy would come back as another one.
void require_exact(const data::Batch& rows, const state::KeptTable& kept) {
  if (rows.errors.empty()) return;
  const data::RowError& first = rows.errors.front();
  throw Error(Fault::kData, "E521",
              "column " + base::quoted(first.column) + " of " + kept.connection + "." +
                  kept.physical + " cannot be kept exactly: " + first.reason,
              "nothing was changed; mend the value, or let the plan do without whole copies, with "
              "'snapshot: {mode: auto}'");
}

std::unique_ptr<connect::Source> read(Session& session, const WantedCopy& copy,
                                      const connect::ReadRequest& request) {
  return copy.side == Side::kSource ? session.read_source(copy.connection, request)
                                    : session.read_target(copy.connection, request);
}

void copy_table(Session& session, const WantedCopy& copy, state::SnapshotWriter& writer,
                const std::function<void(std::uint64_t)>& watch) {
  connect::Connection& connection = connection_of(session, copy);
  state::KeptTable kept = head_of(connection, copy);
  const auto info = look_at(connection, copy);
  if (!info) {
    writer.add_missing(std::move(kept));
    return;
  }
  if (info->is_view) {
    throw Error(Fault::kPlan, "E521", copy.connection + "." + copy.physical + " is a view",
                "nothing was changed; a view has no rows of its own to keep");
  }
  if (!copy.is_file) {
    kept.key = key_in(*info, copy);
    kept.definition = connection.definition(copy.physical);
  }
  const connect::ReadRequest request = all_of(*info, copy);
  const auto source = read(session, copy, request);
  writer.begin(kept, std::make_shared<const data::Schema>(request.columns));
  data::Batch batch;
  while (source->next(batch)) {
    require_exact(batch, kept);
    writer.write(batch);
    watch(writer.bytes());
  }
  writer.end();
}

CopyOrder order_of(const plan::Plan& plan) {
  return copies_of(plan, plan.snapshot.both_sides ? Sides::kBoth : Sides::kTarget, {});
}

void estimate_file(connect::Source& pieces, SnapshotOutcome::Table& out) {
  data::Batch piece;
  while (pieces.next(piece)) out.bytes += piece.column(1).bytes_at(0).size();
}

/// Rows, and how large the first of them are; what compresses well takes less.
void estimate_table(Session& session, const WantedCopy& copy, SnapshotOutcome::Table& out) {
  connect::Connection& connection = connection_of(session, copy);
  const auto info = look_at(connection, copy);
  out.missing = !info.has_value();
  if (out.missing) return;
  const auto source = read(session, copy, all_of(*info, copy));
  if (copy.is_file) return estimate_file(*source, out);
  out.rows = connection.count(copy.physical, std::nullopt);
  data::Batch first;
  if (out.rows == 0 || !source->next(first)) return;
  out.bytes = first.footprint() / first.rows * static_cast<std::uint64_t>(out.rows);
}

}  // namespace

CopyOrder copies_of(const plan::Plan& plan, Sides sides, const std::vector<std::string>& only) {
  require_known(plan, only);
  CopyOrder order;
  for (const plan::Table& table : plan.tables) {
    const bool asked =
        only.empty() || std::find(only.begin(), only.end(), table.name.text) != only.end();
    if (table.disabled || !asked) continue;
    if (sides != Sides::kTarget) want_source(plan, table, order);
    if (sides != Sides::kSource) want_target(plan, table, order);
  }
  keep_each_once(order.tables);
  return order;
}

state::Snapshot snapshot_head(const plan::Plan& plan, const Outcome& run, std::int64_t now_us) {
  state::Snapshot head;
  head.id = run.run_id;
  head.plan_file = std::filesystem::absolute(run.plan_file).string();
  head.plan_name = run.plan_name;
  head.plan_sha256 = run.plan_sha256;
  head.profile = run.profile;
  head.created_us = now_us;
  head.expires_us = now_us + plan.snapshot.retain_us;
  head.keep = plan.snapshot.keep;
  return head;
}

state::Snapshot take_snapshot(Session& session, const CopyOrder& order, state::Snapshot head,
                              const std::filesystem::path& state_dir,
                              const std::function<void(std::uint64_t)>& watch) {
  state::SnapshotWriter writer(state_dir, std::move(head));
  for (const WantedCopy& copy : order.tables) {
    try {
      copy_table(session, copy, writer, watch);
    } catch (Error& error) {
      throw error.in("snapshot of " + copy.table + ", " + std::string(state::side_name(copy.side)));
    }
  }
  return writer.finish();
}

SnapshotOutcome outcome_of(const state::Snapshot& snapshot) {
  SnapshotOutcome outcome;
  outcome.id = snapshot.id;
  outcome.expires_us = snapshot.expires_us;
  for (const state::KeptTable& table : snapshot.tables) {
    outcome.tables.push_back({table.table, std::string(state::side_name(table.side)),
                              table.connection + "." + table.physical, table.missing,
                              table.is_file ? 0 : static_cast<std::int64_t>(table.rows),
                              table.bytes});
  }
  return outcome;
}

void keep_snapshot(Job& job) {
  const std::filesystem::path state_dir = job.folder.state_dir();
  prune_before(job);
  if (job.plan.snapshot.mode != plan::SnapshotMode::kFull) return;
  const auto ids = state::snapshot_ids(state_dir);
  if (std::find(ids.begin(), ids.end(), job.identity.run_id) != ids.end()) {
    job.outcome.snapshot = outcome_of(state::read_snapshot(state_dir, job.identity.run_id));
    return;
  }
  const CopyOrder order = order_of(job.plan);
  job.outcome.notes.insert(job.outcome.notes.end(), order.notes.begin(), order.notes.end());
  const state::Snapshot taken =
      take_snapshot(job.session, order, snapshot_head(job.plan, job.outcome, job.clock.now_us()),
                    state_dir, [&job](std::uint64_t bytes) {
                      job.keep_going();
                      job.require_undo_budget(bytes);
                    });
  job.outcome.snapshot = outcome_of(taken);
  job.observers.message("info", "snapshot of " + std::to_string(taken.tables.size()) +
                                    " tables taken and read back, " +
                                    base::human_bytes(taken.bytes()));
}

void estimate_snapshot(Job& job) {
  if (job.plan.snapshot.mode != plan::SnapshotMode::kFull) return;
  const CopyOrder order = order_of(job.plan);
  job.outcome.notes.insert(job.outcome.notes.end(), order.notes.begin(), order.notes.end());
  SnapshotOutcome outcome;
  outcome.estimated = true;
  for (const WantedCopy& copy : order.tables) {
    SnapshotOutcome::Table& table = outcome.tables.emplace_back();
    table.table = copy.table;
    table.side = state::side_name(copy.side);
    table.place = copy.connection + "." + copy.physical;
    estimate_table(job.session, copy, table);
  }
  job.outcome.snapshot = std::move(outcome);
}

}  // namespace engine::run
