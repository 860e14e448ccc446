#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batch.h"
#include "expr/expression.h"
#include "plan/model.h"
#include "stages/check.h"

namespace engine::stages {

/// "6 rows have no parent", "1 row has no parent".
struct Phrase {
  std::string one;   ///< "has no parent"
  std::string many;  ///< "have no parent"
};

/// What all kinds of checks have in common once they are bound. Immutable; shared by all runs of
/// the check.
struct CheckFrame {
  std::string table;
  std::string label;
  plan::Check spec;
  plan::CheckScope scope = plan::CheckScope::kRun;
  std::shared_ptr<const data::Schema> schema;  ///< what it was bound against
  std::vector<std::size_t> columns;            ///< judged columns, places in `schema`
  std::vector<std::size_t> key;                ///< shown in samples
  std::vector<std::size_t> needed;             ///< judged, key, and of expressions
  expr::NodePtr where;
  expr::Context context;
  std::vector<std::string> masked;
  Phrase phrase;

  std::vector<std::string> needed_names() const;
};

/// The rows a check looks at, batch by batch, in the layout it was bound against. A column that a
/// batch does not have is NULL there: the image of rows that were just inserted knows only what is
/// written.
class CheckRows {
 public:
  explicit CheckRows(const CheckFrame& frame) : frame_(frame) {}

  /// False when the check looks at no row of the batch.
  bool load(const data::Batch& batch);
  /// Columns that the check does not need are empty pointers.
  const data::Batch& batch() const { return batch_; }
  bool selected(std::size_t row) const { return truth_.empty() || truth_[row] == 1; }
  /// Drops what is not selected.
  void keep_selected(std::vector<std::uint32_t>& rows) const;
  /// Selected rows with a cell, in a judged column, that is no value of its type (NULL in the
  /// batch).
  const std::vector<std::uint32_t>& unreadable() const { return unreadable_; }

  std::int64_t looked_at() const { return looked_at_; }
  /// Why the check could not be evaluated; empty: it could.
  const std::string& error() const { return error_; }
  void note_error(const std::string& reason);
  /// The first of errors in selected rows.
  void note_errors(const std::vector<data::RowError>& errors);
  /// The first unreadable cell counts as an error, for rules that cannot judge one.
  void note_unreadable();

 private:
  void place(const data::Schema& schema);
  void project(const data::Batch& batch);
  bool select();
  void find_unreadable(const data::Batch& batch);
  bool is_judged(const std::string& column) const;

  const CheckFrame& frame_;
  std::shared_ptr<const data::Schema> seen_;
  std::vector<std::optional<std::size_t>> places_;  ///< of frame_.needed
  data::Batch batch_;
  std::vector<std::uint8_t> truth_;
  std::vector<std::uint32_t> unreadable_;
  std::string unreadable_reason_;
  std::int64_t looked_at_ = 0;
  std::string error_;
};

/// The key and the judged values of a row, masked where the plan says so.
Sample sample_of(const CheckFrame& frame, const data::Batch& batch, std::size_t row);

/// The result without its judgement.
CheckResult blank_result(const CheckFrame& frame);
/// kError with the reason.
CheckResult error_result(const CheckFrame& frame, const std::string& reason);
/// Judges `failed` of `looked_at` rows: `error_if` (any row, when it is not given), then `warn_if`;
/// severity `warn` turns a failure into a warning. An empty `detail` says how many rows broke the
/// rule.
CheckResult judged_result(const CheckFrame& frame, std::int64_t looked_at, std::int64_t failed,
                          std::string detail = {});
/// "6 rows have no parent".
std::string counted(std::int64_t rows, const Phrase& phrase);

}  // namespace engine::stages
