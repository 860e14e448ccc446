#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::expr {

enum class TokenKind : std::uint8_t {
  kEnd,
  kName,      ///< `text` as written; keywords are names too
  kQuoted,    ///< "name", unquoted in `text`
  kVariable,  ///< :name
  kInteger,
  kDecimal,
  kText,    ///< 'text', unquoted in `text`
  kSymbol,  ///< operator, comma or parenthesis
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  std::size_t offset = 0;
  std::size_t length = 0;
};

/// Why a text could not be cut into tokens, or read.
struct Mistake {
  std::string code = "E115";
  std::size_t offset = 0;
  std::size_t length = 1;
  std::string message;
  std::string help;
};

/// Cuts the text into tokens, the last one kEnd. The first mistake ends the reading.
std::optional<Mistake> tokenize(std::string_view text, std::vector<Token>& tokens);

}  // namespace engine::expr
