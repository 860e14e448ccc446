#include <re2/re2.h>

#include "base/text.h"
#include "expr/function.h"
#include "expr/kernel.h"
#include "expr/operators.h"
#include "expr/utf8.h"

namespace engine::expr {
namespace {

// like

/// Reads a pattern piece by piece: a literal character, one of any kind, or any number of any kind.
struct LikePiece {
  enum { kLiteral, kOne, kAny } kind = kLiteral;
  std::string_view character;
};

/// The piece at `at`, which moves behind it; nullopt when the pattern ends in its escape.
std::optional<LikePiece> next_piece(std::string_view pattern, std::size_t& at) {
  const std::size_t begin = at;
  at = next_character(pattern, at);
  if (pattern[begin] == '%') return LikePiece{LikePiece::kAny, {}};
  if (pattern[begin] == '_') return LikePiece{LikePiece::kOne, {}};
  if (pattern[begin] != '\\')
    return LikePiece{LikePiece::kLiteral, pattern.substr(begin, at - begin)};
  if (at == pattern.size()) return std::nullopt;
  const std::size_t escaped = at;
  at = next_character(pattern, at);
  return LikePiece{LikePiece::kLiteral, pattern.substr(escaped, at - escaped)};
}

bool is_complete(std::string_view pattern) {
  for (std::size_t at = 0; at < pattern.size();) {
    if (!next_piece(pattern, at)) return false;
  }
  return true;
}

/// A complete pattern over the whole text. On a mismatch it goes back to the last % and takes one
/// more character there, which is enough: an earlier % never needs to take more.
bool like_matches(std::string_view text, std::string_view pattern) {
  std::size_t at_text = 0;
  std::size_t at_pattern = 0;
  std::size_t resume_pattern = std::string_view::npos;
  std::size_t resume_text = 0;
  while (at_text < text.size()) {
    std::size_t after = at_pattern;
    const auto piece = after < pattern.size() ? next_piece(pattern, after) : std::nullopt;
    const std::size_t next = next_character(text, at_text);
    if (piece && piece->kind == LikePiece::kAny) {
      resume_pattern = at_pattern = after;
      resume_text = at_text;
    } else if (piece && (piece->kind == LikePiece::kOne ||
                         text.substr(at_text, next - at_text) == piece->character)) {
      at_pattern = after;
      at_text = next;
    } else if (resume_pattern != std::string_view::npos) {
      resume_text = next_character(text, resume_text);
      at_text = resume_text;
      at_pattern = resume_pattern;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('%', at_pattern) == std::string_view::npos;
}

data::ColumnPtr like(const Call& call) {
  return map_bool(call, [&](std::size_t row, bool& out) {
    const std::string_view pattern = call.arg(1).bytes(row);
    if (!call.arg(1).constant && !is_complete(pattern)) {
      return call.refuse_arg(row, "E404", "like: the pattern ends in its escape character", 1);
    }
    out = like_matches(call.arg(0).bytes(row), pattern);
    return true;
  });
}

// regular expressions

class CompiledPattern : public Prepared {
 public:
  explicit CompiledPattern(const std::string& pattern, const re2::RE2::Options& options)
      : expression(pattern, options) {}
  re2::RE2 expression;
  std::string replacement;  ///< in RE2's form; regexp_replace only
  bool all = false;
};

constexpr int kPatternMemory = 8 << 20;

re2::RE2::Options pattern_options(std::string_view flags) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  options.set_case_sensitive(flags.find('i') == std::string_view::npos);
  options.set_dot_nl(true);  // as in PostgreSQL, where a newline is an ordinary character
  return options;
}

using Made = std::variant<PreparedPtr, Problem>;

std::variant<std::shared_ptr<CompiledPattern>, Problem> compile(const NodePtr& arg,
                                                                std::string_view flags) {
  const auto pattern = constant_text(*arg);
  if (!pattern) {
    return Problem{"the pattern must be a text or a :variable, so that it is compiled once", "", 1};
  }
  auto compiled = std::make_shared<CompiledPattern>(*pattern, pattern_options(flags));
  if (!compiled->expression.ok()) {
    return Problem{"the pattern is wrong: " + compiled->expression.error(),
                   "patterns are RE2's (no look-around, no back references)", 1};
  }
  return compiled;
}

Made prepare_extract(const std::vector<NodePtr>& args) {
  auto made = compile(args[1], "");
  if (Problem* problem = std::get_if<Problem>(&made)) return *problem;
  const auto compiled = std::get<0>(made);
  if (args.size() > 2) {
    const auto group = constant_int64(*args[2]);
    const int groups = compiled->expression.NumberOfCapturingGroups();
    if (!group || *group < 0 || *group > groups) {
      return Problem{"the group must be a number from 0 to " + std::to_string(groups), "", 2};
    }
  }
  return PreparedPtr(compiled);
}

Made prepare_replace(const std::vector<NodePtr>& args) {
  const std::string flags = args.size() > 3 ? constant_text(*args[3]).value_or("?") : "";
  if (flags.find_first_not_of("gi") != std::string::npos) {
    return Problem{"flags are a text of g (all matches) and i (any case)", "", 3};
  }
  auto made = compile(args[1], flags);
  if (Problem* problem = std::get_if<Problem>(&made)) return *problem;
  const auto compiled = std::get<0>(made);
  const auto replacement = constant_text(*args[2]);
  if (!replacement) {
    return Problem{"the replacement must be a text or a :variable", "", 2};
  }
  std::string reason;
  if (!compiled->expression.CheckRewriteString(*replacement, &reason)) {
    return Problem{"the replacement is wrong: " + reason,
                   "\\1 is the first group, \\\\ a backslash", 2};
  }
  compiled->replacement = *replacement;
  compiled->all = flags.find('g') != std::string::npos;
  return PreparedPtr(compiled);
}

data::ColumnPtr regexp_replace(const Call& call) {
  const auto& pattern = call.prepared<CompiledPattern>();
  std::string work;
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    work = call.arg(0).bytes(row);
    if (pattern.all) {
      re2::RE2::GlobalReplace(&work, pattern.expression, pattern.replacement);
    } else {
      re2::RE2::Replace(&work, pattern.expression, pattern.replacement);
    }
    out += work;
    return true;
  });
}

/// Without a group: the first group when the pattern has one, else the whole match.
int group_of(const Call& call, const re2::RE2& expression, std::size_t row) {
  if (call.has(2)) return static_cast<int>(call.arg(2).int64(row));
  return expression.NumberOfCapturingGroups() > 0 ? 1 : 0;
}

data::ColumnPtr regexp_extract(const Call& call) {
  const re2::RE2& expression = call.prepared<CompiledPattern>().expression;
  std::vector<re2::StringPiece> groups(
      static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1);
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::string_view text = call.arg(0).bytes(row);
    const re2::StringPiece piece(text.data(), text.size());
    const auto group = static_cast<std::size_t>(group_of(call, expression, row));
    const bool found = expression.Match(piece, 0, piece.size(), re2::RE2::UNANCHORED, groups.data(),
                                        static_cast<int>(groups.size()));
    if (!found || groups[group].data() == nullptr) return false;
    out.append(groups[group].data(), groups[group].size());
    return true;
  });
}

