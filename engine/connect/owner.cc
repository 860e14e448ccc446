#include "connect/owner.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/text.h"

namespace engine::connect {
namespace {

/// Field 22 of /proc/PID/stat counts from behind the command name, which may hold spaces.
constexpr int kStartField = 20;

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof(name) - 1) != 0) return "unknown";
  return name;
}

/// 0 where the system does not say.
std::uint64_t start_of(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  std::getline(file, text);
  const auto end = text.rfind(')');
  if (end == std::string::npos) return 0;
  std::istringstream fields(text.substr(end + 1));
  std::string field;
  for (int i = 0; i < kStartField; ++i) fields >> field;
  std::uint64_t start = 0;
  std::from_chars(field.data(), field.data() + field.size(), start);
  return start;
}

template <typename T>
bool read_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string process_owner() {
  const std::int64_t pid = ::getpid();
  return fmt::format("host={} pid={} start={}", host_name(), pid, start_of(pid));
}

std::optional<Owner> parse_owner(std::string_view text) {
  Owner owner;
  for (const auto& part : base::split(text, ' ')) {
    const auto equals = part.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view value = std::string_view(part).substr(equals + 1);
    const std::string_view name = std::string_view(part).substr(0, equals);
    if (name == "host") owner.host = value;
    if (name == "pid" && !read_number(value, owner.pid)) return std::nullopt;
    if (name == "start" && !read_number(value, owner.start)) return std::nullopt;
  }
  if (owner.host.empty() || owner.pid <= 0) return std::nullopt;
  return owner;
}

bool owner_is_gone(std::string_view text) {
  const auto owner = parse_owner(text);
  if (!owner || owner->host != host_name()) return false;
  if (::kill(static_cast<pid_t>(owner->pid), 0) != 0 && errno == ESRCH) return true;
  const std::uint64_t start = start_of(owner->pid);
  return owner->start != 0 && start != 0 && start != owner->start;
}

}  // namespace engine::connect
