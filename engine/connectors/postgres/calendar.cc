#include "connectors/postgres/calendar.h"

namespace engine::connectors::postgres {

std::string time_words(Wire wire, std::int64_t value) {
  if (wire == Wire::kTime) return "24:00:00";
  const bool date = wire == Wire::kDate;
  if (value == (date ? INT32_MAX : INT64_MAX)) return "infinity";
  if (value == (date ? INT32_MIN : INT64_MIN)) return "-infinity";
  return value < 0 ? "a time before the year 1" : "a time after the year 9999";
}

}  // namespace engine::connectors::postgres
