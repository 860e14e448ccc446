#include "stages/checks/builtin.h"

namespace engine::stages {

namespace {

/// No column of the row is NULL.
class NotNull : public RowRule {
 public:
  void judge(const Judging& rows) override {
    for (std::size_t i = 0; i < rows.frame.columns.size(); ++i) {
      const data::Column& column = rows.column(i);
      if (column.null_count() == 0) continue;
      for (std::size_t row = 0; row < column.size(); ++row) {
        if (column.is_null(row)) rows.fail(row);
      }
    }
  }
};

}  // namespace

std::optional<KindBinding> bind_not_null(CheckBinder& binder) {
  auto columns = binder.columns();
  if (!columns) return std::nullopt;
  return row_rule(binder, std::move(*columns), {"has a NULL", "have a NULL"},
                  [] { return std::make_unique<NotNull>(); });
}

}  // namespace engine::stages
