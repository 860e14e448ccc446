#include "house/support/function_scanner.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace house {
namespace {

constexpr std::string_view kSpaces = " \t\n";
constexpr std::array<std::string_view, 4> kTypeWords = {"class", "struct", "union", "enum"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Offset behind the bracket that closes the one at `open`.
std::size_t after_match(std::string_view code, std::size_t open, char opening, char closing) {
  std::size_t depth = 0;
  for (std::size_t i = open; i < code.size(); ++i) {
    if (code[i] == opening) ++depth;
    if (code[i] == closing && --depth == 0) return i + 1;
  }
  return code.size();
}

// `text` behind the template heads and attributes it starts with.
std::string_view without_heads(std::string_view text) {
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
    if (text.starts_with("template")) {
      text.remove_prefix(after_match(text, text.find('<'), '<', '>'));
    } else if (text.starts_with("[[")) {
      text.remove_prefix(after_match(text, 0, '[', ']'));
    } else {
      return text;
    }
  }
}

std::string_view first_word(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_word);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

enum class Scope { kOpen, kFunction, kInitializer };

// Whether `head` assigns before any parameter list: then its brace begins a value.
bool assigns(std::string_view head) {
  const std::size_t paren = std::min(head.find('('), head.size());
  const std::size_t equals = head.find('=');
  return equals < paren && head.substr(0, equals).find("operator") == std::string_view::npos;
}

// What the brace behind `head` opens; `head` is the code since the last statement ended.
Scope scope_of(std::string_view head) {
  const std::string_view rest = without_heads(head);
  const std::string_view word = first_word(rest);
  if (word == "namespace" || word == "extern" || word == "inline") {
    if (rest.find('(') == std::string_view::npos && !assigns(rest)) return Scope::kOpen;
  }
  if (std::find(kTypeWords.begin(), kTypeWords.end(), word) != kTypeWords.end()) {
    return Scope::kOpen;
  }
  const bool brace_has_space = !head.empty() && kSpaces.find(head.back()) != std::string_view::npos;
  if (!brace_has_space && !head.empty() && head.back() != ')') return Scope::kInitializer;
  if (assigns(rest) || rest.find('(') == std::string_view::npos) return Scope::kInitializer;
  return Scope::kFunction;
}

std::string name_of(std::string_view head) {
  const std::string_view rest = without_heads(head);
  std::size_t end = rest.find('(');
  if (const std::size_t op = rest.find("operator"); op < end) {
    if (rest.substr(op + 8).starts_with("()")) end = op + 10;
    const std::size_t begin = rest.find_last_of(kSpaces, op);
    return std::string(rest.substr(begin == std::string_view::npos ? 0 : begin + 1,
                                   end - (begin == std::string_view::npos ? 0 : begin + 1)));
  }
  std::size_t begin = end;
  while (begin > 0 &&
         (is_word(rest[begin - 1]) || rest[begin - 1] == ':' || rest[begin - 1] == '~')) {
    --begin;
  }
  return std::string(rest.substr(begin, end - begin));
}

class Scanner {
 public:
  explicit Scanner(const SourceFile& file) : code_(code_only(file.text)) {}

  std::vector<Function> scan() {
    std::size_t at = 0;
    while (at < code_.size()) at = step(at);
    return std::move(found_);
  }

 private:
  std::size_t step(std::size_t at) {
    const char c = code_[at];
    if (c == '(') return after_match(code_, at, '(', ')');
    if (c == ';' || c == '}' || is_access_label(at)) {
      statement_ = at + 1;
      return at + 1;
    }
    return c == '{' ? open(at) : at + 1;
  }

  // "public:" ends nothing in the grammar, yet the next signature starts behind it.
  bool is_access_label(std::size_t at) const {
    if (code_[at] != ':' || at + 1 >= code_.size() || code_[at + 1] != '\n') return false;
    const std::string_view head =
        without_heads(std::string_view(code_).substr(statement_, at - statement_));
    return head == "public" || head == "private" || head == "protected";
  }

  std::size_t open(std::size_t at) {
    const auto head = std::string_view(code_).substr(statement_, at - statement_);
    const Scope scope = scope_of(head);
    if (scope == Scope::kOpen) {
      statement_ = at + 1;
      return at + 1;
    }
    const std::size_t end = after_match(code_, at, '{', '}');
    if (scope == Scope::kInitializer) return end;
    const std::size_t begin = code_.find_first_not_of(kSpaces, statement_);
    const std::size_t first = line_of(code_, begin);
    found_.push_back({name_of(head), first, line_of(code_, end - 1) - first + 1});
    statement_ = end;
    return end;
  }

  std::string code_;
  std::size_t statement_ = 0;  ///< where the current declaration starts
  std::vector<Function> found_;
};

}  // namespace

std::vector<Function> functions_in(const SourceFile& file) {
  return Scanner(file).scan();
}

}  // namespace house
