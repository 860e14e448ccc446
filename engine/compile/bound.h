#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "compile/graph.h"
#include "connect/capabilities.h"
#include "connect/catalog.h"
#include "connect/connection.h"
#include "connect/read.h"
#include "connect/write.h"
#include "plan/model.h"
#include "stages/check.h"
#include "stages/comparison.h"
#include "stages/orphans.h"
#include "stages/transform.h"

namespace engine::compile {

/// What binding may know of the outside: plain data and one pure question.
struct Surroundings {
  connect::Catalog catalog;
  std::map<std::string, connect::Capabilities> capabilities;  ///< by connection
  std::map<std::string, std::string> identities;              ///< by connection; never a secret
  std::function<connect::Connection::Fit(const std::string& connection, const connect::ColumnInfo&,
                                         const data::Type&)>
      fits;
  /// By table: the source's columns when the plan was last applied; absent: not known.
  std::map<std::string, std::vector<std::string>> known_columns;
  bool always_compare = false;  ///< an empty target too: nothing is loaded live
  expr::Context context;        ///< of the run; the table's name is added per table

  expr::Context expression_context(const std::string& table) const {
    expr::Context own = context;
    own.table = table;
    return own;
  }
};

/// How the rows of a table get into the target.
enum class Load {
  kCompare,  ///< compared with the target first; the changes wait in a file for the publish
  kLive,     ///< into an empty target, while the unit is open; the checks decide before its commit
};

/// How much of a table a run takes.
enum class Part {
  kWhole,
  kChosen,  ///< the rows whose source keys are BoundTable::chosen
  kNone,    ///< nothing; children look their parents up among the rows of its target
  kDone,    ///< nothing more: this run published it before it was interrupted
};

/// A set of a table's columns whose keys its children look up.
struct CollectedKeys {
  std::string name;  ///< stages::parent_keys_name
  std::vector<std::string> fields;
};

/// A written column with new ids, for the map of the run.
struct BoundId {
  std::string map;                ///< the plan's name of it
  std::vector<std::string> from;  ///< source columns
  std::vector<std::size_t> read;  ///< their places in BoundTable::read
  std::size_t column = 0;         ///< of the id among the written columns
};

struct BoundReference {
  std::string label;         ///< "requests.agentContactId"
  stages::BoundCheck check;  ///< finds the orphans that stay: on_orphan fail and keep
  plan::OnOrphan on_orphan = plan::OnOrphan::kFail;
  std::optional<plan::Cap> max_orphans;
  stages::ReferenceKeys keys;  ///< finds the orphans that go: on_orphan null and reject
  /// The parent is the table itself or one of its circle: its keys are whole when all were read.
  bool deferred = false;

  bool filters() const {
    return on_orphan == plan::OnOrphan::kNull || on_orphan == plan::OnOrphan::kReject;
  }
};

/// A table, settled: nothing of it is looked up again while running. Names on the source's side are
/// in `read`, all others are the target's.
struct BoundTable {
  const plan::Table* spec = nullptr;
  std::string name;
  std::string source, target;  ///< connections
  std::string target_table;    ///< physical; of a file its path
  std::optional<plan::FileShape> target_file;
  int level = 1;
  bool create_only = false;
  std::optional<connect::TableInfo> source_info, target_info;
  std::vector<std::string> known_columns;  ///< the source's, without those that are ignored as new
  std::optional<connect::CreateTable> create;  ///< the target's table is missing and is created
  bool already_there = false;  ///< has a schema, and the target has the table: nothing is created

  Part part = Part::kWhole;
  /// The run reads and writes nothing of it.
  bool left_out() const { return part == Part::kNone || part == Part::kDone; }
  bool moves_rows() const { return !create_only && !left_out(); }
  /// Source keys (columns as `source_key`) in ascending order of their bytes; kChosen only.
  std::vector<data::Batch> chosen;