FunctionSpec regexp_replace_spec() {
  return {.doc = {"regexp_replace",
                  "regexp_replace(text, pattern text, replacement text [, flags text]) -> text",
                  "Replaces the first match of an RE2 pattern, with flag g all matches; flag i "
                  "ignores case. "
                  "\\1 in the replacement is the first group. Pattern, replacement and flags must "
                  "be constant.",
                  "regexp_replace('a1b22', '[0-9]+', '#', 'g')", "a#b#", "0.1"},
          .least = 3,
          .most = 4,
          .signatures = {{.args = {types::text, types::text, types::text, types::text},
                          .required = 3,
                          .result = types::text,
                          .kernel = regexp_replace,
                          .can_fail = true}},
          .prepare = prepare_replace};
}

FunctionSpec regexp_extract_spec() {
  return {.doc = {"regexp_extract", "regexp_extract(text, pattern text [, group int64]) -> text",
                  "The first match of an RE2 pattern: the numbered group, or group 1 where there "
                  "is one, else the "
                  "whole match; NULL without a match. Pattern and group must be constant.",
                  "regexp_extract('order 4711', '[0-9]+')", "4711", "0.1"},
          .least = 2,
          .most = 3,
          .signatures = {{.args = {types::text, types::text, types::int64},
                          .required = 2,
                          .result = types::text,
                          .kernel = regexp_extract,
                          .nulls = NullRule::kAlways}},
          .prepare = prepare_extract};
}

}  // namespace

Outcome bind_like(bool negated, std::vector<NodePtr> args) {
  for (std::size_t i = 0; i < 2; ++i) {
    Outcome text = coerce(args[i], types::text);
    if (Problem* problem = std::get_if<Problem>(&text)) {
      problem->arg = static_cast<int>(i);
      return *problem;
    }
    args[i] = std::get<NodePtr>(text);
  }
  const auto pattern = constant_text(*args[1]);
  if (pattern && !is_complete(*pattern)) {
    return Problem{"the pattern ends in its escape character", "write \\\\ for a backslash", 1};
  }
  const bool can_fail = !args[1]->is_constant();
  NodePtr node = make_call({.name = "like",
                            .type = data::Type::of(data::Kind::kBool),
                            .kernel = like,
                            .can_fail = can_fail},
                           std::move(args));
  if (!negated) return node;
  return bind_not(std::move(node));
}

std::vector<FunctionSpec> pattern_functions() {
  return {regexp_replace_spec(), regexp_extract_spec()};
}

}  // namespace engine::expr
