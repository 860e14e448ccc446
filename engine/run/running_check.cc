#include "run/running_check.h"

#include "base/text.h"
#include "stages/masking.h"

namespace engine::run {
namespace {

/// What a check says of a row that breaks its rule.
Rejection rejection_of(const stages::BoundCheck& check, const data::Batch& batch, std::uint32_t row,
                       const std::vector<std::string>& masked) {
  std::vector<std::size_t> columns;
  for (const std::string& name : check.judged) {
    if (const auto column = batch.schema->find(name)) columns.push_back(*column);
  }
  const std::string rule = check.spec.name ? base::quoted(check.spec.name->text) : check.label;
  Rejection why{base::join(check.judged, ", "), "E408", "breaks " + rule, ""};
  if (columns.size() == 1) {
    const data::Column& column = batch.column(columns.front());
    if (!column.is_null(row)) why.value = stages::shown_value(column, row);
  } else {
    why.value = stages::shown_row(batch, columns, row, masked);
  }
  return why;
}

}  // namespace

std::vector<RunningCheck> make_checks(const std::vector<stages::BoundCheck>& bound,
                                      const stages::CheckRuntime& runtime) {
  std::vector<RunningCheck> checks;
  for (const stages::BoundCheck& check : bound) checks.push_back({&check, check.make(runtime)});
  return checks;
}

std::vector<RunningCheck> make_checks(const std::vector<stages::BoundCheck>& bound,
                                      const stages::CheckRuntime& runtime, bool rejecting) {
  std::vector<RunningCheck> checks;
  for (const stages::BoundCheck& check : bound) {
    if (check.spec.rejects == rejecting) checks.push_back({&check, check.make(runtime)});
  }
  return checks;
}

void observe(std::vector<RunningCheck>& checks, const data::Batch& batch) {
  for (RunningCheck& running : checks) running.check->observe(batch);
}

void reject_failing(std::vector<RunningCheck>& checks, const data::Batch& batch,
                    const std::vector<std::uint32_t>* rows, const std::vector<std::string>& masked,
                    BatchRejects& rejects) {
  for (RunningCheck& running : checks) {
    if (!running.bound->spec.rejects) continue;
    for (const std::uint32_t row : running.check->failing_rows()) {
      rejects.reject(rows == nullptr ? row : (*rows)[row],
                     rejection_of(*running.bound, batch, row, masked));
    }
  }
}

std::optional<std::vector<std::uint32_t>> arriving_rows(const compile::BoundTable& table,
                                                        const data::Batch& staged) {
  if (!table.comparison.deleted) return std::nullopt;
  const data::Column& flag = staged.column(*table.comparison.deleted);
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < staged.rows; ++row) {
    if (flag.is_null(row) || !flag.bool_at(row)) rows.push_back(row);
  }
  if (rows.size() == staged.rows) return std::nullopt;
  return rows;
}

}  // namespace engine::run
