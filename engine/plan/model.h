#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/located.h"
#include "base/rare.h"
#include "base/secret.h"
#include "data/type.h"
#include "expr/expression.h"
#include "plan/file_shape.h"
#include "plan/option_spec.h"

namespace engine::plan {

using base::Located;
using base::Rare;
using base::RareList;
using base::Span;

/// A plan after includes, profile, defaults, patterns' syntax and variables: plain data with
/// places. Names are resolved and the graph is built by compile/.

struct Connection {
  Located name;
  std::string type;
  OptionValue options;                    ///< kObject, as the connector declared
  std::optional<std::string> table_name;  ///< "{table}-dev": the plan's names to physical ones
};

enum class Atomic { kPlan, kTable };
enum class OnFailure { kRollback, kStop };

struct RunOptions {
  Atomic atomic = Atomic::kPlan;
  OnFailure on_failure = OnFailure::kRollback;
  int workers = 4;
  std::uint64_t memory = std::uint64_t{512} << 20;
};

struct Limits {
  std::optional<std::int64_t> duration_us;
  std::optional<std::int64_t> query_us;
  std::optional<std::uint64_t> undo_bytes;
};

struct StateOptions {
  std::string dir = ".engine";  ///< relative to the plan's folder
  std::int64_t retain_us = 0;
};

enum class SnapshotMode { kAuto, kFull, kNone };
struct SnapshotOptions {
  SnapshotMode mode = SnapshotMode::kAuto;
  bool both_sides = false;  ///< of: both; else the target's
  std::int64_t retain_us = 0;
  std::int64_t keep = 1;  ///< so many of the newest stay, whatever their age
};

/// An expression of the plan: its text with place, read (nullptr after a syntax error, which was
/// reported).
struct ExpressionText {
  std::shared_ptr<const Located> text;  ///< never null; the syntax shares it
  expr::SyntaxPtr syntax;
};

struct ColumnRule {
  Located name;  ///< target column, or "*"
  Rare<ExpressionText> expr;
  Rare<Located> default_value;  ///< in place of NULL
  bool default_is_null = false;
  std::optional<data::Type> type;
  Rare<Located> format;
  Rare<Located> zone;
  Rare<Located> dst;  ///< earlier | later
  Rare<Located> id;   ///< name of an id map
};

enum class Star { kKeep, kDrop };
/// What to do with a kept source column that was not there when the plan was last applied.
enum class OnNewColumn { kAdd, kIgnore, kError };

struct From {
  Located table;        ///< empty when a query, file or request stands instead
  Rare<Located> query;  ///< read-only SQL in the source's dialect
  Rare<ExpressionText> where;
  Rare<FileShape> file;
  Span span;
};

enum class MergeMode { kUpsert, kInsert, kUpdate, kMirror, kReplace, kAppend };
struct OrderBy {
  Located column;  ///< a source name
  bool descending = false;
};
enum class WhenMatched { kUpdate, kKeep, kNewest };
struct Merge {
  MergeMode mode = MergeMode::kUpsert;
  Span span;
  std::vector<OrderBy> dedupe;   ///< empty: duplicates are an error
  bool write_unchanged = false;  ///< unchanged: write
  WhenMatched when_matched = WhenMatched::kUpdate;
  Rare<Located> newest_by;            ///< target column
  std::vector<Located> columns;       ///< target columns an update may change; empty: all
  Rare<ExpressionText> deleted_when;  ///< over source columns
  bool soft_delete = false;           ///< delete: soft
  Rare<Located> deleted_at;           ///< target column
  bool exclusive = false;
  /// What stands in the plan, with its place: "when_matched: keep", "columns", ...
  std::vector<Located> given;
};
std::string_view merge_mode_name(MergeMode mode);

/// An absolute count or a share ("20%").
struct Cap {
  bool relative = false;
  double ratio = 0;
  std::int64_t count = 0;
  Located text;
};

enum class OnOrphan { kFail, kNull, kKeep, kReject };
struct Reference {
  std::vector<Located> columns;  ///< child columns, target names
  Located to;                    ///< plan name of the parent table
  std::vector<Located> fields;   ///< parent columns; empty: the parent's key
  Rare<Located> via;             ///< the id map that gives the parent its new ids
  Rare<Located> into;            ///< the child's column that takes the one new id
  OnOrphan on_orphan = OnOrphan::kFail;
  Rare<Cap> max_orphans;
  Span span;
};

enum class IdMethod { kSha256, kHmacSha256, kKeep };
/// How new ids are made from source keys; one map may serve many tables.
struct IdMap {
  Located name;
  std::vector<Located> from;  ///< source columns
  IdMethod method = IdMethod::kSha256;
  std::string name_space;
  base::Secret key;      ///< of hmac_sha256
  bool has_key = false;  ///< also where its value is not known offline
  Rare<Located> format;
};

struct Freshness {
  Located column;       ///< empty with `query`
  Rare<Located> query;  ///< its first value is the newest time
  bool of_target = false;
  std::optional<std::int64_t> warn_after_us;
  std::optional<std::int64_t> error_after_us;
  std::string timezone = "UTC";   ///< of naive values
  std::string on_empty = "fail";  ///< fail | warn | pass
  std::optional<std::int64_t> max_future_us;
  Span span;
};

struct Guard {
  Rare<Cap> max_delete;
  Rare<Cap> max_update;
  Rare<Cap> max_insert;
  Rare<Cap> min_source_rows;
};

/// How many rows may be rejected before nothing is published; what is absent does not limit.
struct MaxRejects {
  std::optional<std::int64_t> count;
  std::optional<double> ratio;  ///< of the rows read
};

struct DefinedColumn {
  Located name;
  data::Type type;
  bool nullable = true;
  Rare<Located> default_value;
};
struct TableDefinition {
  std::vector<DefinedColumn> columns;
  std::vector<Located> primary_key;
  std::optional<Located> partition_column;
  std::string partition_by;  ///< "day", ...
  std::vector<Located> cluster_by;
  std::vector<std::vector<Located>> indexes;
  /// In the target's own words (connect::CreateTable::statements); only of plans that no file
  /// holds.
  std::vector<std::string> statements;
  Span span;
};
enum class Create { kIfMissing, kNever, kEvolve };

enum class CheckSeverity { kError, kWarn };
enum class CheckStage { kSource, kStaged, kPublished };
enum class CheckScope { kRun, kTable };
/// "> 10" or "> 0.5%".
struct Threshold {
  std::string comparison;  ///< ">" ">=" "<" "<=" "=" "!="
  double value = 0;
  bool relative = false;  ///< value is a share of the rows looked at (0.005 for 0.5%)
  Located text;
};
struct Check {
  std::string kind;      ///< "not_null"
  OptionFields options;  ///< the check's own
  Rare<Located> name;
  CheckSeverity severity = CheckSeverity::kError;
  Rare<ExpressionText> where;
  Rare<Threshold> error_if;
  Rare<Threshold> warn_if;
  CheckStage stage = CheckStage::kStaged;
  std::optional<CheckScope> scope;  ///< nullopt: as the check declares
  bool rejects = false;             ///< on_fail: reject; only of checks that judge rows in flight
  int sample = 20;
  RareList<std::string> tags;
  Rare<std::string> owner;
  Span span;  ///< of the check's kind key
};

/// Accepted everywhere; what cannot fail in passing (the embedded store) has nothing to try again.
struct Retry {
  int attempts = 5;  ///< counting the first
  std::int64_t backoff_us = 1'000'000;
  std::int64_t max_backoff_us = 60'000'000;
};

/// What only a pattern of tables ("BackOffice*") says.
struct PatternRule {
  std::optional<std::int64_t> matches;  ///< how many tables it must take
  Span matches_span;
  std::vector<Located> except;  ///< names or patterns that it leaves alone
};

struct Table {
  Located name;              ///< plan name
  std::optional<From> from;  ///< nullopt with `schema`: created only
  Rare<Located> to;          ///< physical or plan name at the target; nullopt: `name`
  Rare<FileShape> to_file;   ///< the target is a file
  Located source;            ///< connection names
  Located target;
  std::vector<Located> key;       ///< target names; empty: none given
  bool key_from_catalog = false;  ///< key: catalog
  std::vector<Reference> references;
  std::vector<Located> depends_on;
  std::optional<int> level;
  Span level_span;
  std::vector<ColumnRule> columns;  ///< without "*", as written
  Star star = Star::kKeep;
  OnNewColumn on_new_column = OnNewColumn::kAdd;
  Merge merge;
  Rare<Freshness> freshness;
  Guard guard;
  Rare<MaxRejects> max_rejects;  ///< absent: none may be
  Rare<TableDefinition> schema;
  Create create = Create::kNever;
  std::vector<Check> checks;
  std::vector<std::string> tags;
  std::string owner;
  std::string description;
  std::map<std::string, std::string> classification;  ///< column -> "pii", ...
  bool disabled = false;
  std::optional<std::int64_t> limit;       ///< the most rows read; makes a run partial
  std::optional<std::int64_t> batch_rows;  ///< of one write request; the target caps it
  std::int64_t batch_delay_us = 0;
  Rare<Retry> retry;
  std::string execute = "auto";  ///< auto | stream
  Span span;                     ///< of the table's name

