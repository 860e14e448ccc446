#include "expr/lexer.h"

#include <array>

#include "base/text.h"

namespace engine::expr {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
  return starts_name(c) || is_digit(c);
}

struct Replacement {
  std::string_view written;
  std::string_view help;
};

/// What users of other languages write, and what it is called here.
constexpr std::array<Replacement, 6> kForeign = {{
    {"==", "equality is written ="},
    {"&&", "write: and"},
    {"--", "an expression holds no comments; for a negated negative number write a space between"},
    {"/*", "an expression holds no comments"},
    {"::", "write: cast(x as type)"},
    {"->", "write: json_get(x, 'path') or json_text(x, 'path')"},
}};

constexpr std::array<std::string_view, 5> kPairs = {"<>", "!=", "<=", ">=", "||"};

class Lexer {
 public:
  Lexer(std::string_view text, std::vector<Token>& tokens) : text_(text), tokens_(tokens) {}

  std::optional<Mistake> run() {
    while (skip_spaces(), at_ < text_.size()) {
      if (!next()) return mistake_;
    }
    tokens_.push_back({TokenKind::kEnd, "", text_.size(), 1});
    return std::nullopt;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_spaces() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }

  bool fail(std::size_t offset, std::size_t length, std::string message, std::string help = {},
            std::string code = "E115") {
    mistake_ = Mistake{std::move(code), offset, length, std::move(message), std::move(help)};
    return false;
  }

  bool push(TokenKind kind, std::string text, std::size_t begin) {
    tokens_.push_back({kind, std::move(text), begin, at_ - begin});
    return true;
  }

  bool next() {
    const char c = peek();
    if (c == '$' && peek(1) == '{') return pasted(at_);
    if (c == '\'') return quoted('\'', TokenKind::kText);
    if (c == '"') return quoted('"', TokenKind::kQuoted);
    if (c == ':' && starts_name(peek(1))) return variable();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (starts_name(c)) return name();
    return symbol();
  }

  bool pasted(std::size_t offset) {
    return fail(offset, 2, "'${' is not allowed inside an expression",
                "a variable is written :name here and bound as a value", "E117");
  }

  bool quoted(char quote, TokenKind kind) {
    const std::size_t begin = at_++;
    std::string value;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '$' && peek(1) == '{') return pasted(at_);
      ++at_;
      if (c != quote) {
        value += c;
      } else if (peek() == quote) {
        value += quote;
        ++at_;
      } else {
        return finish_quoted(kind, std::move(value), begin);
      }
    }
    return fail(begin, text_.size() - begin,
                quote == '"' ? "the quoted name has no end" : "the text has no end",
                quote == '"' ? "write \"\" for a quote inside" : "write '' for a quote inside");
  }

  bool finish_quoted(TokenKind kind, std::string value, std::size_t begin) {
    if (kind == TokenKind::kQuoted && value.empty()) {
      return fail(begin, 2, "a column name cannot be empty", "an empty text is written ''");
    }
    return push(kind, std::move(value), begin);
  }

  bool variable() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
    return push(TokenKind::kVariable, std::string(text_.substr(begin + 1, at_ - begin - 1)), begin);
  }

  bool number() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    bool decimal = false;
    if (peek() == '.') {
      decimal = true;
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    const bool signed_exponent = (peek(1) == '+' || peek(1) == '-') && is_digit(peek(2));
    if ((peek() == 'e' || peek() == 'E') && (is_digit(peek(1)) || signed_exponent)) {
      decimal = true;
      at_ += 2;
      while (is_digit(peek())) ++at_;
    }
    if (continues_name(peek())) {
      return fail(begin, at_ - begin + 1, "a name cannot begin with a digit",
                  "put a column name of this form in double quotes");
    }
    const auto kind = decimal ? TokenKind::kDecimal : TokenKind::kInteger;
    return push(kind, std::string(text_.substr(begin, at_ - begin)), begin);
  }

  bool name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
    return push(TokenKind::kName, std::string(text_.substr(begin, at_ - begin)), begin);
  }

  bool symbol() {
    const std::size_t begin = at_;
    const std::string_view pair = text_.substr(at_, 2);
    for (const Replacement& foreign : kForeign) {
      if (pair == foreign.written) {
        return fail(begin, 2, base::quoted(pair) + " is not an operator of this language",
                    std::string(foreign.help));
      }
    }
    for (const std::string_view known : kPairs) {
      if (pair == known) {
        at_ += 2;
        return push(TokenKind::kSymbol, std::string(pair), begin);
      }
    }
    if (std::string_view("+-*/%=<>(),").find(peek()) != std::string_view::npos) {
      ++at_;
      return push(TokenKind::kSymbol, std::string(1, text_[begin]), begin);
    }
    return fail(begin, 1, "unexpected character " + base::quoted(text_.substr(begin, 1)));
  }

  std::string_view text_;
  std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  Mistake mistake_;
};

}  // namespace

std::optional<Mistake> tokenize(std::string_view text, std::vector<Token>& tokens) {
  return Lexer(text, tokens).run();
}

}  // namespace engine::expr
