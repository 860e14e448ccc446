#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "expr/lexer.h"
#include "expr/syntax.h"
#include "expr/syntax_builder.h"

namespace engine::expr {
namespace {

/// Words with a meaning of their own; a column of such a name is written in double quotes.
constexpr std::array<std::string_view, 17> kReserved = {
    "and",  "or",   "not",  "is",  "null", "in", "between", "like", "case",
    "when", "then", "else", "end", "cast", "as", "true",    "false"};

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_same_word(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char c, char wanted) {
           return (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == wanted;
         });
}

/// Reads by recursive descent, one function a level of PostgreSQL's operator precedence, loosest
/// first: or, and, not, is, comparison, in/between/like, ||, + -, * / %, unary minus. The first
/// mistake is thrown as a Mistake and caught in parse().
class Parser {
 public:
  Parser(std::vector<Token> tokens, std::shared_ptr<const base::Located> source)
      : tokens_(std::move(tokens)), source_(std::move(source)) {}

  SyntaxPtr run() {
    const Place whole = disjunction();
    if (peek().kind != TokenKind::kEnd) unexpected("an operator or the end");
    return builder_.finish(whole, source_);
  }

 private:
  using Place = SyntaxBuilder::Place;
  using Args = std::vector<Place>;

  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }

  [[noreturn]] void unexpected(std::string_view wanted) {
    const Token& token = peek();
    std::string help;
    if (token.kind == TokenKind::kName && is_reserved_word(lower_ascii(token.text))) {
      help = "a column of this name is written in double quotes";
    }
    const std::string found = token.kind == TokenKind::kEnd
                                  ? "the end"
                                  : base::quoted(source_->text.substr(token.offset, token.length));
    throw Mistake{"E115", token.offset, std::max<std::size_t>(token.length, 1),
                  "expected " + std::string(wanted) + ", found " + found, std::move(help)};
  }

  bool is_word(std::string_view word, std::size_t ahead = 0) const {
    return peek(ahead).kind == TokenKind::kName && is_same_word(peek(ahead).text, word);
  }
  bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const {
    return peek(ahead).kind == TokenKind::kSymbol && peek(ahead).text == symbol;
  }
  bool accept_word(std::string_view word) { return is_word(word) && (take(), true); }
  bool accept_symbol(std::string_view symbol) { return is_symbol(symbol) && (take(), true); }
  void expect_word(std::string_view word) {
    if (!accept_word(word)) unexpected(base::quoted(word));
  }
  void expect_symbol(std::string_view symbol) {
    if (!accept_symbol(symbol)) unexpected(base::quoted(symbol));
  }

  /// A node that reaches from `begin` to the last token taken.
  Place make(SyntaxKind kind, std::size_t begin, std::string_view text, const Args& args) {
    return add({.kind = kind}, begin, text, args);
  }

  Place add(Syntax piece, std::size_t begin, std::string_view text, const Args& args) {
    const Token& last = tokens_[at_ > 0 ? at_ - 1 : 0];
    piece.offset = static_cast<std::uint32_t>(begin);
    piece.length = static_cast<std::uint32_t>(last.offset + last.length - begin);
    std::uint32_t depth = piece.depth;
    for (const Place arg : args) depth = std::max(depth, builder_.depth(arg) + 1);
    if (depth > kMaxDepth) too_deep(begin);
    piece.depth = static_cast<std::uint8_t>(depth);
    return builder_.add(piece, text, args);
  }

  [[noreturn]] static void too_deep(std::size_t offset) {
    throw Mistake{
        "E115", offset, 1,
        "the expression is nested more than " + std::to_string(kMaxDepth) + " levels deep",
        "name parts of it under transforms"};
  }

  /// Text recursion is limited like tree depth: parentheses leave no node behind.
  struct Level {
    explicit Level(Parser& owner) : parser(owner) {
      if (++parser.level_ > kMaxDepth) too_deep(parser.peek().offset);
    }
    ~Level() { --parser.level_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    Parser& parser;
  };

  Place disjunction() {
    const Level level(*this);
    return chain("or", [this] { return conjunction(); });
  }
  Place conjunction() {
    return chain("and", [this] { return negation(); });
  }

  template <typename Next>
  Place chain(std::string_view word, Next next) {
    const std::size_t begin = peek().offset;
    const Place first = next();
    if (!is_word(word)) return first;
    Args args = {first};
    while (accept_word(word)) args.push_back(next());
    return make(SyntaxKind::kBinary, begin, word, args);
  }

  Place negation() {
    const std::size_t begin = peek().offset;
    if (!accept_word("not")) return is_null();
    const Level level(*this);
    Place arg = negation();
    return make(SyntaxKind::kNot, begin, "not", {arg});
  }

