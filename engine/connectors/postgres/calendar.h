#pragma once

#include <cstdint>
#include <string>

#include "connectors/postgres/types.h"

namespace engine::connectors::postgres {

/// The server counts days and microseconds from 2000-01-01; the least and the greatest number are
/// the infinities.
inline constexpr std::int64_t kDaysToEpoch = 10'957;
inline constexpr std::int64_t kDayUs = 86'400'000'000;
inline constexpr std::int64_t kUsToEpoch = kDaysToEpoch * kDayUs;
/// The engine's calendar, in days since 1970: 0001-01-01 and 9999-12-31.
inline constexpr std::int64_t kFirstDay = -719'162;
inline constexpr std::int64_t kLastDay = 2'932'896;

/// A date, time or timestamp that the engine's calendar does not have, for messages.
std::string time_words(Wire wire, std::int64_t value);

}  // namespace engine::connectors::postgres
