#include "run/restore_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "compile/bound.h"
#include "compile/expand.h"
#include "data/row_digest.h"
#include "run/snapshot_connection.h"
#include "state/block_file.h"

namespace engine::run {
namespace {

using base::Error;
using base::Fault;
using connect::TableInfo;
using state::KeptTable;

base::Located located(std::string text) {
  return base::Located::made(std::move(text), {});
}

std::vector<base::Located> located(const std::vector<std::string>& texts) {
  std::vector<base::Located> out;
  for (const std::string& text : texts) out.push_back(located(text));
  return out;
}

std::string place_of(const Restored& table) {
  return table.connection + "." + table.physical;
}

/// What a restore needs of the target, looked up once.
struct Looked {
  std::string type;  ///< of the connection
  std::optional<TableInfo> info;
  data::Schema kept;  ///< columns of the copy
};

[[noreturn]] void not_kept(const RestoreRequest& request, const std::string& table,
                           const std::vector<std::string>& names) {
  const std::string side(state::side_name(request.side));
  const auto near = base::nearest(table, names);
  throw Error(Fault::kState, "E520",
              "snapshot " + request.snapshot.id + " has no " +
                  (table.empty() ? "table" : "table " + base::quoted(table)) + " of the " + side,
              near            ? "did you mean '" + *near + "'?"
              : names.empty() ? "look at it with 'engine snapshots list'; --side chooses the other"
                              : "there are: " + base::join(names, ", "));
}

std::vector<KeptTable> wanted_tables(const RestoreRequest& request) {
  std::vector<KeptTable> wanted;
  std::vector<std::string> names;
  for (const KeptTable& kept : request.snapshot.tables) {
    if (kept.side != request.side) continue;
    names.push_back(kept.table);
    const bool asked =
        request.tables.empty() ||
        std::find(request.tables.begin(), request.tables.end(), kept.table) != request.tables.end();
    if (asked) wanted.push_back(kept);
  }
  for (const std::string& table : request.tables) {
    if (std::find(names.begin(), names.end(), table) == names.end())
      not_kept(request, table, names);
  }
  if (wanted.empty()) not_kept(request, {}, names);
  return wanted;
}

/// A connection of the plan may lead to another database by now: writing there must be meant.
void require_same_place(const Restored& table, const std::string& target, bool named) {
  if (table.same_place || named) return;
  throw Error(Fault::kState, "E522",
              "connection '" + table.connection + "' (" + target +
                  ") leads to something else than when the snapshot was taken",
              "nothing was written; to write there anyway, say so with --to " + table.connection);
}

void require_as_it_was(const Restored& table, const Looked& looked) {
  const auto refuse = [&](const std::string& what) {
    throw Error(Fault::kState, "E522", "table " + place_of(table) + " " + what,
                "nothing was written; bring the table back to its former columns, or restore into "
                "another connection with --to");
  };
  const TableInfo& info = *looked.info;
  if (info.is_view) refuse("is a view now");
  for (const data::Field& field : looked.kept.fields) {
    const connect::ColumnInfo* column = info.find(field.name);
    if (column == nullptr || column->generated) {
      refuse("has no column " + base::quoted(field.name) + " any more");
    } else if (!(column->type == field.type)) {
      refuse("has column " + base::quoted(field.name) + " as " + data::type_name(column->type) +
             " now, it was " + data::type_name(field.type));
    }
  }
  for (const connect::ColumnInfo& column : info.columns) {
    const bool filled = column.nullable || column.has_default || column.generated;
    if (looked.kept.find(column.name) || filled) continue;
    refuse("has a new column " + base::quoted(column.name) + ", which takes no NULL");
  }
  const bool rekeyed = !info.primary_key.empty() && info.primary_key != table.kept.key;
  if (rekeyed) {
    refuse("has the primary key " + base::join(info.primary_key, ", ") + " now, it was " +
           (table.kept.key.empty() ? std::string("none") : base::join(table.kept.key, ", ")));
  }
}

/// Made again as it was: in the target's own words where it is the same kind of target and the
/// table goes by the same name.
plan::TableDefinition definition_of(const Restored& table, const Looked& looked) {
  plan::TableDefinition definition;
  for (const data::Field& field : looked.kept.fields) {
    definition.columns.push_back({located(field.name), field.type, field.nullable, {}});
  }
  definition.primary_key = located(table.kept.key);
  if (looked.type == table.kept.type && table.physical == table.kept.physical) {
    definition.statements = table.kept.definition;
  }
  return definition;
}

/// The name in the plan that leads to the table's own name there.
std::string name_at(const plan::Plan& plan, const Restored& table) {
  const plan::Connection& of = *plan.connection(table.kept.connection);
  const auto logical = compile::logical_name(of, table.kept.physical);
  return logical.value_or(table.kept.physical);
}

plan::Table mirror_of(const plan::Plan& plan, const Restored& table, const Looked& looked,
                      const std::string& source) {
  plan::Table out;
  out.name = located(table.kept.table);
  out.from = plan::From{};
  out.from->table = located(table.kept.table);
  out.source = located(source);
  out.target = located(table.connection);
  out.key = located(table.kept.key);
  if (table.kept.is_file) {
    out.to_file = plan::stored_file(table.kept.physical);
    out.merge.mode = plan::MergeMode::kReplace;
    return out;
  }
  out.to = located(name_at(plan, table));
  out.merge.mode = table.kept.key.empty() ? plan::MergeMode::kReplace : plan::MergeMode::kMirror;
  if (!looked.info) {
    out.schema = definition_of(table, looked);
    out.create = plan::Create::kIfMissing;
  }
  return out;
}

/// Edges child to parent among the restored tables, as the plan and the database have them; one
/// that would close a circle is left out: such rows are checked when all are written.
class Order {
 public:
  void add(const std::string& child, const std::string& parent) {
    if (child != parent && !reaches(parent, child)) parents_[child].insert(parent);
  }
  const std::set<std::string>& parents(const std::string& child) { return parents_[child]; }

