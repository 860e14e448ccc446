#include "plan/scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "base/clock.h"
#include "base/text.h"
#include "data/type.h"
#include "data/value_text.h"
#include "expr/expression.h"

namespace engine::plan {

namespace {

std::string listed(const std::vector<std::string>& choices) {
  return base::join(choices, ", ");
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const auto near = base::nearest(word, known);
  return near ? fmt::format("did you mean {}?", base::quoted(*near)) : std::string();
}

/// A path as the plan's folder sees it. `file` says it, `plan` is the plan's own file.
std::string from_plan_folder(const std::string& file, const std::string& plan,
                             const std::string& text) {
  namespace fs = std::filesystem;
  if (text.empty() || fs::path(text).is_absolute()) return text;
  const fs::path folder = fs::path(file).parent_path();
  if (folder == fs::path(plan).parent_path()) return fs::path(text).lexically_normal().string();
  const fs::path whole = fs::absolute(folder / text).lexically_normal();
  return whole.lexically_relative(fs::absolute(plan).parent_path().lexically_normal()).string();
}

}  // namespace

std::optional<std::int64_t> parse_whole(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

namespace {

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = problem == std::errc() && end == text.data() + text.size();
  if (!whole || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> parse_ratio(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const std::optional<double> value = parse_real(base::trim_spaces(text));
  if (!value) return std::nullopt;
  return percent ? *value / 100 : *value;
}

std::optional<ThresholdParts> parse_threshold(std::string_view text) {
  text = base::trim_spaces(text);
  for (const char* comparison : {">=", "<=", "!=", ">", "<", "="}) {
    if (!text.starts_with(comparison)) continue;
    std::string_view number = base::trim_spaces(text.substr(std::string_view(comparison).size()));
    ThresholdParts out{.comparison = comparison, .relative = number.ends_with('%')};
    if (out.relative) number.remove_suffix(1);
    const std::optional<double> value = parse_real(base::trim_spaces(number));
    if (!value || *value < 0) return std::nullopt;
    out.value = out.relative ? *value / 100 : *value;
    return out;
  }
  return std::nullopt;
}

std::string kind_text(const OptionSpec& spec) {
  switch (spec.kind) {
    case OptionKind::kText:
      return "text";
    case OptionKind::kBool:
      return "true or false";
    case OptionKind::kInt:
      return "a whole number";
    case OptionKind::kFloat:
      return "a number";
    case OptionKind::kRatio:
      return "a share such as 0.1%";
    case OptionKind::kDuration:
      return "a duration such as 90s, 15m, 6h, 2d";
    case OptionKind::kSize:
      return "a size such as 64KiB, 512MiB";
    case OptionKind::kExpression:
      return "an expression";
    case OptionKind::kChoice:
      return "one of " + listed(spec.choices);
    case OptionKind::kTypeName:
      return "a type";
    case OptionKind::kThreshold:
      return "a limit such as \"> 10\" or \"> 0.5%\"";
    case OptionKind::kScalar:
      return "a value";
    case OptionKind::kObject:
      return "a mapping";
    case OptionKind::kMap:
      return "a mapping of names";
    case OptionKind::kList:
      return "a list of " + (spec.element ? kind_text(*spec.element) : "values");
    case OptionKind::kAny:
      break;
  }
  std::vector<std::string> shapes;
  for (const OptionSpec& alternative : spec.alternatives) shapes.push_back(kind_text(alternative));
  return base::join(shapes, ", or ");
}

void ScalarReader::report(const char* code, base::Span span, std::string message,
                          std::string help) {
  if (diagnostics_ == nullptr) return;
  diagnostics_->error(code, std::move(span), std::move(message), std::move(help));
}

bool ScalarReader::wrong(const OptionSpec& spec, const OptionValue& out, std::string help) {
  if (help.empty() && !spec.example.empty()) help = "for example: " + spec.example;
  report("E104", out.text.span,
         fmt::format("{} takes {}, not {}", base::quoted(spec.name), kind_text(spec),
                     out.is_null ? "nothing" : base::quoted(out.text.text)),
         std::move(help));
  return false;
}

namespace {

/// YAML reads the bare word `null` as nothing; where it is a choice, it is the word.
bool chooses_null(const OptionSpec& spec, const YamlNode& node) {
  return spec.kind == OptionKind::kChoice && node.text() == "null" &&
         std::find(spec.choices.begin(), spec.choices.end(), "null") != spec.choices.end();
}

}  // namespace

bool ScalarReader::read(const OptionSpec& spec, const YamlNode& node, OptionValue& out) {
  Expansion expansion;
  if (spec.kind == OptionKind::kExpression) {
    expansion.value = tree_.located(node);
  } else {
    expansion = variables_.expand(node, diagnostics_);
  }
  out.kind = spec.kind;
  out.is_null = node.is_null() && !chooses_null(spec, node);
  out.quoted = node.is_quoted();
  out.unknown = expansion.unknown;
  out.text = std::move(expansion.value);
  if (out.is_null && spec.kind != OptionKind::kScalar) return wrong(spec, out);
  if (!check_secret(spec, node, expansion, out)) return false;
  if (out.unknown || out.secret.has_value()) return true;
  return spec.kind == OptionKind::kText ? read_text(spec, node, out) : read_kind(spec, out);
}

namespace {

/// "scheme://user:password@host": a password in the open.
bool holds_password(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = text.substr(scheme + 3);
  const std::string_view user = rest.substr(0, std::min(rest.find('@'), rest.size()));
  return user.size() < rest.size() && user.find(':') != std::string_view::npos &&
         user.find('/') == std::string_view::npos;
}

}  // namespace

bool ScalarReader::refuse_literal(const OptionSpec& spec, const YamlNode& node,
                                  const OptionValue& out) {
  if (diagnostics_ == nullptr) return false;
  diagnostics_->remember(tree_.file(node.file).name, tree_.mask(node));
  report("E112", out.text.span,
         fmt::format("{} holds a secret in the open", base::quoted(spec.name)),
         "a secret does not belong in a file: write \"${secret:NAME}\", "
         "\"${file:/run/secrets/name}\" or \"${NAME?set NAME}\"");
  return false;
}

bool ScalarReader::check_secret(const OptionSpec& spec, const YamlNode& node,
                                const Expansion& expansion, OptionValue& out) {
  if (!spec.secret) {
    if (!expansion.external && !expansion.unknown && holds_password(out.text.text)) {
      return refuse_literal(spec, node, out);
    }
    if (!expansion.secret) return true;
    report("E118", out.text.span,
           fmt::format("a secret may not stand in {}", base::quoted(spec.name)),
           "${secret:...} and ${file:...} may only fill options that are declared secret");
    return false;
  }
  const auto& open = spec.choices;
  if (std::find(open.begin(), open.end(), out.text.text) != open.end()) return true;
  if (!expansion.external && !expansion.unknown && !out.text.text.empty()) {
    return refuse_literal(spec, node, out);
  }
  out.secret = base::Secret(std::move(out.text.text));
  out.text.text.clear();
  out.text.columns.reset();
  return true;
}

bool ScalarReader::read_kind(const OptionSpec& spec, OptionValue& out) {
  switch (spec.kind) {
    case OptionKind::kBool:
      return read_bool(spec, out);
    case OptionKind::kInt:
      return read_int(spec, out);
    case OptionKind::kFloat:
    case OptionKind::kRatio:
      return read_real(spec, out);
    case OptionKind::kDuration:
      return read_duration(spec, out);
    case OptionKind::kSize:
      return read_size(spec, out);
    case OptionKind::kChoice:
      return read_choice(spec, out);
    case OptionKind::kTypeName:
      return read_type(spec, out);
    case OptionKind::kThreshold:
      return parse_threshold(out.text.text).has_value() || wrong(spec, out);
    default:
      return true;
  }
}

bool ScalarReader::read_text(const OptionSpec& spec, const YamlNode& node, OptionValue& out) {
  const std::string& text = out.text.text;
  if (text.starts_with(':') && variables_.is_defined(std::string_view(text).substr(1))) {
    const std::string name = text.substr(1);
    variables_.mark_used(name);
    report("E117", out.text.span,
           fmt::format(":{} has no meaning in the text option {}", name, base::quoted(spec.name)),
           fmt::format("in text a variable is written ${{{}}}", name));
    return false;
  }
  if (!spec.path) return true;
  out.text.text = from_plan_folder(tree_.file(node.file).name, tree_.file(0).name, text);
  out.text.columns.reset();
  return true;
}

bool ScalarReader::read_bool(const OptionSpec& spec, OptionValue& out) {
  const std::string& text = out.text.text;
  out.flag = text == "true";
  return out.flag || text == "false" || wrong(spec, out, "write true or false");
}

bool ScalarReader::in_range(const OptionSpec& spec, const OptionValue& out, double value) {
  const bool low = spec.minimum.has_value() && value < *spec.minimum;
  const bool high = spec.maximum.has_value() && value > *spec.maximum;
  if (!low && !high) return true;
  report("E104", out.text.span,
         fmt::format("{} must be at {} {}, not {}", base::quoted(spec.name), low ? "least" : "most",
                     low ? *spec.minimum : *spec.maximum, base::quoted(out.text.text)),
         spec.default_text.empty() ? "" : "the default is " + spec.default_text);
  return false;
}

bool ScalarReader::read_int(const OptionSpec& spec, OptionValue& out) {
  const std::optional<std::int64_t> value = parse_whole(out.text.text);
  if (!value) {
    const bool marks = out.text.text.find_first_of("_,") != std::string::npos;
    return wrong(spec, out, marks ? "write the digits without separators" : "");
  }
  out.integer = *value;
  return in_range(spec, out, static_cast<double>(*value));
}

bool ScalarReader::read_real(const OptionSpec& spec, OptionValue& out) {
  const bool ratio = spec.kind == OptionKind::kRatio;
  const std::optional<double> value =
      ratio ? parse_ratio(out.text.text) : parse_real(out.text.text);
  if (!value) return wrong(spec, out);
  out.real = *value;
  return in_range(spec, out, *value);
}

bool ScalarReader::read_duration(const OptionSpec& spec, OptionValue& out) {
  const std::optional<std::int64_t> value = out.text.text == "0"
                                                ? std::optional<std::int64_t>(0)
                                                : base::parse_duration_us(out.text.text);
  if (!value || *value < 0) return wrong(spec, out, "a number and one unit: ms, s, m, h or d");
  out.integer = *value;
  if (spec.minimum && static_cast<double>(*value) < *spec.minimum) {
    return wrong(spec, out, "longer than that; the default is " + spec.default_text);
  }
  return true;
}

bool ScalarReader::read_size(const OptionSpec& spec, OptionValue& out) {
  const std::optional<std::uint64_t> value = base::parse_size(out.text.text);
  if (!value || *value > INT64_MAX) return wrong(spec, out, "a number and one unit: KiB, MiB, GiB");
  out.integer = static_cast<std::int64_t>(*value);
  if (spec.minimum && static_cast<double>(*value) < *spec.minimum) {
    return wrong(spec, out, fmt::format("at least {}MiB", static_cast<int>(*spec.minimum) >> 20));
  }
  return true;
}

bool ScalarReader::read_choice(const OptionSpec& spec, OptionValue& out) {
  const auto& choices = spec.choices;
  if (std::find(choices.begin(), choices.end(), out.text.text) != choices.end()) return true;
  std::string help = did_you_mean(out.text.text, choices);
  return wrong(spec, out, std::move(help));
}

bool ScalarReader::read_type(const OptionSpec& spec, OptionValue& out) {
  if (data::parse_type(out.text.text).has_value()) return true;
  static const std::vector<std::string> known = {
      "bool", "int64",     "float64",         "decimal(12,2)", "number", "date", "time",
      "text", "timestamp", "timestamp_naive", "bytes",         "uuid",   "json"};
  std::string help = did_you_mean(out.text.text, known);
  if (help.empty()) help = "types: " + listed(known);
  report("E104", out.text.span,
         fmt::format("{} is no type, in {}", base::quoted(out.text.text), base::quoted(spec.name)),
         help);
  return false;
}

base::Located ScalarReader::text(const YamlNode& node) {
  return variables_.expand(node, nullptr).value;
}

expr::SyntaxPtr ScalarReader::expression(const std::shared_ptr<const base::Located>& text,
                                         base::Diagnostics& diagnostics) {
  expr::SyntaxPtr syntax = expr::parse(text, diagnostics);
  if (syntax != nullptr && text->text.find(':') != std::string::npos) {
    for (const expr::Mention& mention : expr::mentioned_variables(*syntax)) {
      variables_.mark_used(mention.name);
    }
  }
  return syntax;
}

}  // namespace engine::plan
