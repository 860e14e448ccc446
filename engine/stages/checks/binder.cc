#include "stages/checks/binder.h"

#include "base/text.h"
#include "data/value_text.h"

namespace engine::stages {

namespace {

/// The scalar of an option whatever kind it was declared.
std::string scalar_text(const plan::OptionValue& value) {
  if (!value.text.text.empty()) return value.text.text;
  switch (value.kind) {
    case plan::OptionKind::kInt:
      return std::to_string(value.integer);
    case plan::OptionKind::kFloat: {
      std::string text;
      data::append_float64(text, value.real);
      return text;
    }
    case plan::OptionKind::kBool:
      return value.flag ? "true" : "false";
    default:
      return {};
  }
}

std::optional<plan::Cap> parse_amount(std::string_view text) {
  plan::Cap cap;
  const bool percent = !text.empty() && text.back() == '%';
  if (percent) text = base::trim_spaces(text.substr(0, text.size() - 1));
  if (const auto count = data::parse_int64(text); count && !percent && *count >= 0) {
    cap.count = *count;
    return cap;
  }
  const auto real = data::parse_float64(text);
  if (!real || !(*real >= 0)) return std::nullopt;
  cap.relative = true;
  cap.ratio = percent ? *real / 100 : *real;
  return cap;
}

}  // namespace

void CheckBinder::error(const std::string& code, const base::Span& span, const std::string& message,
                        const std::string& help) {
  diagnostics_.error(code, span.known() ? span : check_.span, message, help);
}

const plan::OptionValue* CheckBinder::option(const std::string& name) const {
  return check_.options.find(name);
}

std::vector<base::Located> CheckBinder::names(const std::string& option_name) const {
  std::vector<base::Located> names;
  const plan::OptionValue* value = option(option_name);
  if (value == nullptr) return names;
  if (value->kind != plan::OptionKind::kList) return {value->text};
  for (const plan::OptionValue& item : value->items) names.push_back(item.text);
  return names;
}

std::optional<std::string> CheckBinder::text(const std::string& option_name) const {
  const plan::OptionValue* value = option(option_name);
  if (value == nullptr || value->unknown) return std::nullopt;
  return scalar_text(*value);
}

std::optional<plan::Cap> CheckBinder::amount(const std::string& option_name) {
  const plan::OptionValue* value = option(option_name);
  if (value == nullptr || value->unknown) return std::nullopt;
  plan::Cap cap;
  if (value->kind == plan::OptionKind::kRatio && value->text.text.empty()) {
    cap.relative = true;
    cap.ratio = value->real;
  } else if (const auto parsed = parse_amount(scalar_text(*value))) {
    cap = *parsed;
  } else {
    error("E104", value->text.span,
          check_.kind + ": " + option_name + " is " + base::quoted(scalar_text(*value)) +
              ", which is neither a count nor a share",
          "write a whole number, or a share such as 5%");
    return std::nullopt;
  }
  cap.text = value->text;
  return cap;
}

std::optional<std::size_t> CheckBinder::find_column(const base::Located& name) {
  if (!has_schema()) return std::nullopt;
  if (const auto found = info_.schema->find(name.text)) return found;
  std::vector<std::string> known;
  for (const data::Field& each : info_.schema->fields) known.push_back(each.name);
  const auto near = base::nearest(name.text, known);
  const bool source = check_.stage == plan::CheckStage::kSource;
  error("E302", name.span,
        check_.kind + ": table " + info_.table + " has no column " + base::quoted(name.text) +
            (source ? " at stage source (where columns have the source's names)" : ""),
        near ? "did you mean '" + *near + "'?" : "columns are: " + base::join(known, ", "));
  return std::nullopt;
}

std::optional<std::vector<std::size_t>> CheckBinder::columns() {
  auto given = names("columns");
  if (given.empty()) given = names("column");
  if (given.empty()) {
    error("E107", check_.span, check_.kind + ": no column is named");
    return std::nullopt;
  }
  std::vector<std::size_t> places;
  for (const base::Located& name : given) {
    if (const auto place = find_column(name)) places.push_back(*place);
  }
  if (places.size() < given.size()) return std::nullopt;
  return places;
}

std::optional<std::size_t> CheckBinder::column() {
  const auto places = columns();
  if (!places) return std::nullopt;
  if (places->size() == 1) return places->front();
  error("E104", check_.span, check_.kind + " takes one column",
        "write one " + check_.kind + " per column");
  return std::nullopt;
}

std::optional<data::Value> CheckBinder::value(const plan::OptionValue& given,
                                              const data::Type& type) {
  const std::string text = scalar_text(given);
  auto parsed = data::parse_value(type, text);
  if (!parsed) {
    error("E104", given.text.span,
          check_.kind + ": " + base::quoted(text) + " is no " + data::type_name(type),
          "write a value of the column's type, " + data::type_name(type));
  }
  return parsed;
}

std::string CheckBinder::joined(const std::vector<std::size_t>& columns) const {
  std::string text;
  for (const std::size_t column : columns) text += (text.empty() ? "" : ", ") + field(column).name;
  return text;
}

}  // namespace engine::stages
