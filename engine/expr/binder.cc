#include <algorithm>
#include <map>

#include "base/text.h"
#include "data/value.h"
#include "expr/casts.h"
#include "expr/function.h"
#include "expr/operators.h"
#include "expr/syntax.h"

namespace engine::expr {
namespace {

using data::Kind;
using data::Type;

/// Shared parts count each time they are evaluated, so that named expressions cannot blow up.
constexpr std::uint32_t kMostPieces = 100'000;
constexpr std::uint32_t kMostLevels = 1000;
constexpr int kMostNested = 32;

/// Parameters of the named expression that is being bound; null at the plan's own expression.
struct Frame {
  const Frame* outer = nullptr;
  std::string name;
  const std::map<std::string, NodePtr>* params = nullptr;
  int level = 0;
};

/// Binds one expression. Each part is bound even when its neighbours are wrong, so that all
/// mistakes are reported; a part that is wrong is null, one that cannot be known offline is
/// kUnknown.
class Binder {
 public:
  Binder(const Scope& scope, base::Diagnostics& diagnostics)
      : scope_(scope), diagnostics_(diagnostics) {}

  NodePtr bind(const Syntax& syntax, const Frame& frame, const Type* wanted) {
    if (pieces_ > kMostPieces) return nullptr;  // reported where it happened
    if (++pieces_ > kMostPieces) return too_large(syntax);
    NodePtr node = dispatch(syntax, frame, wanted);
    if (node == nullptr) return nullptr;
    if (node->weight > kMostPieces || node->depth > kMostLevels) {
      return too_large(syntax);
    }
    return node;
  }

 private:
  NodePtr too_large(const Syntax& syntax) {
    return fail(syntax,
                {"the expression is too large once its named parts are put in",
                 "named expressions that use a parameter several times multiply", -1, "E115"});
  }

  NodePtr dispatch(const Syntax& syntax, const Frame& frame, const Type* wanted) {
    switch (syntax.kind) {
      case SyntaxKind::kColumn:
        return column(syntax, frame);
      case SyntaxKind::kVariable:
        return variable(syntax);
      case SyntaxKind::kCall:
        return call(syntax, frame, wanted);
      case SyntaxKind::kCase:
        return case_when(syntax, frame, wanted);
      case SyntaxKind::kInteger:
      case SyntaxKind::kDecimal:
      case SyntaxKind::kText:
      case SyntaxKind::kTyped:
      case SyntaxKind::kBool:
      case SyntaxKind::kNull:
        return literal(syntax);
      default:
        return operation(syntax, frame);
    }
  }

  NodePtr fail(const Syntax& syntax, const Problem& problem) {
    const bool inside =
        problem.arg >= 0 && static_cast<std::size_t>(problem.arg) < syntax.args.size();
    const Syntax& at = inside ? *syntax.args[static_cast<std::size_t>(problem.arg)] : syntax;
    diagnostics_.error(problem.code, at.span(), problem.message, problem.help);
    return nullptr;
  }

  NodePtr settle(const Syntax& syntax, Outcome outcome) {
    if (const Problem* problem = std::get_if<Problem>(&outcome)) return fail(syntax, *problem);
    return std::get<NodePtr>(std::move(outcome));
  }

  // literals and names

  NodePtr constant(const Syntax& syntax, const Type& type, bool untyped = false) {
    const auto value = data::parse_value(type, base::trim_spaces(syntax.text));
    if (!value) {
      return fail(syntax, {base::quoted(syntax.text) + " is no " + data::type_name(type),
                           type == Type::timestamp(true)
                               ? "an instant ends in Z or an offset; a local time is written "
                                 "timestamp_naive '2024-01-31T08:00:00'"
                               : ""});
    }
    return constant_of(*value, untyped);
  }

  static NodePtr constant_of(const data::Value& value, bool untyped) {
    data::ColumnBuilder builder(value.type, 1);
    data::append_value(builder, value);
    return make_constant(builder.finish(), untyped);
  }

