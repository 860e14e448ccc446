#include "expr/json_scan.h"

#include <cstdint>
#include <vector>

#include "expr/utf8.h"

namespace engine::expr {
namespace {

constexpr int kMaxLevels = 512;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Steps over one value after the other, checking the grammar on the way.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void spaces() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool accept(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool value(int level = 0) {
    if (level > kMaxLevels) return false;
    switch (peek()) {
      case '{':
        return object(level);
      case '[':
        return array(level);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool string() {
    if (!accept('"')) return false;
    while (!at_end()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

  bool colon() {
    spaces();
    if (!accept(':')) return false;
    spaces();
    return true;
  }

 private:
  bool word(std::string_view wanted) {
    if (text_.substr(at_, wanted.size()) != wanted) return false;
    at_ += wanted.size();
    return true;
  }

  bool escape() {
    if (at_end()) return false;
    const char c = text_[at_++];
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_end() ||
          std::string_view("0123456789abcdefABCDEF").find(text_[at_]) == std::string_view::npos) {
        return false;
      }
    }
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool number() {
    accept('-');
    if (!accept('0') && !digits()) return false;
    if (accept('.') && !digits()) return false;
    if (accept('e') || accept('E')) {
      if (!accept('+')) accept('-');
      return digits();
    }
    return true;
  }

  bool array(int level) {
    accept('[');
    spaces();
    if (accept(']')) return true;
    do {
      spaces();
      if (!value(level + 1)) return false;
      spaces();
    } while (accept(','));
    return accept(']');
  }

  bool object(int level) {
    accept('{');
    spaces();
    if (accept('}')) return true;
    do {
      spaces();
      if (!string() || !colon() || !value(level + 1)) return false;
      spaces();
    } while (accept(','));
    return accept('}');
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<std::string_view> member_of(std::string_view object, const std::string& name) {
  Scanner scan(object);
  std::optional<std::string_view> found;
  scan.spaces();
  if (!scan.accept('{')) return found;
  do {
    scan.spaces();
    const std::size_t key = scan.at();
    if (!scan.string()) return found;  // the empty object
    const auto key_text = json_string_value(object.substr(key, scan.at() - key));
    scan.colon();
    const std::size_t begin = scan.at();
    scan.value();
    if (key_text == name) found = object.substr(begin, scan.at() - begin);
    scan.spaces();
  } while (scan.accept(','));
  return found;
}

std::optional<std::string_view> element_of(std::string_view array, long index) {
  Scanner scan(array);
  scan.spaces();
  if (!scan.accept('[')) return std::nullopt;
  std::vector<std::string_view> elements;
  do {
    scan.spaces();
    const std::size_t begin = scan.at();
    if (scan.peek() == ']' || !scan.value()) break;
    elements.push_back(array.substr(begin, scan.at() - begin));
    scan.spaces();
  } while (scan.accept(','));
  const long size = static_cast<long>(elements.size());
  const long place = index < 0 ? size + index : index;
  if (place < 0 || place >= size) return std::nullopt;
  return elements[static_cast<std::size_t>(place)];
}

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  return value;
}

/// The code point of the \u escape whose digits begin at `at`, which moves behind it (and behind
/// its second half).
std::optional<std::uint32_t> unicode_escape(std::string_view text, std::size_t& at) {
  const std::uint32_t first = hex4(text.substr(at, 4));
  at += 4;
  if (first < 0xd800 || first > 0xdfff) return first;
  if (first > 0xdbff || text.substr(at, 2) != "\\u") return std::nullopt;
  const std::uint32_t second = hex4(text.substr(at + 2, 4));
  if (second < 0xdc00 || second > 0xdfff) return std::nullopt;
  at += 6;
  return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

char simple_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

bool is_json(std::string_view text) {
  Scanner scan(text);
  scan.spaces();
  if (!scan.value()) return false;
  scan.spaces();
  return scan.at_end();
}

std::optional<std::string_view> json_child(std::string_view value, const JsonStep& step) {
  return step.index ? element_of(value, *step.index) : member_of(value, step.member);
}

std::optional<std::string> json_string_value(std::string_view quoted) {
  std::string out;
  for (std::size_t at = 1; at + 1 < quoted.size();) {
    const char c = quoted[at++];
    if (c != '\\') {
      out += c;
    } else if (quoted[at] != 'u') {
      out += simple_escape(quoted[at++]);
    } else {
      const auto point = unicode_escape(quoted, ++at);
      if (!point) return std::nullopt;
      append_character(out, *point);
    }
  }
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace engine::expr
