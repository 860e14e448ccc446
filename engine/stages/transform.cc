#include "stages/transform.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "expr/node.h"
#include "stages/used_columns.h"

namespace engine::stages {

namespace {

data::Schema schema_of(const TransformSpec& spec) {
  data::Schema schema;
  for (const auto* part : {&spec.columns, &spec.carried}) {
    for (const OutputColumn& column : *part) {
      schema.fields.push_back({column.name, column.type, column.nullable});
    }
  }
  return schema;
}

}  // namespace

/// The rows of one source batch on their way: which of them are still in, which are refused.
class Transform::Passage {
 public:
  Passage(const data::Batch& source, std::vector<data::RowError>& rejects)
      : source_(source), bad_(source.rows, 0), rejects_(rejects) {}

  /// Only these source rows remain.
  void narrow(const std::vector<std::uint32_t>& rows) {
    narrowed_ = data::take(source_, rows);
    rows_ = rows;
  }

  const data::Batch& batch() const { return narrowed_ ? *narrowed_ : source_; }

  /// `row` counts in batch().
  bool is_bad(std::size_t row) const { return bad_[source_row(row)] != 0; }

  void refuse(data::RowError error) {
    error.row = source_row(error.row);
    if (bad_[error.row] == 0) ++bad_rows_;
    bad_[error.row] = 1;
    rejects_.push_back(std::move(error));
  }

  void refuse_all(std::vector<data::RowError>& errors) {
    for (data::RowError& error : errors) refuse(std::move(error));
    errors.clear();
  }

  std::int64_t bad_rows() const { return bad_rows_; }

  /// Rows of batch() that are still good.
  std::vector<std::uint32_t> good_rows() const {
    std::vector<std::uint32_t> rows;
    rows.reserve(batch().rows);
    for (std::uint32_t row = 0; row < batch().rows; ++row) {
      if (!is_bad(row)) rows.push_back(row);
    }
    return rows;
  }

  std::uint32_t source_row(std::size_t row) const {
    return rows_.empty() ? static_cast<std::uint32_t>(row) : rows_[row];
  }

 private:
  const data::Batch& source_;
  std::optional<data::Batch> narrowed_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint8_t> bad_;
  std::int64_t bad_rows_ = 0;
  std::vector<data::RowError>& rejects_;
};

namespace {

using Passage = Transform::Passage;

void refuse_source_errors(const data::Batch& batch, const std::set<std::string>& used,
                          Passage& passage) {
  for (const data::RowError& error : batch.errors) {
    if (error.column.empty() || used.contains(error.column)) passage.refuse(error);
  }
}

/// Applies the filter; false when no row is left. A row that the filter cannot judge is refused.
bool apply_filter(const expr::Node& filter, const expr::Context& context, Passage& passage,
                  std::int64_t& filtered) {
  const data::Batch& batch = passage.batch();
  std::vector<data::RowError> errors;
  const auto truth = expr::evaluate_truth(filter, batch, context, errors);
  std::set<std::string> used;
  add_used_columns(filter, used);
  refuse_source_errors(batch, used, passage);
  passage.refuse_all(errors);
  std::vector<std::uint32_t> passing;
  passing.reserve(batch.rows);
  for (std::uint32_t row = 0; row < batch.rows; ++row) {
    if (passage.is_bad(row)) continue;
    if (truth[row] == 1) {
      passing.push_back(row);
    } else {
      ++filtered;
    }
  }
  if (passing.empty()) return false;
  if (passing.size() < batch.rows) passage.narrow(passing);
  return true;
}

void refuse_nulls(const OutputColumn& output, const data::Column& column, Passage& passage) {
  if (output.nullable || column.null_count() == 0) return;
  for (std::uint32_t row = 0; row < column.size(); ++row) {
    if (!column.is_null(row) || passage.is_bad(row)) continue;
    passage.refuse({row, output.name, "E403", "NULL in a NOT NULL column", ""});
  }
}

data::ColumnPtr output_column(const OutputColumn& output, const expr::Context& context,
                              Passage& passage) {
  const data::Batch& batch = passage.batch();
  if (output.node->kind == expr::NodeKind::kColumn) return batch.columns[output.node->column];
  std::vector<data::RowError> errors;
  data::ColumnPtr column = expr::evaluate(*output.node, batch, context, output.name, errors);
  passage.refuse_all(errors);
  return column;
}

}  // namespace

Transform::Transform(TransformSpec spec, expr::Context context)
    : spec_(std::move(spec)),
      context_(std::move(context)),
      schema_(std::make_shared<const data::Schema>(schema_of(spec_))) {
  for (const auto* part : {&spec_.columns, &spec_.carried}) {
    for (const OutputColumn& column : *part) add_used_columns(*column.node, used_);
  }
}

void Transform::fill(Passage& passage, data::Batch& result, std::vector<std::uint32_t>& kept) {
  const data::Batch& batch = passage.batch();
  refuse_source_errors(batch, used_, passage);
  result.rows = batch.rows;
  for (const auto* part : {&spec_.columns, &spec_.carried}) {
    for (const OutputColumn& output : *part) {
      result.columns.push_back(output_column(output, context_, passage));
      refuse_nulls(output, *result.columns.back(), passage);
    }
  }
  const std::vector<std::uint32_t> good = passage.good_rows();
  if (good.size() < batch.rows) result = data::take(result, good);
  kept.reserve(good.size());
  for (const std::uint32_t row : good) kept.push_back(passage.source_row(row));
}

data::Batch Transform::apply(const data::Batch& source, std::vector<data::RowError>& rejects,
                             std::vector<std::uint32_t>& kept) {
  const auto first_reject = static_cast<std::ptrdiff_t>(rejects.size());
  kept.clear();
  counts_.read += static_cast<std::int64_t>(source.rows);
  Passage passage(source, rejects);
  data::Batch result{.schema = schema_, .columns = {}, .rows = 0, .errors = {}};
  if (spec_.filter == nullptr || apply_filter(*spec_.filter, context_, passage, counts_.filtered)) {
    fill(passage, result, kept);
  } else {
    for (const data::Field& field : schema_->fields) {
      result.columns.push_back(data::ColumnBuilder(field.type).finish());
    }
  }
  counts_.rejected += passage.bad_rows();
  std::sort(rejects.begin() + first_reject, rejects.end(), [](const auto& a, const auto& b) {
    return std::tie(a.row, a.column) < std::tie(b.row, b.column);
  });
  return result;
}

}  // namespace engine::stages