  NodePtr literal(const Syntax& syntax) {
    switch (syntax.kind) {
      case SyntaxKind::kInteger:
      case SyntaxKind::kDecimal:
        return number(syntax);
      case SyntaxKind::kText:
        return constant_of(data::Value::of_text(syntax.name()), true);
      case SyntaxKind::kBool:
        return constant_of(data::Value::of_bool(syntax.text == "true"), false);
      case SyntaxKind::kTyped:
        return constant(syntax, syntax.type);
      default:
        return make_null(Type::of(Kind::kText), true);
    }
  }

  /// int64 when it fits, else decimal with the digits as written, else number.
  NodePtr number(const Syntax& syntax) {
    if (syntax.kind == SyntaxKind::kInteger) {
      if (data::parse_value(Type::of(Kind::kInt64), syntax.text)) {
        return constant(syntax, Type::of(Kind::kInt64));
      }
    }
    const Type type = decimal_type_of(syntax.text);
    if (type.kind == Kind::kDecimal && data::parse_value(type, syntax.text)) {
      return constant(syntax, type);
    }
    return constant(syntax, Type::of(Kind::kNumber));
  }

  static Type decimal_type_of(std::string_view text) {
    const std::size_t end = std::min(text.find_first_of("eE"), text.size());
    const std::size_t point = std::min(text.find('.'), end);
    const std::string exponent_text(end < text.size() ? text.substr(end + 1) : "0");
    if (exponent_text.size() > 5) return Type::of(Kind::kNumber);
    const int exponent = std::stoi(exponent_text);
    const int fraction = point < end ? static_cast<int>(end - point) - 1 : 0;
    const int whole = static_cast<int>(point) - (text[0] == '-' ? 1 : 0);
    const int scale = std::max(0, fraction - exponent);
    const int precision = std::max({1, scale, whole + exponent + scale});
    if (precision > 38) return Type::of(Kind::kNumber);
    return Type::decimal(precision, scale);
  }

  NodePtr column(const Syntax& syntax, const Frame& frame) {
    if (frame.params != nullptr) return parameter(syntax, frame);
    if (scope_.columns == nullptr) return make_unknown();
    const auto place = scope_.columns->find(syntax.text);
    if (place) {
      const data::Field& field = scope_.columns->fields[*place];
      return make_column(*place, field.name, field.type, field.nullable);
    }
    std::vector<std::string> names;
    for (const data::Field& field : scope_.columns->fields) names.push_back(field.name);
    const auto near = base::nearest(syntax.text, names);
    return fail(syntax, {"there is no column " + base::quoted(syntax.text),
                         near ? "did you mean " + base::quoted(*near) + "?"
                              : "columns are: " + shortened(names),
                         -1, "E302"});
  }

  static std::string shortened(const std::vector<std::string>& names) {
    constexpr std::size_t kMostShown = 12;
    const std::size_t shown = std::min(names.size(), kMostShown);
    std::string out = base::join(std::span(names).first(shown), ", ");
    if (shown < names.size()) out += ", …";
    return out;
  }

  NodePtr parameter(const Syntax& syntax, const Frame& frame) {
    const auto found = frame.params->find(syntax.name());
    if (found != frame.params->end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [name, node] : *frame.params) names.push_back(name);
    return fail(syntax,
                {base::quoted(syntax.text) + " is no parameter of " + base::quoted(frame.name),
                 "a named expression sees its parameters only: " + shortened(names), -1, "E302"});
  }

  NodePtr variable(const Syntax& syntax) {
    const auto found = scope_.variables.find(syntax.name());
    if (found != scope_.variables.end()) {
      const data::Value& value = found->second;
      return constant_of(value, value.null || value.type.kind == Kind::kText);
    }
    const auto& unknown = scope_.unknown_variables;
    if (std::find(unknown.begin(), unknown.end(), syntax.text) != unknown.end()) {
      return make_unknown();
    }
    std::vector<std::string> names = unknown;
    for (const auto& [name, value] : scope_.variables) names.push_back(name);
    const auto near = base::nearest(syntax.text, names);
    return fail(syntax,
                {"there is no variable :" + syntax.name(),
                 near ? "did you mean :" + *near + "?" : "declare it under vars", -1, "E110"});
  }