  Rare<PatternRule> pattern;  ///< the name is a pattern; gone where compile::expand settled it

  /// True when this is a pattern and takes a table of that name; entries of their own are not
  /// looked at.
  bool covers(std::string_view table_name) const;
  bool create_only() const {
    return schema.has_value() && !from.has_value() && key.empty() && !key_from_catalog;
  }
};

struct Format {
  std::string name;
  std::string regex;
  std::string description;
  std::vector<std::string> valid;
  std::vector<std::string> invalid;
  Span span;
};

/// Something the plan asks for that this version knows but cannot run: a note of `validate`, an
/// error of plan and run.
struct NotAvailable {
  std::string what;   ///< "merge.mode: mirror"
  std::string since;  ///< "0.2"
  Span span;
};

struct MergedTree;

struct MergedTree;

struct Plan {
  std::string file;    ///< as given on the command line
  std::string folder;  ///< of that file
  Located name;
  std::string description;
  std::string profile;  ///< empty: none
  bool is_protected = false;
  std::map<std::string, Located> vars;    ///< after --set; expanded
  std::vector<std::string> unknown_vars;  ///< offline: declared or used, without a value
  std::vector<Connection> connections;
  RunOptions run;
  Limits limits;
  StateOptions state;
  SnapshotOptions snapshot;
  std::map<std::string, expr::NamedExpression> transforms;
  std::map<std::string, Format> formats;
  std::vector<IdMap> ids;
  std::vector<Table> tables;  ///< in file order; patterns stand with their pattern as name
  std::vector<NotAvailable> not_available;
  /// The whole merged tree, with the origin of each value, for `engine explain PLAN TABLE` and
  /// digests (explain.h, digest.h).
  std::shared_ptr<const MergedTree> tree;
  std::vector<std::size_t> tables_by_name;  ///< indices of `tables` in order of name

  const Connection* connection(std::string_view connection_name) const;
  const Table* table(std::string_view table_name) const;
  const IdMap* id_map(std::string_view map_name) const;
};

}  // namespace engine::plan
