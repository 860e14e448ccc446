#include "stages/checks/formats.h"

// Formats of addresses: what a person or a program could write to, each found in one pass.

namespace engine::stages {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/// Bytes of characters beyond ASCII: internationalised names are taken as they are.
bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
    return false;
  }
  for (const char c : label) {
    if (!is_letter(c) && !is_digit(c) && c != '-' && !is_beyond_ascii(c)) return false;
  }
  return true;
}

bool is_domain(std::string_view domain) {
  if (domain.size() > 253) return false;
  std::size_t labels = 0;
  while (true) {
    const std::size_t dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    ++labels;
    if (dot == std::string_view::npos) return labels >= 2;
    domain.remove_prefix(dot + 1);
  }
}

bool is_local_part(std::string_view local) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  if (local.empty() || local.size() > 64) return false;
  char before = '.';
  for (const char c : local) {
    const bool dot = c == '.';
    if (dot && before == '.') return false;
    const bool known = is_letter(c) || is_digit(c) || is_beyond_ascii(c) ||
                       kMarks.find(c) != std::string_view::npos;
    if (!dot && !known) return false;
    before = c;
  }
  return before != '.';
}

/// The length of a scheme, or 0.
std::size_t scheme_length(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return 0;
  std::size_t length = 1;
  while (length < text.size()) {
    const char c = text[length];
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') break;
    ++length;
  }
  return length;
}

bool is_port(std::string_view port) {
  if (port.size() > 5) return false;
  int value = 0;
  for (const char c : port) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  return value <= 65535;
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (const char c : host) {
    const bool known = is_letter(c) || is_digit(c) || is_beyond_ascii(c) || c == '-' || c == '.' ||
                       c == '_' || c == '~' || c == '%';
    if (!known) return false;
  }
  return true;
}

/// "[2001:db8::1]:80", without user.
bool is_bracketed_host(std::string_view authority) {
  const std::size_t close = authority.find(']');
  if (close == std::string_view::npos || close == 1) return false;
  for (const char c : authority.substr(1, close - 1)) {
    if (!is_letter(c) && !is_digit(c) && c != ':' && c != '.') return false;
  }
  const std::string_view rest = authority.substr(close + 1);
  return rest.empty() || (rest[0] == ':' && is_port(rest.substr(1)));
}

bool is_authority(std::string_view authority) {
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    authority.remove_prefix(at + 1);
  }
  if (!authority.empty() && authority[0] == '[') return is_bracketed_host(authority);
  const std::size_t colon = authority.find(':');
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return false;
  return is_host(authority.substr(0, colon));
}

}  // namespace

bool is_url(std::string_view text) {
  const std::size_t scheme = scheme_length(text);
  if (scheme == 0 || text.substr(scheme, 3) != "://") return false;
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (control || c == '<' || c == '>' || c == '"') return false;
  }
  const std::string_view rest = text.substr(scheme + 3);
  return is_authority(rest.substr(0, rest.find_first_of("/?#")));
}

bool is_email(std::string_view text) {
  if (text.size() > 254) return false;
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return false;
  return is_local_part(text.substr(0, at)) && is_domain(text.substr(at + 1));
}

}  // namespace engine::stages