  // pieces made of others

  /// The arguments, bound; false when one is wrong or not known offline, `result` says which.
  bool bind_all(std::span<const Syntax* const> from, const Frame& frame, std::vector<NodePtr>& args,
                NodePtr& result, const Type* wanted = nullptr) {
    bool wrong = false;
    bool unknown = false;
    for (const Syntax* syntax : from) {
      NodePtr arg = bind(*syntax, frame, wanted);
      wrong = wrong || arg == nullptr;
      unknown = unknown || (arg != nullptr && arg->kind == NodeKind::kUnknown);
      args.push_back(std::move(arg));
    }
    result = !wrong && unknown ? make_unknown() : nullptr;
    return !wrong && !unknown;
  }

  NodePtr operation(const Syntax& syntax, const Frame& frame) {
    std::vector<NodePtr> args;
    NodePtr result;
    if (!bind_all(syntax.args, frame, args, result)) return result;
    return settle(syntax, operate(syntax, std::move(args)));
  }

  static Outcome operate(const Syntax& syntax, std::vector<NodePtr> args) {
    switch (syntax.kind) {
      case SyntaxKind::kNegate:
        return bind_negate(std::move(args[0]));
      case SyntaxKind::kNot:
        return bind_not(std::move(args[0]));
      case SyntaxKind::kIsNull:
        return bind_is_null(syntax.negated, args[0]);
      case SyntaxKind::kIn:
        return bind_in(syntax.negated, std::move(args));
      case SyntaxKind::kBetween:
        return bind_between(syntax.negated, std::move(args));
      case SyntaxKind::kLike:
        return bind_like(syntax.negated, std::move(args));
      case SyntaxKind::kCast:
        return bind_cast(args[0], syntax.type);
      default:
        return operate_binary(syntax.text, std::move(args));
    }
  }

  static Outcome operate_binary(std::string_view sign, std::vector<NodePtr> args) {
    if (sign == "and" || sign == "or") return bind_connective(sign, std::move(args));
    if (sign == "||") return bind_concatenation(std::move(args));
    if (sign.find_first_of("+-*/%") == 0) return bind_arithmetic(sign, std::move(args));
    return bind_comparison(sign, std::move(args));
  }

  NodePtr case_when(const Syntax& syntax, const Frame& frame, const Type* wanted) {
    std::vector<NodePtr> args;
    NodePtr result;
    if (!bind_all(syntax.args, frame, args, result)) return result;
    if (!syntax.has_else) args.push_back(make_null(Type::of(Kind::kText), true));
    if (!syntax.has_operand) return settle(syntax, bind_case(std::move(args), wanted));
    std::vector<NodePtr> tests(args.begin() + 1, args.end());
    for (std::size_t i = 0; i + 1 < tests.size(); i += 2) {
      Outcome test = bind_comparison("=", {args[0], tests[i]});
      if (const Problem* problem = std::get_if<Problem>(&test)) {
        return fail(*syntax.args[i + 1], {problem->message, problem->help});
      }
      tests[i] = std::get<NodePtr>(test);
    }
    Outcome outcome = bind_case(std::move(tests), wanted);
    if (Problem* problem = std::get_if<Problem>(&outcome); problem && problem->arg >= 0) {
      ++problem->arg;
    }
    return settle(syntax, std::move(outcome));
  }

