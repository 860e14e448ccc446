#include "base/clock.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

namespace engine::base {
namespace {

class SystemClock final : public Clock {
 public:
  SystemClock() {
    const char* fixed = std::getenv("ENGINE_TEST_NOW_US");
    if (fixed == nullptr) return;
    const std::string_view text = fixed;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) fixed_us_ = value;
  }

  std::int64_t now_us() const override {
    if (fixed_us_) return *fixed_us_;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  }

 private:
  std::optional<std::int64_t> fixed_us_;
};

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::array<Unit, 5> kDurations = {{{"d", 86'400'000'000},
                                             {"h", 3'600'000'000},
                                             {"m", 60'000'000},
                                             {"s", 1'000'000},
                                             {"ms", 1'000}}};

constexpr std::array<Unit, 9> kSizes = {{{"B", 1},
                                         {"kB", 1'000},
                                         {"MB", 1'000'000},
                                         {"GB", 1'000'000'000},
                                         {"TB", 1'000'000'000'000},
                                         {"KiB", std::uint64_t{1} << 10},
                                         {"MiB", std::uint64_t{1} << 20},
                                         {"GiB", std::uint64_t{1} << 30},
                                         {"TiB", std::uint64_t{1} << 40}}};

/// Digits and a unit with nothing between or around, or nullopt; also when the product passes
/// `limit`.
template <std::size_t N>
std::optional<std::uint64_t> parse_quantity(std::string_view text, const std::array<Unit, N>& units,
                                            std::uint64_t limit) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  for (const auto& unit : units) {
    if (unit.name != name) continue;
    if (number > limit / unit.size) return std::nullopt;
    return number * unit.size;
  }
  return std::nullopt;
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock kClock;
  return kClock;
}

double monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string iso_utc(std::int64_t us) {
  const std::chrono::sys_time<std::chrono::microseconds> instant{std::chrono::microseconds(us)};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  time.hours().count(), time.minutes().count(), time.seconds().count());
  if (time.subseconds().count() != 0) out += fmt::format(".{:06}", time.subseconds().count());
  return out + "Z";
}

std::optional<std::int64_t> parse_duration_us(std::string_view text) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto us = parse_quantity(text, kDurations, kMost);
  if (!us) return std::nullopt;
  return static_cast<std::int64_t>(*us);
}

std::string duration_text(std::int64_t us) {
  if (us == 0) return "0s";
  for (const auto& unit : kDurations) {
    const auto size = static_cast<std::int64_t>(unit.size);
    if (us % size == 0) return fmt::format("{}{}", us / size, unit.name);
  }
  return fmt::format("{}us", us);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_quantity(text, kSizes, std::numeric_limits<std::uint64_t>::max());
}

}  // namespace engine::base
