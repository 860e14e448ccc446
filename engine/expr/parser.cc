#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "expr/lexer.h"
#include "expr/syntax.h"

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

using Draft = std::shared_ptr<Syntax>;

/// Reads by recursive descent, one function a level of PostgreSQL's operator precedence, loosest
/// first: or, and, not, is, comparison, in/between/like, ||, + -, * / %, unary minus. The first
/// mistake is thrown as a Mistake and caught in parse().
class Parser {
 public:
  Parser(std::vector<Token> tokens, std::shared_ptr<const base::Located> source)
      : tokens_(std::move(tokens)), source_(std::move(source)) {}

  SyntaxPtr run() {
    SyntaxPtr whole = disjunction();
    if (peek().kind != TokenKind::kEnd) unexpected("an operator or the end");
    return whole;
  }

 private:
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
    return peek(ahead).kind == TokenKind::kName && lower_ascii(peek(ahead).text) == word;
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
  SyntaxPtr make(SyntaxKind kind, std::size_t begin, std::string text,
                 std::vector<SyntaxPtr> args) {
    auto node = std::make_shared<Syntax>();
    node->kind = kind;
    node->text = std::move(text);
    node->args = std::move(args);
    return finish(std::move(node), begin);
  }

  SyntaxPtr finish(Draft node, std::size_t begin) {
    const Token& last = tokens_[at_ > 0 ? at_ - 1 : 0];
    node->source = source_;
    node->offset = static_cast<std::uint32_t>(begin);
    node->length = static_cast<std::uint32_t>(last.offset + last.length - begin);
    for (const SyntaxPtr& arg : node->args) node->depth = std::max(node->depth, arg->depth + 1);
    if (node->depth > kMaxDepth) too_deep(begin);
    return node;
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

  SyntaxPtr disjunction() {
    const Level level(*this);
    return chain("or", [this] { return conjunction(); });
  }
  SyntaxPtr conjunction() {
    return chain("and", [this] { return negation(); });
  }

  template <typename Next>
  SyntaxPtr chain(std::string_view word, Next next) {
    const std::size_t begin = peek().offset;
    std::vector<SyntaxPtr> args = {next()};
    while (accept_word(word)) args.push_back(next());
    if (args.size() == 1) return args[0];
    return make(SyntaxKind::kBinary, begin, std::string(word), std::move(args));
  }

  SyntaxPtr negation() {
    const std::size_t begin = peek().offset;
    if (!accept_word("not")) return is_null();
    const Level level(*this);
    SyntaxPtr arg = negation();
    return make(SyntaxKind::kNot, begin, "not", {std::move(arg)});
  }

  SyntaxPtr is_null() {
    const std::size_t begin = peek().offset;
    SyntaxPtr left = comparison();
    while (accept_word("is")) {
      const bool negated = accept_word("not");
      if (!accept_word("null")) unexpected("'null'");
      left = negatable(SyntaxKind::kIsNull, begin, negated, {std::move(left)});
    }
    return left;
  }

  SyntaxPtr negatable(SyntaxKind kind, std::size_t begin, bool negated,
                      std::vector<SyntaxPtr> args) {
    auto node = std::make_shared<Syntax>();
    node->kind = kind;
    node->negated = negated;
    node->args = std::move(args);
    return finish(std::move(node), begin);
  }

  bool at_comparison() const {
    static constexpr std::array<std::string_view, 7> kSigns = {"=",  "<>", "!=", "<",
                                                               "<=", ">",  ">="};
    return std::any_of(kSigns.begin(), kSigns.end(),
                       [this](std::string_view sign) { return is_symbol(sign); });
  }

  SyntaxPtr comparison() {
    const std::size_t begin = peek().offset;
    SyntaxPtr left = membership();
    if (!at_comparison()) return left;
    std::string sign = take().text;
    if (sign == "!=") sign = "<>";
    SyntaxPtr right = membership();
    SyntaxPtr node = make(SyntaxKind::kBinary, begin, sign, {std::move(left), std::move(right)});
    if (at_comparison()) {
      throw Mistake{"E115", peek().offset, peek().length, "comparisons cannot be chained",
                    "write: a < b and b < c"};
    }
    return node;
  }

  SyntaxPtr membership() {
    const std::size_t begin = peek().offset;
    SyntaxPtr left = concatenation();
    const bool negated =
        is_word("not") && (is_word("in", 1) || is_word("between", 1) || is_word("like", 1));
    if (negated) take();
    if (accept_word("in")) return in_list(begin, negated, std::move(left));
    if (accept_word("between")) {
      SyntaxPtr low = concatenation();
      expect_word("and");
      SyntaxPtr high = concatenation();
      return negatable(SyntaxKind::kBetween, begin, negated,
                       {std::move(left), std::move(low), std::move(high)});
    }
    if (accept_word("like")) {
      SyntaxPtr pattern = concatenation();
      return negatable(SyntaxKind::kLike, begin, negated, {std::move(left), std::move(pattern)});
    }
    return left;
  }

  SyntaxPtr in_list(std::size_t begin, bool negated, SyntaxPtr left) {
    std::vector<SyntaxPtr> args = {std::move(left)};
    expect_symbol("(");
    do {
      args.push_back(disjunction());
    } while (accept_symbol(","));
    expect_symbol(")");
    return negatable(SyntaxKind::kIn, begin, negated, std::move(args));
  }

  SyntaxPtr concatenation() {
    const std::size_t begin = peek().offset;
    std::vector<SyntaxPtr> args = {sum()};
    while (accept_symbol("||")) args.push_back(sum());
    if (args.size() == 1) return args[0];
    return make(SyntaxKind::kBinary, begin, "||", std::move(args));
  }

  SyntaxPtr sum() {
    const std::size_t begin = peek().offset;
    SyntaxPtr left = product();
    while (is_symbol("+") || is_symbol("-")) {
      std::string sign = take().text;
      SyntaxPtr right = product();
      left = make(SyntaxKind::kBinary, begin, std::move(sign), {std::move(left), std::move(right)});
    }
    return left;
  }

  SyntaxPtr product() {
    const std::size_t begin = peek().offset;
    SyntaxPtr left = signed_value();
    while (is_symbol("*") || is_symbol("/") || is_symbol("%")) {
      std::string sign = take().text;
      SyntaxPtr right = signed_value();
      left = make(SyntaxKind::kBinary, begin, std::move(sign), {std::move(left), std::move(right)});
    }
    return left;
  }

  SyntaxPtr signed_value() {
    const std::size_t begin = peek().offset;
    if (accept_symbol("+")) return nested_sign();
    if (!accept_symbol("-")) return primary();
    const TokenKind next = peek().kind;
    if (next == TokenKind::kInteger || next == TokenKind::kDecimal) {
      return number(begin, "-" + peek().text);
    }
    return make(SyntaxKind::kNegate, begin, "-", {nested_sign()});
  }

  SyntaxPtr nested_sign() {
    const Level level(*this);
    return signed_value();
  }

  SyntaxPtr number(std::size_t begin, std::string text) {
    const auto kind =
        take().kind == TokenKind::kInteger ? SyntaxKind::kInteger : SyntaxKind::kDecimal;
    return make(kind, begin, std::move(text), {});
  }

  SyntaxPtr primary() {
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
    SyntaxPtr inner = disjunction();
    expect_symbol(")");
    return inner;
  }

  SyntaxPtr named(const Token& token) {
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

  SyntaxPtr typed_literal(const Token& token, const std::string& word) {
    auto node = std::make_shared<Syntax>();
    node->kind = SyntaxKind::kTyped;
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
    node->type = *type;
    node->text = take().text;
    return finish(std::move(node), token.offset);
  }

  SyntaxPtr call(std::size_t begin, const std::string& name) {
    take();
    expect_symbol("(");
    std::vector<SyntaxPtr> args;
    if (!is_symbol(")")) {
      do {
        args.push_back(disjunction());
      } while (accept_symbol(","));
    }
    expect_symbol(")");
    return make(SyntaxKind::kCall, begin, name, std::move(args));
  }

  SyntaxPtr case_when(std::size_t begin) {
    take();
    auto node = std::make_shared<Syntax>();
    node->kind = SyntaxKind::kCase;
    node->has_operand = !is_word("when");
    if (node->has_operand) node->args.push_back(disjunction());
    if (!is_word("when")) unexpected("'when'");
    while (accept_word("when")) {
      node->args.push_back(disjunction());
      expect_word("then");
      node->args.push_back(disjunction());
    }
    node->has_else = accept_word("else");
    if (node->has_else) node->args.push_back(disjunction());
    expect_word("end");
    return finish(std::move(node), begin);
  }

  SyntaxPtr cast(std::size_t begin) {
    take();
    expect_symbol("(");
    auto node = std::make_shared<Syntax>();
    node->kind = SyntaxKind::kCast;
    node->args.push_back(disjunction());
    expect_word("as");
    node->type = type();
    expect_symbol(")");
    return finish(std::move(node), begin);
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
  std::size_t at_ = 0;
  std::uint32_t level_ = 0;
};

}  // namespace

bool is_reserved_word(std::string_view word) {
  return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

SyntaxPtr parse(const base::Located& text, base::Diagnostics& diagnostics) {
  std::vector<Token> tokens;
  std::optional<Mistake> mistake = tokenize(text.text, tokens);
  if (!mistake && tokens.size() == 1) {
    mistake = Mistake{"E115", 0, 1, "the expression is empty", "write null for no value"};
  }
  if (!mistake) {
    try {
      return Parser(std::move(tokens), std::make_shared<base::Located>(text)).run();
    } catch (const Mistake& found) {
      mistake = found;
    }
  }
  diagnostics.error(mistake->code, text.at(mistake->offset, mistake->length), mistake->message,
                    mistake->help);
  return nullptr;
}

}  // namespace engine::expr
