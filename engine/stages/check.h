#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/memory.h"
#include "data/batch.h"
#include "expr/expression.h"
#include "plan/model.h"
#include "state/key_spool.h"
#include "state/key_table.h"

namespace engine::stages {

enum class Status { kPass, kWarn, kFail, kError, kSkipped };
std::string_view status_name(Status status);

struct Sample {
  std::string key;    ///< "code=P0100"
  std::string value;  ///< masked where the column is classed
};

/// What a check found. kError: it could not be evaluated, which never counts as a pass.
struct CheckResult {
  std::string table;
  std::string label;  ///< "regex(email)", "relationships(agentContactId -> contacts)"
  std::string name;   ///< the plan's name of the check, or empty
  std::string kind;
  plan::CheckSeverity severity = plan::CheckSeverity::kError;
  plan::CheckStage stage = plan::CheckStage::kStaged;
  plan::CheckScope scope = plan::CheckScope::kRun;
  Status status = Status::kPass;
  std::int64_t looked_at = 0;
  std::int64_t failed = 0;
  std::int64_t unnamed = 0;  ///< relationships: of those looked at, rows that name no parent
  std::string detail;        ///< "expected 1000, found 999"; the reason of kError and kSkipped
  std::vector<Sample> samples;
  base::Span span;
  std::vector<std::string> tags;
  std::string owner;
};

/// How a table's columns and keys compare with what they should be.
struct StructureFact {
  std::string compared_with;   ///< "the declared schema", "before the run"; empty: with nothing
  std::int64_t looked_at = 0;  ///< columns
  std::vector<std::string> differences;
};

/// Facts that only the end of a table's pipeline knows. Absent means that nobody counted it.
struct Facts {
  std::optional<std::int64_t> source_rows;  ///< read, after filters (pushed down or not)
  std::optional<std::int64_t>
      source_table_rows;  ///< counted in the source under the same filter (scope table)
  std::optional<std::int64_t> staged_rows;  ///< that reached the comparison, after dedupe
  std::int64_t deduped_rows = 0;           ///< that lost to another row of the same key before that
  std::int64_t deleting_rows = 0;          ///< of the source, that ask for a delete: none arrives
  std::optional<std::int64_t> image_rows;  ///< the target would have, or has (published)
  std::optional<std::int64_t> arrived_rows;  ///< published: keys of this run found in the target
  std::optional<std::int64_t> last_run_rows;
  std::optional<StructureFact> structure;  ///< absent: nobody looked
};

/// A check bound to a table. `observe` sees every batch of its stage and scope, from one thread;
/// `verdict` is asked once. Neither throws for bad data: what cannot be evaluated becomes
/// Status::kError.
class Check {
 public:
  virtual ~Check() = default;
  virtual void observe(const data::Batch& batch) = 0;
  virtual CheckResult verdict(const Facts& facts) = 0;
  /// Rows of the last observed batch that break the rule, ascending; only of rules over single
  /// rows.
  virtual const std::vector<std::uint32_t>& failing_rows() const;
  /// Columns it must be given (names of its stage).
  virtual std::vector<std::string> columns() const = 0;
};

/// A parent's keys for relationships and references: the spool is complete once the parent's
/// pipeline has ended.
using ParentKeys =
    std::map<std::string, std::shared_ptr<state::KeySpool>>;  ///< by "table(field, field)"
/// The same as hash tables, of parents that had ended and fitted into memory when the table began.
using ParentTables = std::map<std::string, std::shared_ptr<const state::KeyTable>>;
std::string parent_keys_name(const std::string& table, const std::vector<std::string>& fields);

struct ReconcileSpec;
class ReconciledSide;

/// What a check is bound against.
struct CheckScopeInfo {
  std::string table;                     ///< plan name
  const data::Schema* schema = nullptr;  ///< columns it may name at its stage
  std::vector<std::string> key;          ///< for samples; names of `schema`
  /// The columns that the plan writes; nullptr: those of `schema`.
  const data::Schema* written = nullptr;
  std::map<std::string, std::string> classification;
  expr::Scope names;  ///< variables and named expressions
  expr::Context context;
  const std::map<std::string, plan::Format>* formats = nullptr;  ///< the plan's own
  std::function<const data::Schema*(const std::string& table)>
      schema_of;  ///< other tables' written columns
  std::function<std::vector<std::string>(const std::string& table)> key_of;
};

/// Everything a check needs while running.
struct CheckRuntime {
  ParentKeys parents;
  ParentTables tables;
  /// The source's rows as they should arrive, for `reconcile`; whole when its verdict is asked for.
  std::map<const ReconcileSpec*, std::shared_ptr<ReconciledSide>> sources;
  base::MemoryBudget* memory = nullptr;
  std::string scratch;  ///< folder for spilled files
  /// Rows come in ascending order of the table\'s key bytes: uniqueness of the key then costs
  /// nothing.
  bool key_ordered = false;
};

/// A check that bound without mistakes, ready to be made once per run.
struct BoundCheck {
  plan::Check spec;
  plan::CheckScope scope = plan::CheckScope::kRun;
  std::string label;
  std::vector<std::string> columns;
  std::vector<std::string> judged;  ///< those of them that the rule is about
  /// For relationships: which keys of which table must be collected.
  std::optional<std::string> parent_table;
  std::vector<std::string> parent_fields;
  /// Of `reconcile`: what must be followed of the source's rows.
  std::shared_ptr<const ReconcileSpec> reconcile;
  std::function<std::unique_ptr<Check>(const CheckRuntime&)> make;
};

/// Resolves columns, types, expressions, thresholds. Mistakes are diagnostics with places (E302,
/// E116, E104, E113); nullopt then.
std::optional<BoundCheck> bind_check(const plan::Check& check, const CheckScopeInfo& scope,
                                     base::Diagnostics& diagnostics);
/// A plain reference of the plan as a check on the rows in flight (relationships, scope run,
/// severity error).
std::optional<BoundCheck> bind_reference(const plan::Reference& reference,
                                         const CheckScopeInfo& scope,
                                         base::Diagnostics& diagnostics);

/// Collects the keys of parents from image rows (ImageObserver shape), by the names of their
/// columns: batches may hold them at other places than `schema`. Keys with a NULL are left out. The
/// owner of the spool finishes it.
class KeyCollector {
 public:
  KeyCollector(const data::Schema& schema, const std::vector<std::string>& fields,
               std::shared_ptr<state::KeySpool> spool);
  void observe(const data::Batch& batch);

 private:
  void place(const data::Schema& schema);

  std::vector<std::string> fields_;
  std::vector<std::size_t> columns_;
  std::shared_ptr<const data::Schema> seen_;
  std::uint64_t rows_ = 0;
  std::shared_ptr<state::KeySpool> spool_;
};

}  // namespace engine::stages
