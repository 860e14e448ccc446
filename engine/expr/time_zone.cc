#include "expr/time_zone.h"

#include <date/tz.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "expr/yearly_rule.h"

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

/// The lists of changes reach to 2037; later years follow the zone's yearly rule, which the library
/// does not read.
constexpr std::int64_t kLastListedSecond = 2'114'380'799;  // the end of 2036, in UTC

class ZoneCursor final : public TimeZone::Cursor {
 public:
  ZoneCursor(const date::time_zone* zone, const YearlyRule* rule) : zone_(zone), rule_(rule) {}

  std::int64_t to_local(std::int64_t instant_us) override {
    const std::int64_t seconds = floor_seconds(instant_us);
    if (by_rule(seconds)) return instant_us + rule_->offset_at(seconds) * kSecondUs;
    if (seconds < begin_ || seconds >= end_) {
      remember(zone_->get_info(date::sys_seconds(std::chrono::seconds(seconds))));
    }
    return instant_us + offset_us_;
  }

  std::optional<std::int64_t> to_instant(std::int64_t local_us, Dst dst) override {
    if (by_rule(floor_seconds(local_us))) return by_rule_to_instant(local_us, dst);
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
  /// A year early is no harm: the list and the rule agree by then.
  bool by_rule(std::int64_t seconds) const {
    return rule_ != nullptr && seconds > kLastListedSecond;
  }

  std::optional<std::int64_t> by_rule_to_instant(std::int64_t local_us, Dst dst) const {
    const std::int64_t offsets[2] = {rule_->standard_offset(), rule_->summer_offset()};
    std::int64_t meant[2];
    bool is_so[2];
    for (int i = 0; i < 2; ++i) {
      meant[i] = local_us - offsets[i] * kSecondUs;
      is_so[i] = rule_->offset_at(floor_seconds(meant[i])) == offsets[i];
    }
    if (is_so[0] != is_so[1]) return is_so[0] ? meant[0] : meant[1];
    if (dst == Dst::kRefuse) return std::nullopt;
    return dst == Dst::kEarlier ? std::min(meant[0], meant[1]) : std::max(meant[0], meant[1]);
  }

  void remember(const date::sys_info& info) {
    // The library's first and last periods reach to its smallest and largest years, far beyond
    // ours.
    begin_ = seconds_of(info.begin);
    end_ = seconds_of(info.end);
    offset_us_ = info.offset.count() * kSecondUs;
  }

  const date::time_zone* zone_;
  const YearlyRule* rule_;
  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
  std::int64_t offset_us_ = 0;
};

/// The last line of the zone's file (RFC 8536 section 3.3).
std::optional<YearlyRule> rule_of(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (bytes.size() < 2 || bytes.back() != '\n') return std::nullopt;
  const std::size_t begin = bytes.rfind('\n', bytes.size() - 2);
  if (begin == std::string::npos) return std::nullopt;
  return YearlyRule::parse(std::string_view(bytes).substr(begin + 1, bytes.size() - begin - 2));
}

class SystemZone final : public TimeZone {
 public:
  explicit SystemZone(const date::time_zone* zone) : zone_(zone), rule_(rule_of(zone->name())) {}
  std::unique_ptr<Cursor> cursor() const override {
    return std::make_unique<ZoneCursor>(zone_, rule_ ? &*rule_ : nullptr);
  }

 private:
  const date::time_zone* zone_;
  std::optional<YearlyRule> rule_;
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
