#include <array>

#include "data/value_text.h"
#include "expr/casts.h"
#include "expr/function.h"
#include "expr/kernel.h"
#include "expr/time_calls.h"

namespace engine::expr {
namespace {

using data::Kind;
using data::Type;

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayUs = 86'400 * kSecondUs;

/// A unit of time: a fixed number of microseconds, or a number of months.
class Unit : public Prepared {
 public:
  Unit(std::string_view unit_name, std::int64_t length_us, int length_months)
      : name(unit_name), us(length_us), months(length_months) {}
  std::string_view name;
  std::int64_t us;
  int months;
};

struct UnitEntry {
  std::string_view name;
  std::int64_t us;
  int months;
};
constexpr std::array<UnitEntry, 10> kUnits = {{{"microsecond", 1, 0},
                                               {"millisecond", 1000, 0},
                                               {"second", kSecondUs, 0},
                                               {"minute", 60 * kSecondUs, 0},
                                               {"hour", 3600 * kSecondUs, 0},
                                               {"day", kDayUs, 0},
                                               {"week", 7 * kDayUs, 0},
                                               {"month", 0, 1},
                                               {"quarter", 0, 3},
                                               {"year", 0, 12}}};

std::variant<std::shared_ptr<const Unit>, Problem> unit_of(const NodePtr& arg, int place) {
  const auto name = constant_text(*arg);
  for (const UnitEntry& entry : kUnits) {
    if (name && *name == entry.name) {
      return std::make_shared<const Unit>(entry.name, entry.us, entry.months);
    }
  }
  return Problem{
      "the unit must be one of 'microsecond' 'millisecond' 'second' 'minute' 'hour' 'day' "
      "'week' 'month' 'quarter' 'year'",
      "", place};
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

bool in_range(const Call& call, std::size_t row, std::int64_t us) {
  if (us >= kFirstUs && us <= kLastUs) return true;
  return call.refuse_arg(row, "E405", call.node.name + ": outside the years 0001 to 9999", 0);
}

/// The first instant of the unit; weeks begin on Monday.
std::int64_t truncated(std::int64_t us, const Unit& unit) {
  if (unit.months > 0) {
    const auto civil = data::civil_from_days(static_cast<std::int32_t>(floor_divide(us, kDayUs)));
    const int month = (civil.month - 1) / unit.months * unit.months + 1;
    return data::days_from_civil(civil.year, month, 1) * kDayUs;
  }
  const std::int64_t shift = unit.name == "week" ? 3 * kDayUs : 0;  // 1970-01-01 was a Thursday
  return floor_divide(us + shift, unit.us) * unit.us - shift;
}

data::ColumnPtr date_trunc(const Call& call) {
  const auto& unit = call.prepared<Unit>();
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    out = truncated(call.arg(0).int64(row), unit);
    return in_range(call, row, out);
  });
}

int days_in_month(int year, int month) {
  const int next_year = month == 12 ? year + 1 : year;
  const int next = month == 12 ? 1 : month + 1;
  return data::days_from_civil(next_year, next, 1) - data::days_from_civil(year, month, 1);
}

/// The same day some months later, or the last one of a shorter month; nullopt far outside the
/// calendar.
std::optional<std::int64_t> add_months(std::int64_t us, std::int64_t months) {
  constexpr std::int64_t kMost = 12 * 20'000;
  if (months > kMost || months < -kMost) return std::nullopt;
  const std::int64_t days = floor_divide(us, kDayUs);
  const auto civil = data::civil_from_days(static_cast<std::int32_t>(days));
  const std::int64_t place = civil.year * 12 + civil.month - 1 + months;
  const int year = static_cast<int>(floor_divide(place, 12));
  const int month = static_cast<int>(place - year * std::int64_t{12}) + 1;
  if (year < 1 || year > 9999) return std::nullopt;
  const int day = std::min(civil.day, days_in_month(year, month));
  return data::days_from_civil(year, month, day) * kDayUs + (us - days * kDayUs);
}

std::optional<std::int64_t> added(std::int64_t us, std::int64_t count, const Unit& unit) {
  std::int64_t amount = 0;
  if (unit.months > 0) {
    if (__builtin_mul_overflow(count, std::int64_t{unit.months}, &amount)) return std::nullopt;
    return add_months(us, amount);
  }
  std::int64_t sum = 0;
  if (__builtin_mul_overflow(count, unit.us, &amount) || __builtin_add_overflow(us, amount, &sum) ||
      sum < kFirstUs || sum > kLastUs) {
    return std::nullopt;
  }
  return sum;
}

data::ColumnPtr date_add(const Call& call) {
  const auto& unit = call.prepared<Unit>();
  return map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    const auto sum = added(call.arg(0).int64(row), call.arg(1).int64(row), unit);
    if (!sum) return call.refuse_arg(row, "E405", "date_add: outside the years 0001 to 9999", 0);
    out = *sum;
    return true;
  });
}

data::ColumnPtr now_run(const Call& call) {
  data::ColumnBuilder builder(call.node.type, call.rows());
  for (std::size_t row = 0; row < call.rows(); ++row) builder.append_int64(call.context.now_us);
  return builder.finish();
}

/// An instant or a local time.
std::optional<Problem> require_timestamp(std::string_view name, NodePtr& arg, int place) {
  Outcome there = arg->type == types::instant ? Outcome(arg) : coerce(arg, types::local);
  if (const Problem* problem = std::get_if<Problem>(&there)) {
    return Problem{std::string(name) + ": " + problem->message, problem->help, place};
  }
  arg = std::get<NodePtr>(there);
  return std::nullopt;
}

