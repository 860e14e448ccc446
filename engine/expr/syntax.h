#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/located.h"
#include "data/type.h"
#include "expr/expression.h"

namespace engine::expr {

enum class SyntaxKind : std::uint8_t {
  kInteger,  ///< `text`: digits, with a minus sign where one was written
  kDecimal,  ///< `text`: as written, point and exponent included
  kText,     ///< `text`: the value
  kTyped,    ///< `text` read as `type`: date '2024-01-01'
  kBool,     ///< `text`: true or false
  kNull,
  kColumn,    ///< `text`: the name
  kVariable,  ///< `text`: the name
  kNegate,    ///< -args[0]
  kNot,       ///< not args[0]
  kBinary,    ///< `text`: the operator; "and", "or" and "||" hold two or more args, the others two
  kIsNull,    ///< args[0] is [not] null
  kIn,        ///< args[0] [not] in (args[1], ...)
  kBetween,   ///< args[0] [not] between args[1] and args[2]
  kLike,      ///< args[0] [not] like args[1]
  kCase,      ///< [operand] (when then)... [else]
  kCast,      ///< cast(args[0] as type)
  kCall,      ///< `text`: the function's name in lower case
};

/// One piece of expression text: 56 bytes, for a large plan has hundreds of thousands of them.
/// Immutable once parsed. What it points to belongs to its expression, which a SyntaxPtr owns
/// whole.
struct Syntax {
  SyntaxKind kind = SyntaxKind::kNull;
  bool negated : 1 = false;      ///< kIsNull kIn kBetween kLike
  bool has_operand : 1 = false;  ///< kCase: args begin with the operand
  bool has_else : 1 = false;     ///< kCase: args end with the else branch
  std::uint8_t depth = 1;        ///< levels of this tree; limited by the parser
  data::Type type = {};
  std::uint32_t offset = 0;
  std::uint32_t length = 1;
  std::string_view text = {};
  std::span<const Syntax* const> args = {};
  const base::Located* source = nullptr;

  std::string name() const { return std::string(text); }
  base::Span span() const { return source->at(offset, length); }
};

/// Words with a meaning of their own, in lower case; a column of such a name is written in double
/// quotes.
bool is_reserved_word(std::string_view word);

/// Trees deeper than this are refused, so that walking one never exhausts the stack.
inline constexpr std::uint32_t kMaxDepth = 200;

}  // namespace engine::expr
