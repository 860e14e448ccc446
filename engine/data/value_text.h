#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/column.h"

namespace engine::data {

/// Text forms of values, in both directions exact. They are what a reader sees in reports, what
/// text columns receive from casts, and what the embedded store holds for types it does not know:
///   - bool: true false; int64: -12; decimal(12,2): 3.50; text, json, number: as they are
///   - float64: the shortest digits that read back bit for bit; NaN, Infinity, -Infinity
///   - date: 2024-01-31 (years 0001..9999); time: 08:00:00[.ffffff]
///   - timestamp: 2024-01-31T08:00:00[.ffffff]Z as an instant, without the Z when naive
///   - bytes: \x0aff; uuid: lower-case with dashes
/// Nanosecond timestamps have 9 decimals where 6 do not suffice. Years beyond 9999, which only
/// arithmetic can reach, are written with a sign ("+12345-01-01") and are not read back. Parsing
/// takes no surrounding spaces.

void append_value_text(std::string& out, const Column& column, std::size_t row);
std::string value_text(const Column& column, std::size_t row);

std::optional<bool> parse_bool(std::string_view text);  ///< true false t f yes no 1 0, any case
std::optional<std::int64_t> parse_int64(std::string_view text);
std::optional<double> parse_float64(std::string_view text);
std::optional<std::int32_t> parse_date(std::string_view text);  ///< 2024-01-31
std::optional<std::int64_t> parse_time(std::string_view text);  ///< 08:00[:00[.ffffff]]
struct ParsedTimestamp {
  std::int64_t us = 0;  ///< UTC when `zoned`, local otherwise
  bool zoned = false;
};
/// ISO 8601 / RFC 3339 with 'T' or a space, seconds and fraction optional, "Z" or "+hh[:mm]" for an
/// instant, or a date alone (midnight, naive). More than 6 decimals are refused unless the rest are
/// zeros.
std::optional<ParsedTimestamp> parse_timestamp(std::string_view text);
std::optional<std::string> parse_uuid(std::string_view text);   ///< 16 bytes
std::optional<std::string> parse_bytes(std::string_view text);  ///< \x0aff

void append_int64(std::string& out, std::int64_t value);
void append_float64(std::string& out, double value);
void append_date(std::string& out, std::int32_t days);
void append_time(std::string& out, std::int64_t us);
void append_timestamp(std::string& out, std::int64_t us, bool zoned);
/// The 16 bytes of a uuid, any bytes.
void append_uuid(std::string& out, std::string_view bytes);
void append_hex_bytes(std::string& out, std::string_view bytes);

/// Appends the value that `text` denotes in the builder's type; false (and nothing appended) when
/// it denotes none. An instant needs its offset in the text and a naive timestamp must have none:
/// nobody guesses a zone. Text and json are only checked to be UTF-8.
bool append_parsed(ColumnBuilder& builder, std::string_view text);

/// Civil date to days since 1970-01-01 and back (proleptic Gregorian; Howard Hinnant,
/// "chrono-compatible low-level date algorithms").
std::int32_t days_from_civil(int year, int month, int day);
struct Civil {
  int year, month, day;
};
Civil civil_from_days(std::int32_t days);

}  // namespace engine::data