  Place is_null() {
    const std::size_t begin = peek().offset;
    Place left = comparison();
    while (accept_word("is")) {
      const bool negated = accept_word("not");
      if (!accept_word("null")) unexpected("'null'");
      left = negatable(SyntaxKind::kIsNull, begin, negated, {left});
    }
    return left;
  }

  Place negatable(SyntaxKind kind, std::size_t begin, bool negated, const Args& args) {
    return add({.kind = kind, .negated = negated}, begin, "", args);
  }

  bool at_comparison() const {
    static constexpr std::array<std::string_view, 7> kSigns = {"=",  "<>", "!=", "<",
                                                               "<=", ">",  ">="};
    return std::any_of(kSigns.begin(), kSigns.end(),
                       [this](std::string_view sign) { return is_symbol(sign); });
  }

  Place comparison() {
    const std::size_t begin = peek().offset;
    Place left = membership();
    if (!at_comparison()) return left;
    std::string sign = take().text;
    if (sign == "!=") sign = "<>";
    Place right = membership();
    Place node = make(SyntaxKind::kBinary, begin, sign, {left, right});
    if (at_comparison()) {
      throw Mistake{"E115", peek().offset, peek().length, "comparisons cannot be chained",
                    "write: a < b and b < c"};
    }
    return node;
  }

  Place membership() {
    const std::size_t begin = peek().offset;
    Place left = concatenation();
    const bool negated =
        is_word("not") && (is_word("in", 1) || is_word("between", 1) || is_word("like", 1));
    if (negated) take();
    if (accept_word("in")) return in_list(begin, negated, left);
    if (accept_word("between")) {
      Place low = concatenation();
      expect_word("and");
      Place high = concatenation();
      return negatable(SyntaxKind::kBetween, begin, negated, {left, low, high});
    }
    if (accept_word("like")) {
      Place pattern = concatenation();
      return negatable(SyntaxKind::kLike, begin, negated, {left, pattern});
    }
    return left;
  }

  Place in_list(std::size_t begin, bool negated, Place left) {
    Args args = {left};
    expect_symbol("(");
    do {
      args.push_back(disjunction());
    } while (accept_symbol(","));
    expect_symbol(")");
    return negatable(SyntaxKind::kIn, begin, negated, args);
  }

  Place concatenation() {
    const std::size_t begin = peek().offset;
    const Place first = sum();
    if (!is_symbol("||")) return first;
    Args args = {first};
    while (accept_symbol("||")) args.push_back(sum());
    return make(SyntaxKind::kBinary, begin, "||", args);
  }

  Place sum() {
    const std::size_t begin = peek().offset;
    Place left = product();
    while (is_symbol("+") || is_symbol("-")) {
      std::string sign = take().text;
      Place right = product();
      left = make(SyntaxKind::kBinary, begin, std::move(sign), {left, right});
    }
    return left;
  }

  Place product() {
    const std::size_t begin = peek().offset;
    Place left = signed_value();
    while (is_symbol("*") || is_symbol("/") || is_symbol("%")) {
      std::string sign = take().text;
      Place right = signed_value();
      left = make(SyntaxKind::kBinary, begin, std::move(sign), {left, right});
    }
    return left;
  }

  Place signed_value() {
    const std::size_t begin = peek().offset;
    if (accept_symbol("+")) return nested_sign();
    if (!accept_symbol("-")) return primary();
    const TokenKind next = peek().kind;
    if (next == TokenKind::kInteger || next == TokenKind::kDecimal) {
      return number(begin, "-" + peek().text);
    }
    return make(SyntaxKind::kNegate, begin, "-", {nested_sign()});
  }

  Place nested_sign() {
    const Level level(*this);
    return signed_value();
  }

  Place number(std::size_t begin, const std::string& text) {
    const auto kind =
        take().kind == TokenKind::kInteger ? SyntaxKind::kInteger : SyntaxKind::kDecimal;
    return make(kind, begin, text, {});
  }

  Place primary() {
    const Token token = peek();
    switch (token.kind) {
      case TokenKind::kInteger:
      case TokenKind::kDecimal:
        return number(token.offset, token.text);
      case TokenKind::kText:
        take();
        return make(SyntaxKind::kText, token.offset, token.text, {});
      case TokenKind::kQuoted:
        take();
        return make(SyntaxKind::kColumn, token.offset, token.text, {});
      case TokenKind::kVariable:
        take();
        return make(SyntaxKind::kVariable, token.offset, token.text, {});
      case TokenKind::kName:
        return named(token);
      default:
        break;
    }
    if (!accept_symbol("(")) unexpected("a value");
    Place inner = disjunction();
    expect_symbol(")");
    return inner;
  }

