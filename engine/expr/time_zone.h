#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace engine::expr {

/// What becomes of a local time that a change of the clock skips or repeats.
enum class Dst : std::uint8_t {
  kRefuse,
  kEarlier,  ///< the earlier of the two instants it could mean
  kLater,    ///< the later one
};
/// "earlier", "later"; nullopt for anything else.
std::optional<Dst> parse_dst(std::string_view text);

/// An IANA time zone from the system's data, with the years 1 to 9999. Immutable; threads may share
/// it.
class TimeZone {
 public:
  /// null when the system knows no such zone.
  static std::shared_ptr<const TimeZone> find(const std::string& name);
  virtual ~TimeZone() = default;

  /// Turns many values in a row, remembering the last period between two clock changes. One for
  /// each thread.
  class Cursor {
   public:
    virtual ~Cursor() = default;
    /// Local time of an instant, both in microseconds.
    virtual std::int64_t to_local(std::int64_t instant_us) = 0;
    /// The instant of a local time; nullopt for one that is skipped or repeated when `dst` is
    /// kRefuse.
    virtual std::optional<std::int64_t> to_instant(std::int64_t local_us, Dst dst) = 0;
  };
  virtual std::unique_ptr<Cursor> cursor() const = 0;
};

}  // namespace engine::expr
