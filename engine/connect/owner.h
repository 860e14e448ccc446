#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine::connect {

/// Who holds a lock: "host=db1 pid=4711 start=123456". `start` is the process's start time in the
/// kernel's ticks since boot: a pid that was given to another process later has another one.
struct Owner {
  std::string host;
  std::int64_t pid = 0;
  std::uint64_t start = 0;
};

/// This process.
std::string process_owner();
/// nullopt when the text is not of that form (another engine's owner may be anything).
std::optional<Owner> parse_owner(std::string_view text);
/// True only when it is certain: the owner ran on this host and no such process lives any more.
bool owner_is_gone(std::string_view text);

}  // namespace engine::connect
