#include "expr/time_calls.h"

#include "base/text.h"
#include "data/value_text.h"
#include "expr/function.h"
#include "expr/kernel.h"
#include "expr/time_format.h"
#include "expr/time_zone.h"

namespace engine::expr {
namespace {

using data::Type;

constexpr std::string_view kIso = "iso";

/// Format, zone and rule of a call, from its constant arguments.
class TimeRules : public Prepared {
 public:
  bool iso = false;  ///< ISO 8601 instead of `format`
  TimeFormat format;
  std::shared_ptr<const TimeZone> zone;
  Dst dst = Dst::kRefuse;
};

using Rules = std::shared_ptr<TimeRules>;

std::optional<Problem> read_format(const NodePtr& arg, TimeFormat::Use use, TimeRules& rules) {
  const auto text = constant_text(*arg);
  if (!text) return Problem{"the format must be a text or a :variable", "", 1};
  rules.iso = *text == kIso;
  if (rules.iso) return std::nullopt;
  std::string why;
  auto format = TimeFormat::compile(*text, use, why);
  if (!format) {
    return Problem{"the format " + base::quoted(*text) + " is wrong: " + why,
                   "codes are %Y %y %m %d %j %b %B %a %A %H %I %p %M %S %f %z %s %F %T %%", 1};
  }
  rules.format = std::move(*format);
  return std::nullopt;
}

std::optional<Problem> read_zone(const NodePtr& arg, int place, TimeRules& rules) {
  const auto name = constant_text(*arg);
  if (!name) return Problem{"the zone must be a text or a :variable", "", place};
  rules.zone = TimeZone::find(*name);
  if (rules.zone != nullptr) return std::nullopt;
  return Problem{"there is no time zone " + base::quoted(*name),
                 "zones have IANA names: Europe/Berlin, America/New_York, UTC", place};
}

std::optional<Problem> read_dst(const NodePtr& arg, int place, TimeRules& rules) {
  const auto text = constant_text(*arg);
  const auto dst = text ? parse_dst(*text) : std::nullopt;
  if (!dst) return Problem{"dst is 'earlier' or 'later'", "", place};
  rules.dst = *dst;
  return std::nullopt;
}

bool in_range(const Call& call, std::size_t row, std::int64_t us) {
  if (us >= kFirstUs && us <= kLastUs) return true;
  return call.refuse_arg(row, "E405", call.node.name + ": outside the years 0001 to 9999", 0);
}

bool to_instant(const Call& call, std::size_t row, TimeZone::Cursor& cursor, std::int64_t local,
                std::int64_t& out) {
  const auto instant = cursor.to_instant(local, call.prepared<TimeRules>().dst);
  if (!instant) {
    return call.refuse_arg(row, "E412", "the clock change skips or repeats this local time", 0);
  }
  out = *instant;
  return in_range(call, row, out);
}

std::unique_ptr<TimeZone::Cursor> cursor_of(const TimeRules& rules) {
  return rules.zone != nullptr ? rules.zone->cursor() : nullptr;
}

// parse_timestamp

bool read_iso(const Call& call, std::size_t row, TimeZone::Cursor* cursor, std::int64_t& out) {
  const auto parsed = data::parse_timestamp(base::trim_spaces(call.arg(0).bytes(row)));
  if (!parsed) return call.refuse_arg(row, "E404", "the text is no ISO 8601 timestamp", 0);
  out = parsed->us;
  if (parsed->zoned) return in_range(call, row, out);
  if (cursor != nullptr) return to_instant(call, row, *cursor, parsed->us, out);
  return call.refuse_arg(row, "E404", "the timestamp tells no zone, and the plan gives none", 0);
}

bool read_formatted(const Call& call, std::size_t row, TimeZone::Cursor* cursor,
                    std::int64_t& out) {
  const auto reading = call.prepared<TimeRules>().format.read(call.arg(0).bytes(row));
  if (!reading) return call.refuse_arg(row, "E404", "the text is not of the format", 0);
  out = reading->us;
  if (cursor == nullptr) return in_range(call, row, out);
  return to_instant(call, row, *cursor, reading->us, out);
}

data::ColumnPtr parse_timestamp(const Call& call) {
  const auto& rules = call.prepared<TimeRules>();
  const auto cursor = cursor_of(rules);
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    return rules.iso ? read_iso(call, row, cursor.get(), out)
                     : read_formatted(call, row, cursor.get(), out);
  });
}

std::optional<Problem> check_reading(const TimeRules& rules, bool needs_date) {
  if (rules.iso) return std::nullopt;
  if (rules.zone != nullptr && rules.format.has_offset()) {
    return Problem{"the format reads the offset itself, a zone contradicts it",
                   "leave the zone away", 2};
  }
  const bool has_date = rules.format.has('Y') || rules.format.has('y') || rules.format.has('s');
  if (needs_date && !has_date) return Problem{"the format reads no year", "add %Y", 1};
  return std::nullopt;
}