 private:
  bool reaches(const std::string& from, const std::string& to) {
    if (from == to) return true;
    const std::set<std::string> next = parents_[from];
    return std::any_of(next.begin(), next.end(),
                       [&](const std::string& parent) { return reaches(parent, to); });
  }
  std::map<std::string, std::set<std::string>> parents_;
};

void lay_order(const compile::Graph& graph, const std::map<std::string, Looked>& looked,
               RestorePlan& out) {
  std::map<std::pair<std::string, std::string>, std::string> by_place;
  for (const Restored& table : out.tables) {
    by_place[{table.connection, table.physical}] = table.kept.table;
  }
  Order order;
  for (const Restored& table : out.tables) {
    const auto& info = looked.at(table.kept.table).info;
    if (!info) continue;
    for (const connect::ForeignKeyInfo& key : info->foreign_keys) {
      const auto parent = by_place.find({table.connection, key.to});
      if (parent != by_place.end()) order.add(table.kept.table, parent->second);
    }
  }
  for (const compile::Edge& edge : graph.edges) {
    const std::string& child = graph.tables[edge.child]->name.text;
    const std::string& parent = graph.tables[edge.parent]->name.text;
    if (looked.contains(child) && looked.contains(parent)) order.add(child, parent);
  }
  for (plan::Table& table : out.plan.tables) {
    for (const std::string& parent : order.parents(table.name.text)) {
      table.depends_on.push_back(located(parent));
    }
  }
}

/// Tables that are not restored but refer to one that is.
void name_referrers(const Looked& looked, const std::set<std::string>& restored, Restored& table) {
  if (!looked.info) return;
  std::set<std::string> named;
  for (const connect::ForeignKeyInfo& key : looked.info->referenced_by) {
    if (restored.contains(key.to) || !named.insert(key.to).second) continue;
    table.notes.push_back("table " + key.to + " refers to it and is not restored");
  }
  if (!looked.info->triggers.empty()) {
    table.notes.push_back("its triggers run: " + base::join(looked.info->triggers, ", "));
  }
}

plan::Plan empty_plan(const plan::Plan& plan, const std::string& source) {
  plan::Plan out;
  out.file = plan.file;
  out.folder = plan.folder;
  out.name = located(plan.name.text + " restore");
  out.profile = plan.profile;
  out.is_protected = plan.is_protected;
  out.connections = plan.connections;
  out.run = plan.run;
  out.run.atomic = plan::Atomic::kPlan;
  out.limits = plan.limits;
  out.state = plan.state;
  out.snapshot.retain_us = plan.snapshot.retain_us;
  plan::Connection snapshot;
  snapshot.name = located(source);
  snapshot.type = kSnapshotType;
  out.connections.push_back(std::move(snapshot));
  return out;
}

std::string connection_for(const plan::Plan& plan, const KeptTable& kept,
                           const RestoreRequest& request) {
  const std::string& name = request.to.empty() ? kept.connection : request.to;
  if (plan.connection(name) != nullptr) return name;
  std::vector<std::string> names;
  for (const plan::Connection& connection : plan.connections) names.push_back(connection.name.text);
  const auto near = base::nearest(name, names);
  throw Error(Fault::kUsage, "E113", "the plan has no connection " + base::quoted(name),
              near ? "did you mean '" + *near + "'?" : "there are: " + base::join(names, ", "));
}

/// A file goes among files, and rows of a table into a table.
void require_same_kind(const Restored& table, connect::Connection& target) {
  if (table.kept.is_file == target.capabilities().files) return;
  throw Error(
      Fault::kState, "E522",
      base::quoted(table.kept.physical) +
          (table.kept.is_file ? " is a file, and connection '" : " is a table, and connection '") +
          table.connection + "' holds " + (table.kept.is_file ? "tables" : "files"),
      "nothing was written; name a connection of its kind with --to");
}

/// Fills in where the table goes, and looks at what stands there.
Looked look_at(const plan::Plan& plan, Session& session, const RestoreRequest& request,
               Restored& table) {
  connect::Connection& target = session.target(table.connection);
  require_same_kind(table, target);
  table.physical = table.kept.is_file ? table.kept.physical
                                      : compile::physical_name(*plan.connection(table.connection),
                                                               name_at(plan, table));
  table.same_place =
      target.identity() == table.kept.identity && table.physical == table.kept.physical;
  require_same_place(table, target.describe_self(), !request.to.empty());
  Looked looked;
  looked.type = target.capabilities().type;
  looked.kept = *state::BlockReader(request.folder / table.kept.file).schema();
  if (table.kept.is_file) {
    looked.info = target.describe_file(plan::stored_file(table.physical));
    return looked;
  }
  looked.info = target.describe(table.physical);
  if (looked.info) require_as_it_was(table, looked);
  return looked;
}

void index_by_name(plan::Plan& plan) {
  plan.tables_by_name.resize(plan.tables.size());
  for (std::size_t i = 0; i < plan.tables.size(); ++i) plan.tables_by_name[i] = i;
  std::sort(plan.tables_by_name.begin(), plan.tables_by_name.end(),
            [&](std::size_t a, std::size_t b) {
              return plan.tables[a].name.text < plan.tables[b].name.text;
            });
}

bool stands_as_kept(Session& session, const Restored& file) {
  connect::ReadRequest request;
  request.table = file.physical;
  request.file = plan::stored_file(file.physical);
  request.columns = connect::piece_columns();
  const auto pieces = session.read_target(file.connection, request);
  const std::vector<std::size_t> all = {0, 1};
  std::vector<base::Hash128> hashes;
  base::TableDigest digest;
  data::Batch piece;
  while (pieces->next(piece)) {
    data::row_hashes(piece, all, hashes);
    for (const base::Hash128& hash : hashes) digest.add(hash);
  }
  return digest.text() == file.kept.digest;
}

/// False when the file is left as it stands.
bool is_to_be_written(Session& session, const RestoreRequest& request, const Restored& file,
                      const Looked& looked, RestorePlan& out) {
  if (looked.info && stands_as_kept(session, file)) {
    out.notes.push_back("file " + file.physical + " is as it was kept: nothing to restore");
    return false;
  }
  const bool free =
      request.conflicts == connect::Conflicts::kForce || may_overwrite_file(session, file);
  if (free) return true;
  if (request.conflicts == connect::Conflicts::kAbort) refuse_file(file);
  out.spared_files.push_back(file.physical);
  return false;
}

}  // namespace

bool may_overwrite_file(Session& session, const Restored& file) {
  if (!session.target(file.connection).describe_file(plan::stored_file(file.physical))) return true;
  data::Batch any;
  any.rows = 1;
  const auto ledger = session.ledger_of(file.connection);
  const auto own = ledger->own_rows(file.physical, {}, file.same_place ? file.kept.ledger_us : -1);
  return own->look(any).front();
}

void refuse_file(const Restored& file) {
  throw Error(Fault::kState, "E506",
              "file " + place_of(file) + " changed since the snapshot, and not by the engine",
              "nothing was written; --conflicts skip leaves it alone, --conflicts force overwrites "
              "it");
}

RestorePlan plan_to_restore(const plan::Plan& plan, const compile::Graph& graph, Session& session,
                            const RestoreRequest& request) {
  const std::string source = "snapshot " + request.snapshot.id;
  RestorePlan out;
  out.plan = empty_plan(plan, source);
  std::map<std::string, Looked> looked;
  std::set<std::string> restored;
  bool files_stand = false;  ///< some are left as they are
  for (const KeptTable& kept : wanted_tables(request)) {
    if (kept.missing) {
      out.notes.push_back("there was no table " + kept.physical +
                          " then: what stands there now is left as it is");
      continue;
    }
    state::verify_table(request.folder, kept);
    Restored table;
    table.kept = kept;
    table.connection = connection_for(plan, kept, request);
    Looked look = look_at(plan, session, request, table);
    if (kept.is_file && !is_to_be_written(session, request, table, look, out)) {
      files_stand = true;
      continue;
    }
    out.plan.tables.push_back(mirror_of(plan, table, look, source));
    restored.insert(table.physical);
    looked.emplace(kept.table, std::move(look));
    out.tables.push_back(std::move(table));
  }
  if (out.tables.empty() && !files_stand) not_kept(request, {}, {});
  for (Restored& table : out.tables) name_referrers(looked.at(table.kept.table), restored, table);
  lay_order(graph, looked, out);
  index_by_name(out.plan);
  return out;
}

}  // namespace engine::run