  NodePtr call(const Syntax& syntax, const Frame& frame, const Type* wanted) {
    if (scope_.named != nullptr) {
      const auto found = scope_.named->find(syntax.name());
      if (found != scope_.named->end()) return expand(syntax, found->second, frame, wanted);
    }
    const FunctionSpec* spec = find_function(syntax.text);
    if (spec == nullptr) return unknown_function(syntax, frame);
    std::vector<NodePtr> args;
    NodePtr result;
    const bool known = bind_all(syntax.args, frame, args, result);
    if (args.size() < spec->least || args.size() > spec->most) {
      return fail(syntax, {syntax.name() + " does not take " + std::to_string(args.size()) +
                               (args.size() == 1 ? " argument" : " arguments"),
                           spec->doc.signature});
    }
    if (!known) return result;
    return settle(syntax, bind_function(*spec, std::move(args), wanted));
  }

  NodePtr unknown_function(const Syntax& syntax, const Frame& frame) {
    std::vector<NodePtr> args;
    NodePtr ignored;
    bind_all(syntax.args, frame, args, ignored);
    std::vector<std::string> names;
    for (const FunctionSpec& spec : functions()) names.push_back(spec.doc.name);
    if (scope_.named != nullptr) {
      for (const auto& [name, named] : *scope_.named) names.push_back(name);
    }
    const auto near = base::nearest(syntax.text, names);
    return fail(syntax, {"there is no function " + base::quoted(syntax.text),
                         near ? "did you mean " + base::quoted(*near) + "?"
                              : "named expressions are declared under transforms",
                         -1, "E113"});
  }

  NodePtr expand(const Syntax& syntax, const NamedExpression& named, const Frame& frame,
                 const Type* wanted) {
    std::vector<NodePtr> args;
    NodePtr result;
    const bool known = bind_all(syntax.args, frame, args, result);
    if (args.size() != named.params.size()) {
      return fail(syntax, {syntax.name() + " takes " + std::to_string(named.params.size()) +
                               " arguments, not " + std::to_string(args.size()),
                           syntax.name() + "(" + base::join(named.params, ", ") + ")"});
    }
    for (const Frame* at = &frame; at != nullptr; at = at->outer) {
      if (at->params != nullptr && at->name == syntax.text) {
        return fail(syntax, {base::quoted(syntax.text) + " calls itself",
                             "a named expression may call others, never itself", -1, "E115"});
      }
    }
    if (frame.level >= kMostNested) {
      return fail(syntax,
                  {"named expressions call each other more than 32 levels deep", "", -1, "E115"});
    }
    const bool wrong = !known && result == nullptr;
    if (wrong || named.body == nullptr) return nullptr;  // reported where they stand
    std::map<std::string, NodePtr> params;
    for (std::size_t i = 0; i < args.size(); ++i) params[named.params[i]] = args[i];
    return bind(*named.body, Frame{&frame, syntax.name(), &params, frame.level + 1}, wanted);
  }

  const Scope& scope_;
  base::Diagnostics& diagnostics_;
  std::uint32_t pieces_ = 0;
};

}  // namespace

NodePtr bind(const Syntax& syntax, const base::Located& text, const Scope& scope,
             std::optional<Type> wanted, base::Diagnostics& diagnostics) {
  const Frame frame;
  NodePtr node = Binder(scope, diagnostics).bind(syntax, frame, wanted ? &*wanted : nullptr);
  if (node == nullptr || node->kind == NodeKind::kUnknown) return nullptr;
  if (!wanted) return settled(node);
  Outcome there = coerce(node, *wanted);
  if (const Problem* problem = std::get_if<Problem>(&there)) {
    const bool shown = node->kind == NodeKind::kColumn || node->is_constant();
    const std::string subject = shown ? describe(*node) : "the expression";
    std::string help = instead_of_cast(node->type, *wanted);
    if (node->untyped) {
      diagnostics.error(problem->code, syntax.span(), problem->message, problem->help);
      return nullptr;
    }
    if (help.empty()) {
      help = "write cast(" + text_of(syntax) + " as " + data::type_name(*wanted) + ")";
    }
    diagnostics.error(
        problem->code, text.at(syntax.offset, syntax.length),
        subject + " is " + data::type_name(node->type) + ", expected " + data::type_name(*wanted),
        help);
    return nullptr;
  }
  return std::get<NodePtr>(there);
}

}  // namespace engine::expr
