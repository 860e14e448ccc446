#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine::base {

/// Time as a seam: tests hand in a clock of their own.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Microseconds since 1970-01-01T00:00:00Z.
  virtual std::int64_t now_us() const = 0;
};

/// The system's clock; the variable ENGINE_TEST_NOW_US (microseconds) fixes it for golden texts.
const Clock& system_clock();

/// Monotonic seconds, for durations only.
double monotonic_seconds();

/// "2026-01-31T12:00:00Z", or with 6 decimals when the microseconds are not zero.
std::string iso_utc(std::int64_t us);

/// "90s 15m 6h 2d", one number with one unit (ms s m h d); nullopt when it is none. Result in
/// microseconds.
std::optional<std::int64_t> parse_duration_us(std::string_view text);
/// The shortest exact form: "6h", "90s", "500ms" ("7us" below a millisecond, which plans cannot
/// say).
std::string duration_text(std::int64_t us);
/// "64KiB 512MiB 2GiB 100B" and decimal "10kB 5MB 2GB"; bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace engine::base
