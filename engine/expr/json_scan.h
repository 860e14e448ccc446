#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace engine::expr {

/// JSON as text (RFC 8259), never turned into numbers: what is taken out of a document is the slice
/// as it was written.

/// Whether the text is one JSON value, with UTF-8 as checked before and at most 512 levels.
bool is_json(std::string_view text);

/// One step of a path: the name of a member, or the place in an array (negative counts from the
/// end).
struct JsonStep {
  std::string member;
  std::optional<long> index;
};

/// The value a step leads to inside a valid JSON value; nullopt when there is none. Of members with
/// one name the last counts.
std::optional<std::string_view> json_child(std::string_view value, const JsonStep& step);

/// The characters of a JSON string (with its quotes), escapes resolved; nullopt when an escape
/// stands for no character (half of a surrogate pair).
std::optional<std::string> json_string_value(std::string_view quoted);

/// Appends a text as a JSON string: only quote, backslash and control characters are escaped.
void append_json_string(std::string& out, std::string_view text);

}  // namespace engine::expr
