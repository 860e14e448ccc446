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
  expr::Context context;  ///< of the run; the table's name is added per table

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

/// A set of a table's columns whose keys its children look up.
struct CollectedKeys {
  std::string name;  ///< stages::parent_keys_name
  std::vector<std::string> fields;
};

struct BoundReference {
  std::string label;  ///< "requests.agentContactId"
  stages::BoundCheck check;
};

/// A table, settled: nothing of it is looked up again while running. Names on the source's side are
/// in `read`, all others are the target's.
struct BoundTable {
  const plan::Table* spec = nullptr;
  std::string name;
  std::string source, target;  ///< connections
  std::string target_table;    ///< physical
  int level = 1;
  bool create_only = false;
  std::optional<connect::TableInfo> source_info, target_info;
  std::vector<std::string> known_columns;  ///< the source's, without those that are ignored as new
  std::optional<connect::CreateTable> create;  ///< the target's table is missing and is created
  bool already_there = false;  ///< has a schema, and the target has the table: nothing is created

  connect::ReadRequest read;
  std::string filter_note;  ///< why a filter was not pushed down; empty: it was, or there is none
  stages::TransformSpec transform;
  stages::ComparisonSpec comparison;
  std::vector<std::string> key;  ///< target names
  connect::ReadRequest
      target_read;  ///< written columns first, then those only image checks name; in key order
  connect::ReadRequest
      published_read;  ///< all columns of the target's table, in key order where it can be had
  bool sort_staged = false;  ///< the source does not deliver in key order
  bool sort_target = false;
  Load load = Load::kCompare;

  std::vector<stages::BoundCheck> source_checks;  ///< on rows as read, after the filter
  std::vector<stages::BoundCheck> flight_checks;  ///< staged, scope run
  std::vector<stages::BoundCheck> image_checks;   ///< staged, scope table
  std::vector<stages::BoundCheck> published_checks;
  std::vector<BoundReference> references;
  std::vector<CollectedKeys> collected;
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

/// The physical name of a plan's table at a connection ("{table}-dev").
std::string physical_name(const plan::Connection& connection, const std::string& table);

/// The queries of the plan's tables by connection, each once.
std::vector<std::pair<std::string, std::string>> queries_to_describe(const Graph& graph);

/// Whom to ask for what before binding: (connection, physical table), each once.
std::vector<std::pair<std::string, std::string>> tables_to_describe(const plan::Plan& plan,
                                                                    const Graph& graph);

}  // namespace engine::compile