  connect::ReadRequest read;
  std::string filter_note;  ///< why a filter was not pushed down; empty: it was, or there is none
  stages::TransformSpec transform;
  stages::ComparisonSpec comparison;
  std::vector<std::string> key;  ///< target names; empty: rows are told apart by nothing
  /// What the key is made of, in source names: the columns that its expressions read, in order.
  std::vector<std::string> source_key;
  connect::ReadRequest
      target_read;  ///< written columns first, then those only image checks name; in key order
  connect::ReadRequest
      published_read;  ///< all columns of the target's table, in key order where it can be had
  bool sort_staged = false;  ///< the source does not promise key order
  /// It may come in key order all the same, and can be read again when it does not.
  bool may_be_ordered = false;
  bool sort_target = false;
  Load load = Load::kCompare;
  /// False: the target's rows decide nothing of what is written (append, or a target that is
  /// written anew as a whole).
  bool compares = true;

  std::vector<stages::BoundCheck> source_checks;  ///< on rows as read, after the filter
  std::vector<stages::BoundCheck> flight_checks;  ///< staged, scope run
  std::vector<stages::BoundCheck> image_checks;   ///< staged, scope table
  std::vector<stages::BoundCheck> published_checks;
  std::vector<stages::CheckResult> skipped_checks;  ///< of a partial run, with the reason
  std::vector<BoundReference> references;
  std::vector<CollectedKeys> collected;
  std::vector<BoundId> ids;
  std::optional<std::string> freshness_column;  ///< of: target: the image's column to follow
  std::vector<std::string> notes;

  std::string target_name() const { return target + "." + target_table; }
};

/// One atomic publish.
struct Unit {
  std::string connection;
  std::vector<std::size_t> tables;  ///< positions in Bound::tables, parents first
};

enum class Stage { kExtract, kTransform, kCheck, kMerge, kVerify };
std::string_view stage_name(Stage stage);

/// The execution graph. Stages of one table with the same `pipeline` run fused: rows stream through
/// them.
struct DagNode {
  std::size_t table = 0;
  Stage stage = Stage::kExtract;
  std::size_t pipeline = 0;
  std::vector<std::size_t> after;  ///< positions of nodes that must have finished
};
struct Dag {
  std::vector<DagNode> nodes;
};

struct Bound {
  const plan::Plan* plan = nullptr;
  Graph graph;
  std::vector<BoundTable> tables;  ///< as Graph::tables
  std::vector<Unit> units;         ///< in publish order
  Dag dag;
  /// Only some rows of some tables: nothing is deleted, and what is judged is judged on these rows.
  bool partial = false;
  std::string consistency;  ///< what the reads see
  std::vector<std::string> not_proven;
};

/// Binds a compiled plan to what was found outside: one visible list of passes (bind.cc). A pure
/// function; every mistake goes to `diagnostics`, and the result must not be run when there was
/// one. The plan must outlive it.
Bound bind(const plan::Plan& plan, Graph graph, const Surroundings& surroundings,
           base::Diagnostics& diagnostics);
std::vector<PassDoc> bind_passes();

/// The execution graph of a plan without any database, for `engine graph`.
Dag lay_out(const Graph& graph);

/// What a declared schema comes to when the table is made.
connect::CreateTable definition_of(const plan::TableDefinition& definition);

/// The physical name of a plan's table at a connection ("{table}-dev").
std::string physical_name(const plan::Connection& connection, const std::string& table);

/// Whom to ask for what before binding.
struct Look {
  std::string connection;
  std::string table;                      ///< under which the catalog keeps it: the physical name
  const plan::FileShape* file = nullptr;  ///< asked for instead of a table; the plan's
  bool as_target = false;
};
/// Each once; a table that is read and written stands there once, a file twice. What is said of a
/// target file is not kept.
std::vector<Look> tables_to_describe(const plan::Plan& plan, const Graph& graph);
/// The queries of the plan's tables by connection, each once.
std::vector<std::pair<std::string, std::string>> queries_to_describe(const Graph& graph);

}  // namespace engine::compile