Outcome resolve_date_trunc(std::vector<NodePtr> args, const Type*) {
  auto unit = unit_of(args[0], 0);
  if (const Problem* problem = std::get_if<Problem>(&unit)) return *problem;
  const bool was_date = args[1]->type.kind == Kind::kDate;
  if (auto problem = require_timestamp("date_trunc", args[1], 1)) return *problem;
  NodePtr call = make_call({.name = "date_trunc",
                            .type = args[1]->type,
                            .kernel = date_trunc,
                            .can_fail = true,
                            .prepared = std::get<0>(unit)},
                           {args[1]});
  return was_date ? make_cast(call, types::date) : call;
}

Outcome resolve_date_add(std::vector<NodePtr> args, const Type*) {
  auto unit = unit_of(args[2], 2);
  if (const Problem* problem = std::get_if<Problem>(&unit)) return *problem;
  const auto& made = std::get<0>(unit);
  const bool stays_date =
      args[0]->type.kind == Kind::kDate && (made->months > 0 || made->us % kDayUs == 0);
  if (auto problem = require_timestamp("date_add", args[0], 0)) return *problem;
  Outcome count = coerce(args[1], types::int64);
  if (Problem* problem = std::get_if<Problem>(&count)) {
    problem->arg = 1;
    return *problem;
  }
  NodePtr call = make_call({.name = "date_add",
                            .type = args[0]->type,
                            .kernel = date_add,
                            .can_fail = true,
                            .prepared = made},
                           {args[0], std::get<NodePtr>(count)});
  return stays_date ? make_cast(call, types::date) : call;
}

Outcome resolve_parse_timestamp(std::vector<NodePtr> args, const Type*) {
  return bind_parse_timestamp(std::move(args), true);
}
Outcome resolve_format_timestamp(std::vector<NodePtr> args, const Type*) {
  return bind_format_timestamp(std::move(args));
}
Outcome resolve_to_timezone(std::vector<NodePtr> args, const Type*) {
  return bind_to_timezone(std::move(args));
}

FunctionSpec parse_spec() {
  return {.doc = {"parse_timestamp",
                  "parse_timestamp(text [, format text [, zone text [, dst text]]]) -> timestamp "
                  "or timestamp_naive",
                  "Reads a text by a strftime-like format (%Y %y %m %d %j %b %B %a %A %H %I %p %M "
                  "%S %f %z %s %F %T %%), or "
                  "as ISO 8601 with format 'iso' or none. With %z, a zone, or 'iso' the result is "
                  "an instant, "
                  "else a local time. A local time that a clock change skips or repeats refuses "
                  "the row (E412) "
                  "unless dst is 'earlier' or 'later'.",
                  "parse_timestamp('31.01.2024 08:30', '%d.%m.%Y %H:%M', 'Europe/Berlin')",
                  "2024-01-31T07:30:00Z", "0.1"},
          .least = 1,
          .most = 4,
          .resolve = resolve_parse_timestamp};
}

FunctionSpec format_spec() {
  return {
      .doc = {"format_timestamp",
              "format_timestamp(timestamp or timestamp_naive, format text [, zone text]) -> text",
              "Writes a time by the codes of parse_timestamp; an instant in the zone, or in UTC "
              "when none is given.",
              "format_timestamp(timestamp '2024-01-31T07:30:00Z', '%d.%m.%Y %H:%M %z', "
              "'Europe/Berlin')",
              "31.01.2024 08:30 +01:00", "0.1"},
      .least = 2,
      .most = 3,
      .resolve = resolve_format_timestamp};
}

FunctionSpec to_timezone_spec() {
  return {.doc = {"to_timezone",
                  "to_timezone(timestamp, zone text) -> timestamp_naive; "
                  "to_timezone(timestamp_naive, zone text [, dst "
                  "text]) -> timestamp",
                  "The local time of an instant in a zone; or the instant of a local time there. "
                  "Skipped and repeated local "
                  "times refuse the row (E412) unless dst is 'earlier' or 'later'.",
                  "to_timezone(timestamp '2024-07-01T12:00:00Z', 'America/New_York')",
                  "2024-07-01T08:00:00", "0.1"},
          .least = 2,
          .most = 3,
          .resolve = resolve_to_timezone};
}

FunctionSpec trunc_spec() {
  return {
      .doc = {"date_trunc", "date_trunc(unit text, timestamp, timestamp_naive or date) -> the same",
              "The beginning of the microsecond, millisecond, second, minute, hour, day, week "
              "(Monday), month, quarter "
              "or year; of an instant in UTC.",
              "date_trunc('month', date '2024-02-29')", "2024-02-01", "0.1"},
      .least = 2,
      .most = 2,
      .resolve = resolve_date_trunc};
}

FunctionSpec add_spec() {
  return {
      .doc =
          {"date_add",
           "date_add(timestamp, timestamp_naive or date, count int64, unit text) -> the same",
           "Adds units (those of date_trunc; days are 24 hours). A day that a shorter month does "
           "not have becomes its "
           "last. A date stays a date for units of a day and more, else it becomes a local time.",
           "date_add(date '2024-01-31', 1, 'month')", "2024-02-29", "0.1"},
      .least = 3,
      .most = 3,
      .resolve = resolve_date_add};
}

}  // namespace

std::vector<FunctionSpec> time_functions() {
  return {
      parse_spec(),
      format_spec(),
      to_timezone_spec(),
      trunc_spec(),
      add_spec(),
      {.doc =
           {"now_run", "now_run() -> timestamp",
            "The instant at which the run started, the same for all rows and also after a resume.",
            "now_run()", "", "0.1"},
       .signatures = {{.args = {},
                       .required = 0,
                       .result = types::instant,
                       .kernel = now_run,
                       .nulls = NullRule::kNever,
                       .of_run = true}}}};
}

}  // namespace engine::expr
