#include <algorithm>
#include <set>

#include "stages/checks/builtin.h"
#include "stages/used_columns.h"

namespace engine::stages {

namespace {

/// The expression is not false. NULL passes, as in an SQL CHECK.
class Holds : public RowRule {
 public:
  explicit Holds(expr::NodePtr node) : node_(std::move(node)) {}

  void judge(const Judging& rows) override {
    const auto truth = expr::evaluate_truth(*node_, rows.batch, rows.frame.context, rows.errors);
    for (std::size_t row = 0; row < truth.size(); ++row) {
      if (truth[row] == 0) rows.fail(row);
    }
  }

 private:
  expr::NodePtr node_;
};

expr::NodePtr bind_condition(CheckBinder& binder, const plan::OptionValue& option) {
  const expr::SyntaxPtr syntax = expr::parse(option.text, binder.diagnostics());
  if (syntax == nullptr) return nullptr;
  expr::Scope scope = binder.info().names;
  scope.columns = binder.info().schema;
  return expr::bind(*syntax, option.text, scope, data::Type::of(data::Kind::kBool),
                    binder.diagnostics());
}

}  // namespace

std::optional<KindBinding> bind_expression(CheckBinder& binder) {
  const plan::OptionValue* option = binder.option("expr");
  if (option == nullptr) {
    binder.error("E107", binder.check().span, "expression: expr is not given");
    return std::nullopt;
  }
  const expr::NodePtr node = bind_condition(binder, *option);
  if (node == nullptr || !binder.has_schema()) return std::nullopt;
  std::set<std::string> names;
  add_used_columns(*node, names);
  std::vector<std::size_t> columns;
  for (const std::string& name : names) {
    if (const auto column = binder.info().schema->find(name)) columns.push_back(*column);
  }
  std::sort(columns.begin(), columns.end());
  KindBinding binding = row_rule(binder, std::move(columns), {"breaks the rule", "break the rule"},
                                 [node] { return std::make_unique<Holds>(node); });
  const auto name = binder.text("name");
  const bool named = binder.check().name.has_value();
  binding.arguments = name ? *name : named ? binder.check().name->text : option->text.text;
  return binding;
}

}  // namespace engine::stages
