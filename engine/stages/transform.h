#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "data/batch.h"
#include "expr/expression.h"

namespace engine::stages {

/// One column of the rows that go to the target: its expression over the source's columns, already
/// of the target's type.
struct OutputColumn {
  std::string name;
  data::Type type;
  expr::NodePtr node;
  bool nullable = true;
};

/// What a table's transform does, settled at bind time. Plain data.
struct TransformSpec {
  expr::NodePtr
      filter;  ///< rows that are not true are filtered; nullptr when pushed down or absent
  std::vector<OutputColumn> columns;  ///< written columns, in order
  std::vector<OutputColumn> carried;  ///< appended after them: needed by dedupe, never written
};

struct TransformCounts {
  std::int64_t read = 0;      ///< rows in
  std::int64_t filtered = 0;  ///< dropped by `filter`
  std::int64_t rejected = 0;  ///< rows with at least one error
};

/// Source batches to target batches. One thread at a time; holds no rows between calls.
class Transform {
 public:
  class Passage;

  Transform(TransformSpec spec, expr::Context context);

  /// The rows that pass, with written and carried columns. Rows with errors (of the source's batch
  /// in a column that is used, or of an expression) are left out of the result and appended to
  /// `rejects`, whose `row` numbers count from the first row of `source`. A row may be named more
  /// than once; what is appended is in row order. `kept` receives the source row numbers of the
  /// result's rows.
  data::Batch apply(const data::Batch& source, std::vector<data::RowError>& rejects,
                    std::vector<std::uint32_t>& kept);

  const TransformCounts& counts() const { return counts_; }
  const std::shared_ptr<const data::Schema>& schema() const { return schema_; }
  /// How many leading columns of the result are written.
  std::size_t written() const { return spec_.columns.size(); }

 private:
  void fill(Passage& passage, data::Batch& result, std::vector<std::uint32_t>& kept);

  TransformSpec spec_;
  expr::Context context_;
  std::set<std::string> used_;  ///< source columns that the output needs
  std::shared_ptr<const data::Schema> schema_;
  TransformCounts counts_;
};

}  // namespace engine::stages