  Place named(const Token& token) {
    const std::string word = lower_ascii(token.text);
    if (word == "case") return case_when(token.offset);
    if (word == "cast") return cast(token.offset);
    if (word == "true" || word == "false" || word == "null") {
      take();
      return make(word == "null" ? SyntaxKind::kNull : SyntaxKind::kBool, token.offset, word, {});
    }
    if (is_reserved_word(word)) unexpected("a value");
    if (is_symbol("(", 1)) return call(token.offset, word);
    if (peek(1).kind == TokenKind::kText) return typed_literal(token, word);
    take();
    return make(SyntaxKind::kColumn, token.offset, token.text, {});
  }

  Place typed_literal(const Token& token, const std::string& word) {
    const auto type = data::parse_type(word);
    const bool allowed = word == "date" || word == "time" || word == "timestamp" ||
                         word == "timestamp_naive" || word == "uuid" || word == "json" ||
                         word == "bytes" || word == "number";
    if (!type || !allowed) {
      throw Mistake{"E115", token.offset, token.length,
                    base::quoted(token.text) + " cannot stand before a text",
                    "typed literals are date '…', time '…', timestamp '…', uuid '…'"};
    }
    take();
    const std::string& text = take().text;
    return add({.kind = SyntaxKind::kTyped, .type = *type}, token.offset, text, {});
  }

  Place call(std::size_t begin, const std::string& name) {
    take();
    expect_symbol("(");
    Args args;
    if (!is_symbol(")")) {
      do {
        args.push_back(disjunction());
      } while (accept_symbol(","));
    }
    expect_symbol(")");
    return make(SyntaxKind::kCall, begin, name, args);
  }

  Place case_when(std::size_t begin) {
    take();
    Args args;
    const bool has_operand = !is_word("when");
    if (has_operand) args.push_back(disjunction());
    if (!is_word("when")) unexpected("'when'");
    while (accept_word("when")) {
      args.push_back(disjunction());
      expect_word("then");
      args.push_back(disjunction());
    }
    const bool has_else = accept_word("else");
    if (has_else) args.push_back(disjunction());
    expect_word("end");
    return add({.kind = SyntaxKind::kCase, .has_operand = has_operand, .has_else = has_else}, begin,
               "", args);
  }

  Place cast(std::size_t begin) {
    take();
    expect_symbol("(");
    const Place value = disjunction();
    expect_word("as");
    const data::Type wanted = type();
    expect_symbol(")");
    return add({.kind = SyntaxKind::kCast, .type = wanted}, begin, "", {value});
  }

  data::Type type() {
    const Token first = peek();
    if (first.kind != TokenKind::kName) unexpected("a type");
    std::string name = lower_ascii(take().text);
    std::size_t end = first.offset + first.length;
    if (accept_symbol("(")) {
      name += "(" + type_number();
      if (accept_symbol(",")) name += "," + type_number();
      end = peek().offset + 1;
      expect_symbol(")");
      name += ")";
    }
    const auto type = data::parse_type(name);
    if (!type) {
      throw Mistake{"E115", first.offset, end - first.offset, base::quoted(name) + " is not a type",
                    "types are bool int64 float64 decimal(p,s) number date time timestamp "
                    "timestamp_naive text bytes uuid json"};
    }
    return *type;
  }

  std::string type_number() {
    if (peek().kind != TokenKind::kInteger) unexpected("a number");
    return take().text;
  }

  std::vector<Token> tokens_;
  std::shared_ptr<const base::Located> source_;
  SyntaxBuilder builder_;
  std::size_t at_ = 0;
  std::uint32_t level_ = 0;
};

}  // namespace

bool is_reserved_word(std::string_view word) {
  return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

SyntaxPtr parse(const base::Located& text, base::Diagnostics& diagnostics) {
  return parse(std::make_shared<const base::Located>(text), diagnostics);
}

SyntaxPtr parse(const std::shared_ptr<const base::Located>& text, base::Diagnostics& diagnostics) {
  std::vector<Token> tokens;
  std::optional<Mistake> mistake = tokenize(text->text, tokens);
  if (!mistake && tokens.size() == 1) {
    mistake = Mistake{"E115", 0, 1, "the expression is empty", "write null for no value"};
  }
  if (!mistake) {
    try {
      return Parser(std::move(tokens), text).run();
    } catch (const Mistake& found) {
      mistake = found;
    }
  }
  diagnostics.error(mistake->code, text->at(mistake->offset, mistake->length), mistake->message,
                    mistake->help);
  return nullptr;
}

}  // namespace engine::expr
