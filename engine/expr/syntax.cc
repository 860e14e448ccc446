#include "expr/syntax.h"

#include <algorithm>
#include <string_view>

namespace engine::expr {
namespace {

void collect(const Syntax& syntax, SyntaxKind kind, std::vector<Mention>& found) {
  if (syntax.kind == kind) {
    const bool known = std::any_of(found.begin(), found.end(), [&](const Mention& mention) {
      return mention.name == syntax.text;
    });
    if (!known) found.push_back({syntax.name(), syntax.span()});
  }
  for (const Syntax* arg : syntax.args) collect(*arg, kind, found);
}

/// How tightly each construct binds, as the parser reads it; a looser piece inside a tighter one is
/// put in parentheses.
enum Binding { kOr, kAnd, kNot, kIs, kCompare, kMember, kConcat, kSum, kProduct, kSign, kPrimary };

int binding_of_operator(std::string_view sign) {
  if (sign == "or") return kOr;
  if (sign == "and") return kAnd;
  if (sign == "||") return kConcat;
  if (sign == "+" || sign == "-") return kSum;
  if (sign == "*" || sign == "/" || sign == "%") return kProduct;
  return kCompare;
}

int binding_of(const Syntax& syntax) {
  switch (syntax.kind) {
    case SyntaxKind::kBinary:
      return binding_of_operator(syntax.text);
    case SyntaxKind::kNot:
      return kNot;
    case SyntaxKind::kIsNull:
      return kIs;
    case SyntaxKind::kIn:
    case SyntaxKind::kBetween:
    case SyntaxKind::kLike:
      return kMember;
    case SyntaxKind::kNegate:
      return kSign;
    default:
      return kPrimary;
  }
}

std::string quote(std::string_view text, char sign) {
  std::string out(1, sign);
  for (const char c : text) out.append(c == sign ? 2 : 1, c);
  return out + sign;
}

std::string column_name(std::string_view name) {
  const bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                              (c >= '0' && c <= '9');
                     });
  return plain && !is_reserved_word(name) ? std::string(name) : quote(name, '"');
}

class Writer {
 public:
  std::string take() { return std::move(out_); }

  void write(const Syntax& syntax, int at_least) {
    const bool wrap = binding_of(syntax) < at_least;
    if (wrap) out_ += '(';
    body(syntax);
    if (wrap) out_ += ')';
  }

 private:
  void body(const Syntax& syntax) {
    switch (syntax.kind) {
      case SyntaxKind::kBinary:
        return binary(syntax);
      case SyntaxKind::kNot:
        out_ += "not ";
        return write(*syntax.args[0], kNot);
      case SyntaxKind::kNegate:
        out_ += "- ";
        return write(*syntax.args[0], kSign);
      case SyntaxKind::kIsNull:
        write(*syntax.args[0], kIs);
        out_ += syntax.negated ? " is not null" : " is null";
        return;
      case SyntaxKind::kIn:
      case SyntaxKind::kBetween:
      case SyntaxKind::kLike:
        return membership(syntax);
      case SyntaxKind::kCase:
        return branches(syntax);
      case SyntaxKind::kCast:
        out_ += "cast(";
        write(*syntax.args[0], kOr);
        out_ += " as " + data::type_name(syntax.type) + ")";
        return;
      case SyntaxKind::kCall:
        out_ += syntax.name() + "(";
        list(syntax.args, 0, ", ", kOr);
        out_ += ')';
        return;
      default:
        leaf(syntax);
    }
  }

  void leaf(const Syntax& syntax) {
    if (syntax.kind == SyntaxKind::kTyped) out_ += data::type_name(syntax.type) + " ";
    if (syntax.kind == SyntaxKind::kTyped || syntax.kind == SyntaxKind::kText) {
      out_ += quote(syntax.text, '\'');
    } else if (syntax.kind == SyntaxKind::kColumn) {
      out_ += column_name(syntax.text);
    } else if (syntax.kind == SyntaxKind::kVariable) {
      out_ += ":" + syntax.name();
    } else {
      out_ += syntax.kind == SyntaxKind::kNull ? "null" : syntax.text;
    }
  }

  void list(std::span<const Syntax* const> args, std::size_t from, std::string_view separator,
            int at_least) {
    for (std::size_t i = from; i < args.size(); ++i) {
      if (i > from) out_ += separator;
      write(*args[i], at_least);
    }
  }

  void binary(const Syntax& syntax) {
    const int own = binding_of(syntax);
    const bool left_associative = own == kSum || own == kProduct;
    write(*syntax.args[0], left_associative ? own : own + 1);
    for (std::size_t i = 1; i < syntax.args.size(); ++i) {
      out_ += " " + syntax.name() + " ";
      write(*syntax.args[i], own + 1);
    }
  }

  void membership(const Syntax& syntax) {
    write(*syntax.args[0], kConcat);
    if (syntax.negated) out_ += " not";
    if (syntax.kind == SyntaxKind::kIn) {
      out_ += " in (";
      list(syntax.args, 1, ", ", kOr);
      out_ += ')';
    } else {
      out_ += syntax.kind == SyntaxKind::kLike ? " like " : " between ";
      list(syntax.args, 1, " and ", kConcat);
    }
  }

  void branches(const Syntax& syntax) {
    std::size_t i = 0;
    out_ += "case";
    if (syntax.has_operand) {
      out_ += ' ';
      write(*syntax.args[i++], kOr);
    }
    const std::size_t end = syntax.args.size() - (syntax.has_else ? 1 : 0);
    for (; i < end; i += 2) {
      out_ += " when ";
      write(*syntax.args[i], kOr);
      out_ += " then ";
      write(*syntax.args[i + 1], kOr);
    }
    if (syntax.has_else) {
      out_ += " else ";
      write(*syntax.args.back(), kOr);
    }
    out_ += " end";
  }

  std::string out_;
};

}  // namespace

std::vector<Mention> mentioned_columns(const Syntax& syntax) {
  std::vector<Mention> found;
  collect(syntax, SyntaxKind::kColumn, found);
  return found;
}

std::vector<Mention> mentioned_variables(const Syntax& syntax) {
  std::vector<Mention> found;
  collect(syntax, SyntaxKind::kVariable, found);
  return found;
}

std::optional<std::string> bare_column(const Syntax& syntax) {
  if (syntax.kind != SyntaxKind::kColumn) return std::nullopt;
  return syntax.name();
}

std::string text_of(const Syntax& syntax) {
  Writer writer;
  writer.write(syntax, kOr);
  return writer.take();
}

}  // namespace engine::expr
