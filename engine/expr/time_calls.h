#pragma once

#include <vector>

#include "expr/coercion.h"

namespace engine::expr {

/// parse_timestamp(text [, format [, zone [, dst]]]): an instant or a local time, as format and
/// zone say.
Outcome bind_parse_timestamp(std::vector<NodePtr> args, bool needs_date);
/// format_timestamp(timestamp, format [, zone]).
Outcome bind_format_timestamp(std::vector<NodePtr> args);
/// to_timezone(instant, zone) and to_timezone(local, zone [, dst]).
Outcome bind_to_timezone(std::vector<NodePtr> args);

/// 0001-01-01T00:00:00 and the microsecond before 10000-01-01T00:00:00, the times that have a text.
inline constexpr std::int64_t kFirstUs = -62'135'596'800'000'000;
inline constexpr std::int64_t kLastUs = 253'402'300'799'999'999;

}  // namespace engine::expr
