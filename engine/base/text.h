#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine::base {

/// Position of the first byte that is not valid UTF-8 (RFC 3629: no surrogates, no overlong forms),
/// or npos.
std::size_t find_invalid_utf8(std::string_view text);

std::string_view trim_spaces(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
/// Single quotes around the text, with control bytes and bytes that are not UTF-8 shown as \xNN;
/// for messages.
std::string quoted(std::string_view text);
/// A to Z in lower case; all else as it is.
std::string lower_ascii(std::string_view text);
/// "0a1b" in lower case.
std::string hex(std::string_view bytes);

/// The candidate nearest to `word` when it is near enough for "did you mean": optimal string
/// alignment distance of at most one third of the length (at least 1), ties to the first candidate.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// 1234567 -> "1234567"; counts are printed plain. 12345678 bytes -> "12.3 MB" (decimal units as in
/// reports: 1 MB = 10^6).
std::string human_bytes(std::uint64_t bytes);
/// 165 s -> "2m45", 3.2 s -> "3.2s", 3720 s -> "1h02".
std::string human_seconds(double seconds);

/// A glob with `*` and `?` (one UTF-8 character) over the whole text.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace engine::base