// format_timestamp

data::ColumnPtr format_timestamp(const Call& call) {
  const auto& rules = call.prepared<TimeRules>();
  const auto cursor = cursor_of(rules);
  return map_bytes(call, [&](std::size_t row, std::string& out) {
    const std::int64_t us = call.arg(0).int64(row);
    const std::int64_t local = cursor != nullptr ? cursor->to_local(us) : us;
    if (!in_range(call, row, local)) return false;
    if (rules.iso) {
      data::append_timestamp(out, us, call.arg(0).column->type().zoned);
    } else {
      rules.format.write(out, local, local - us);
    }
    return true;
  });
}

// to_timezone

data::ColumnPtr to_local(const Call& call) {
  const auto cursor = cursor_of(call.prepared<TimeRules>());
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    out = cursor->to_local(call.arg(0).int64(row));
    return in_range(call, row, out);
  });
}

data::ColumnPtr from_local(const Call& call) {
  const auto cursor = cursor_of(call.prepared<TimeRules>());
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    return to_instant(call, row, *cursor, call.arg(0).int64(row), out);
  });
}

/// An argument that is an instant or a local time; dates are local times.
std::optional<Problem> require_timestamp(const char* name, NodePtr& arg) {
  Outcome there = arg->type == types::instant ? Outcome(arg) : coerce(arg, types::local);
  if (std::holds_alternative<Problem>(there)) {
    return Problem{std::string(name) + " needs a timestamp, " + describe(*arg) + " is " +
                       data::type_name(arg->type),
                   "write parse_timestamp(" + describe(*arg) + ", '%Y-%m-%d %H:%M:%S', 'UTC')", 0};
  }
  arg = std::get<NodePtr>(there);
  return std::nullopt;
}

NodePtr rules_call(const char* name, Type type, Kernel kernel, Rules rules, const NodePtr& arg) {
  return make_call({.name = name,
                    .type = type,
                    .kernel = kernel,
                    .can_fail = true,
                    .prepared = std::move(rules)},
                   {arg});
}

}  // namespace

Outcome bind_parse_timestamp(std::vector<NodePtr> args, bool needs_date) {
  auto rules = std::make_shared<TimeRules>();
  rules->iso = true;
  Outcome text = coerce(args[0], types::text);
  if (Problem* problem = std::get_if<Problem>(&text)) {
    problem->arg = 0;
    return *problem;
  }
  std::optional<Problem> problem;
  if (args.size() > 1) problem = read_format(args[1], TimeFormat::Use::kRead, *rules);
  if (!problem && args.size() > 2) problem = read_zone(args[2], 2, *rules);
  if (!problem && args.size() > 3) problem = read_dst(args[3], 3, *rules);
  if (!problem) problem = check_reading(*rules, needs_date);
  if (problem) return *problem;
  const bool instant = rules->iso || rules->zone != nullptr || rules->format.has_offset();
  return rules_call("parse_timestamp", Type::timestamp(instant), parse_timestamp, std::move(rules),
                    std::get<NodePtr>(text));
}

Outcome bind_format_timestamp(std::vector<NodePtr> args) {
  auto rules = std::make_shared<TimeRules>();
  auto problem = require_timestamp("format_timestamp", args[0]);
  if (!problem) problem = read_format(args[1], TimeFormat::Use::kWrite, *rules);
  if (!problem && args.size() > 2) problem = read_zone(args[2], 2, *rules);
  if (problem) return *problem;
  const bool zoned = args[0]->type.zoned;
  if (!zoned && rules->zone != nullptr) {
    return Problem{"a local time has no zone to be shown in", "write to_timezone(x, zone) first",
                   2};
  }
  if (!zoned && !rules->iso && rules->format.has_offset()) {
    return Problem{"a local time has no offset for %z or %s", "write to_timezone(x, zone) first",
                   1};
  }
  return rules_call("format_timestamp", types::text, format_timestamp, std::move(rules), args[0]);
}

Outcome bind_to_timezone(std::vector<NodePtr> args) {
  auto rules = std::make_shared<TimeRules>();
  auto problem = require_timestamp("to_timezone", args[0]);
  if (!problem) problem = read_zone(args[1], 1, *rules);
  if (!problem && args.size() > 2) problem = read_dst(args[2], 2, *rules);
  if (problem) return *problem;
  if (!args[0]->type.zoned) {
    return rules_call("to_timezone", types::instant, from_local, std::move(rules), args[0]);
  }
  if (args.size() > 2) {
    return Problem{"dst is for local times; an instant has exactly one local time", "", 2};
  }
  return rules_call("to_timezone", types::local, to_local, std::move(rules), args[0]);
}

}  // namespace engine::expr
