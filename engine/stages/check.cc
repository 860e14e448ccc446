#include "stages/check.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "stages/checks/binder.h"
#include "stages/checks/builtin.h"
#include "stages/masking.h"
#include "stages/used_columns.h"

namespace engine::stages {

namespace {

/// The condition `where`; nullopt after a mistake, a null pointer when there is none.
std::optional<expr::NodePtr> bind_where(const plan::Check& check, const CheckScopeInfo& info,
                                        base::Diagnostics& diagnostics) {
  if (!check.where) return expr::NodePtr();
  if (check.where->syntax == nullptr) return std::nullopt;
  expr::Scope scope = info.names;
  scope.columns = info.schema;
  auto node = expr::bind(*check.where->syntax, *check.where->text, scope,
                         data::Type::of(data::Kind::kBool), diagnostics);
  if (node == nullptr) return std::nullopt;
  return node;
}

void add_needed(CheckFrame& frame, std::size_t column) {
  auto& needed = frame.needed;
  if (std::find(needed.begin(), needed.end(), column) == needed.end()) needed.push_back(column);
}

void add_expression(CheckFrame& frame, const expr::Node& node) {
  std::set<std::string> names;
  add_used_columns(node, names);
  for (const std::string& name : names) {
    if (const auto column = frame.schema->find(name)) add_needed(frame, *column);
  }
}

std::shared_ptr<CheckFrame> make_frame(const plan::Check& check, const CheckScopeInfo& info,
                                       const CheckKind& kind, const KindBinding& binding,
                                       expr::NodePtr where) {
  auto frame = std::make_shared<CheckFrame>();
  frame->table = info.table;
  frame->spec = check;
  frame->label =
      binding.arguments.empty() ? check.kind : check.kind + "(" + binding.arguments + ")";
  frame->scope = check.scope.value_or(kind.scope);
  frame->schema = std::make_shared<const data::Schema>(*info.schema);
  frame->columns = binding.columns;
  frame->phrase = binding.phrase;
  frame->context = info.context;
  frame->masked = masked_columns(info.classification);
  frame->where = std::move(where);
  for (const std::size_t column : binding.columns) add_needed(*frame, column);
  for (const std::size_t column : binding.also_needed) add_needed(*frame, column);
  if (frame->where != nullptr) add_expression(*frame, *frame->where);
  return frame;
}

/// The key stands in samples only, so a check that reads no rows needs none of it.
void add_key(CheckFrame& frame, const std::vector<std::string>& key) {
  if (frame.needed.empty()) return;
  for (const std::string& name : key) {
    const auto column = frame.schema->find(name);
    if (!column) continue;
    frame.key.push_back(*column);
    add_needed(frame, *column);
  }
}

plan::OptionValue located_list(const std::vector<base::Located>& texts, const base::Span& span) {
  plan::OptionValue list;
  list.kind = plan::OptionKind::kList;
  list.text.span = span;
  for (const base::Located& text : texts) {
    plan::OptionValue item;
    item.text = text;
    list.items.push_back(std::move(item));
  }
  return list;
}

}  // namespace

std::string_view status_name(Status status) {
  switch (status) {
    case Status::kPass:
      return "pass";
    case Status::kWarn:
      return "warn";
    case Status::kFail:
      return "fail";
    case Status::kError:
      return "error";
    case Status::kSkipped:
      return "skipped";
  }
  return "error";
}

const std::vector<std::uint32_t>& Check::failing_rows() const {
  static const std::vector<std::uint32_t> kNone;
  return kNone;
}

std::string parent_keys_name(const std::string& table, const std::vector<std::string>& fields) {
  return table + "(" + base::join(fields, ", ") + ")";
}

std::optional<BoundCheck> bind_check(const plan::Check& check, const CheckScopeInfo& info,
                                     base::Diagnostics& diagnostics) {
  const CheckKind* kind = find_check_kind(check.kind);
  if (kind == nullptr) {
    diagnostics.error("E119", check.span,
                      "check '" + check.kind + "' is not available in this version");
    return std::nullopt;
  }
  CheckBinder binder(check, info, diagnostics);
  auto binding = kind->bind(binder);
  auto where = bind_where(check, info, diagnostics);
  if (!binding || !where || info.schema == nullptr) return std::nullopt;
  auto frame = make_frame(check, info, *kind, *binding, std::move(*where));
  add_key(*frame, info.key);

  BoundCheck bound;
  bound.spec = check;
  bound.scope = frame->scope;
  bound.label = frame->label;
  for (const std::size_t column : frame->needed) {
    bound.columns.push_back(frame->schema->fields[column].name);
  }
  for (const std::size_t column : frame->columns) {
    bound.judged.push_back(frame->schema->fields[column].name);
  }
  bound.parent_table = std::move(binding->parent_table);
  bound.parent_fields = std::move(binding->parent_fields);
  bound.reconcile = std::move(binding->reconcile);
  bound.make = [frame = std::shared_ptr<const CheckFrame>(std::move(frame)),
                make = std::move(binding->make)](const CheckRuntime& runtime) {
    return make(frame, runtime);
  };
  return bound;
}

std::optional<BoundCheck> bind_reference(const plan::Reference& reference,
                                         const CheckScopeInfo& info,
                                         base::Diagnostics& diagnostics) {
  plan::Check check;
  check.kind = "relationships";
  check.span = reference.span;
  check.scope = plan::CheckScope::kRun;
  plan::OptionFields& fields = check.options;
  fields["columns"] = located_list(reference.columns, reference.span);
  fields["to"].text = reference.to;
  if (!reference.fields.empty()) {
    fields["fields"] = located_list(reference.fields, reference.span);
  }
  return bind_check(check, info, diagnostics);
}

}  // namespace engine::stages
