#include "expr/time_zone.h"

#include <date/tz.h>

#include <stdexcept>

namespace engine::expr {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;

std::int64_t floor_seconds(std::int64_t us) {
  return us / kSecondUs - (us % kSecondUs < 0 ? 1 : 0);
}

std::int64_t seconds_of(date::sys_seconds time) {
  return time.time_since_epoch().count();
}

class ZoneCursor final : public TimeZone::Cursor {
 public:
  explicit ZoneCursor(const date::time_zone* zone) : zone_(zone) {}

  std::int64_t to_local(std::int64_t instant_us) override {
    const std::int64_t seconds = floor_seconds(instant_us);
    if (seconds < begin_ || seconds >= end_) {
      remember(zone_->get_info(date::sys_seconds(std::chrono::seconds(seconds))));
    }
    return instant_us + offset_us_;
  }

  std::optional<std::int64_t> to_instant(std::int64_t local_us, Dst dst) override {
    const std::int64_t seconds = floor_seconds(local_us - offset_us_);
    // A day away from any change the offset is beyond doubt.
    if (seconds >= begin_ + kDaySeconds && seconds < end_ - kDaySeconds) {
      return local_us - offset_us_;
    }
    const date::local_seconds local{std::chrono::seconds(floor_seconds(local_us))};
    const date::local_info info = zone_->get_info(local);
    if (info.result == date::local_info::unique) {
      remember(info.first);
      return local_us - offset_us_;
    }
    if (dst == Dst::kRefuse) return std::nullopt;
    // Skipped: the offset before the change gives the later instant. Repeated: it gives the earlier
    // one.
    const bool skipped = info.result == date::local_info::nonexistent;
    const bool first = skipped == (dst == Dst::kLater);
    return local_us - (first ? info.first : info.second).offset.count() * kSecondUs;
  }

 private:
  void remember(const date::sys_info& info) {
    // The library's first and last periods reach to its smallest and largest years, far beyond
    // ours.
    begin_ = seconds_of(info.begin);
    end_ = seconds_of(info.end);
    offset_us_ = info.offset.count() * kSecondUs;
  }

  const date::time_zone* zone_;
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
  std::int64_t offset_us_ = 0;
};

class SystemZone final : public TimeZone {
 public:
  explicit SystemZone(const date::time_zone* zone) : zone_(zone) {}
  std::unique_ptr<Cursor> cursor() const override { return std::make_unique<ZoneCursor>(zone_); }

 private:
  const date::time_zone* zone_;
};

}  // namespace

std::optional<Dst> parse_dst(std::string_view text) {
  if (text == "earlier") return Dst::kEarlier;
  if (text == "later") return Dst::kLater;
  return std::nullopt;
}

std::shared_ptr<const TimeZone> TimeZone::find(const std::string& name) {
  try {
    return std::make_shared<SystemZone>(date::locate_zone(name));
  } catch (const std::runtime_error&) {
    return nullptr;  // the library's only way to say that there is none
  }
}

}  // namespace engine::expr
