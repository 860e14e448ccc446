#include "expr/time_format.h"

#include <array>

#include "data/value_text.h"

namespace engine::expr {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayUs = 86'400 * kSecondUs;

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::size_t kShortName = 3;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool starts_with_name(std::string_view text, std::string_view name) {
  if (text.size() < name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lower(text[i]) != lower(name[i])) return false;
  }
  return true;
}

/// What the pieces of a format say.
struct Fields {
  std::optional<int> year, month, day, day_of_year, hour, half_hour;
  int minute = 0;
  int second = 0;
  std::int64_t fraction_us = 0;
  bool afternoon = false;
  bool has_half = false;
  std::int64_t offset_us = 0;
  std::optional<std::int64_t> epoch;
};

class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : text_(text) {}
  Fields fields;

  bool at_end() const { return at_ == text_.size(); }

  bool literal(std::string_view wanted) {
    for (const char c : wanted) {
      if (c == ' ') {
        if (!skip_spaces()) return false;
      } else if (at_end() || text_[at_++] != c) {
        return false;
      }
    }
    return true;
  }

  bool code(char code) {
    switch (code) {
      case 'Y':
        return number(fields.year, 4, 4, 1, 9999);
      case 'y':
        return short_year();
      case 'm':
        return number(fields.month, 1, 2, 1, 12);
      case 'd':
        return number(fields.day, 1, 2, 1, 31);
      case 'j':
        return number(fields.day_of_year, 1, 3, 1, 366);
      case 'b':
      case 'B':
        return month_name();
      case 'a':
      case 'A':
        return name(kWeekdays).has_value();
      case 'H':
        return number(fields.hour, 1, 2, 0, 23);
      case 'I':
        return number(fields.half_hour, 1, 2, 1, 12);
      default:
        return small_code(code);
    }
  }

 private:
  bool small_code(char code) {
    std::optional<int> value;
    switch (code) {
      case 'p':
        return half();
      case 'M':
        if (!number(value, 1, 2, 0, 59)) return false;
        fields.minute = *value;
        return true;
      case 'S':
        if (!number(value, 1, 2, 0, 59)) return false;
        fields.second = *value;
        return true;
      case 'f':
        return fraction();
      case 'z':
        return offset();
      default:
        return epoch();
    }
  }

  bool skip_spaces() {
    const std::size_t begin = at_;
    while (!at_end() && text_[at_] == ' ') ++at_;
    return at_ > begin;
  }

  bool number(std::optional<int>& out, int least, int most, int low, int high) {
    int value = 0;
    int digits = 0;
    for (; digits < most && !at_end() && is_digit(text_[at_]); ++digits) {
      value = value * 10 + (text_[at_++] - '0');
    }
    out = value;
    return digits >= least && value >= low && value <= high;
  }

  bool short_year() {
    constexpr int kFirstOfLastCentury = 69;  // POSIX strptime
    if (!number(fields.year, 2, 2, 0, 99)) return false;
    *fields.year += *fields.year >= kFirstOfLastCentury ? 1900 : 2000;
    return true;
  }

  /// The place of the full or short name that stands here.
  template <std::size_t kCount>
  std::optional<int> name(const std::array<std::string_view, kCount>& names) {
    for (std::size_t i = 0; i < kCount; ++i) {
      for (const std::string_view form : {names[i], names[i].substr(0, kShortName)}) {
        if (!starts_with_name(text_.substr(at_), form)) continue;
        at_ += form.size();
        return static_cast<int>(i);
      }
    }
    return std::nullopt;
  }

  bool month_name() {
    const auto month = name(kMonths);
    if (month) fields.month = *month + 1;
    return month.has_value();
  }

  bool half() {
    const std::string_view rest = text_.substr(at_);
    fields.has_half = true;
    fields.afternoon = starts_with_name(rest, "pm");
    if (!fields.afternoon && !starts_with_name(rest, "am")) return false;
    at_ += 2;
    return true;
  }

  bool fraction() {
    std::int64_t unit = kSecondUs;
    const std::size_t begin = at_;
    while (!at_end() && is_digit(text_[at_])) {
      unit /= 10;
      const int digit = text_[at_++] - '0';
      if (unit == 0 && digit != 0) return false;  // finer than a microsecond
      fields.fraction_us += digit * unit;
    }
    return at_ > begin;
  }

  bool offset() {
    if (at_end()) return false;
    const char sign = text_[at_++];
    if (sign == 'Z' || sign == 'z') return true;
    if (sign != '+' && sign != '-') return false;
    std::optional<int> hours;
    std::optional<int> minutes = 0;
    if (!number(hours, 2, 2, 0, 15)) return false;
    const bool colon = !at_end() && text_[at_] == ':';
    if (colon) ++at_;
    if ((colon || (!at_end() && is_digit(text_[at_]))) && !number(minutes, 2, 2, 0, 59)) {
      return false;
    }
    fields.offset_us = (*hours * 3600 + *minutes * 60) * kSecondUs;
    if (sign == '-') fields.offset_us = -fields.offset_us;
    return true;
  }

  bool epoch() {
    const std::size_t begin = at_;
    if (!at_end() && text_[at_] == '-') ++at_;
    while (!at_end() && is_digit(text_[at_])) ++at_;
    const auto value = data::parse_int64(text_.substr(begin, at_ - begin));
    constexpr std::int64_t kMost = 253'402'300'799;  // the end of 9999
    if (!value || *value > kMost || *value < -62'135'596'800) return false;
    fields.epoch = value;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_of_month(int year, int month) {
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

std::optional<std::int64_t> day_of(const Fields& fields) {
  const int year = fields.year.value_or(1970);
  if (fields.day_of_year) {
    if (*fields.day_of_year == 366 && !is_leap(year)) return std::nullopt;
    return data::days_from_civil(year, 1, 1) + *fields.day_of_year - 1;
  }
  const int month = fields.month.value_or(1);
  const int day = fields.day.value_or(1);
  if (day > days_of_month(year, month)) return std::nullopt;
  return data::days_from_civil(year, month, day);
}

int hour_of(const Fields& fields) {
  if (!fields.half_hour) return fields.hour.value_or(0);
  return *fields.half_hour % 12 + (fields.afternoon ? 12 : 0);
}

void append_padded(std::string& out, std::int64_t value, int width) {
  const std::string digits = std::to_string(value);
  for (int missing = width - static_cast<int>(digits.size()); missing > 0; --missing) out += '0';
  out += digits;
}

void append_offset(std::string& out, std::int64_t offset_us) {
  const std::int64_t minutes = std::abs(offset_us) / (60 * kSecondUs);
  out += offset_us < 0 ? '-' : '+';
  append_padded(out, minutes / 60, 2);
  out += ':';
  append_padded(out, minutes % 60, 2);
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// A local time taken apart for writing.
class FieldWriter {
 public:
  FieldWriter(std::string& out, std::int64_t us, std::int64_t offset_us)
      : out_(out),
        us_(us),
        offset_us_(offset_us),
        days_(floor_divide(us, kDayUs)),
        time_us_(us - days_ * kDayUs),
        civil_(data::civil_from_days(static_cast<std::int32_t>(days_))) {}

  void code(char code) {
    const std::int64_t hour = time_us_ / (3600 * kSecondUs);
    switch (code) {
      case 'H':
        return append_padded(out_, hour, 2);
      case 'I':
        return append_padded(out_, hour % 12 == 0 ? 12 : hour % 12, 2);
      case 'p':
        out_ += hour < 12 ? "AM" : "PM";
        return;
      case 'M':
        return append_padded(out_, time_us_ / (60 * kSecondUs) % 60, 2);
      case 'S':
        return append_padded(out_, time_us_ / kSecondUs % 60, 2);
      case 'f':
        return append_padded(out_, time_us_ % kSecondUs, 6);
      case 'z':
        return append_offset(out_, offset_us_);
      case 's':
        out_ += std::to_string(floor_divide(us_ - offset_us_, kSecondUs));
        return;
      default:
        return day_code(code);
    }
  }

 private:
  void day_code(char code) {
    const std::string_view month = kMonths[static_cast<std::size_t>(civil_.month - 1)];
    const auto place = static_cast<std::size_t>(((days_ + 3) % 7 + 7) % 7);  // day 0 is a Thursday
    switch (code) {
      case 'Y':
        return append_padded(out_, civil_.year, 4);
      case 'y':
        return append_padded(out_, civil_.year % 100, 2);
      case 'm':
        return append_padded(out_, civil_.month, 2);
      case 'd':
        return append_padded(out_, civil_.day, 2);
      case 'j':
        return append_padded(out_, days_ - data::days_from_civil(civil_.year, 1, 1) + 1, 3);
      case 'b':
        out_ += month.substr(0, kShortName);
        return;
      case 'B':
        out_ += month;
        return;
      default:
        out_ += kWeekdays[place].substr(0, code == 'a' ? kShortName : std::string_view::npos);
    }
  }

  std::string& out_;
  std::int64_t us_;
  std::int64_t offset_us_;
  std::int64_t days_;
  std::int64_t time_us_;
  data::Civil civil_;
};

/// %F and %T written out.
std::string expanded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view pair = text.substr(i, 2);
    if (pair == "%F") {
      out += "%Y-%m-%d";
    } else if (pair == "%T") {
      out += "%H:%M:%S";
    } else {
      out += pair[0] == '%' ? pair : pair.substr(0, 1);
    }
    if (pair[0] == '%') ++i;
  }
  return out;
}

/// What a code tells: two codes of one subject contradict each other sooner or later.
char subject_of(char code) {
  switch (code) {
    case 'y':
      return 'Y';
    case 'b':
    case 'B':
      return 'm';
    case 'A':
      return 'a';
    case 'I':
      return 'H';
    default:
      return code;
  }
}

}  // namespace

bool TimeFormat::has(char code) const {
  for (const Piece& piece : pieces_) {
    if (piece.code == code) return true;
  }
  return false;
}

std::optional<TimeFormat> TimeFormat::compile(std::string_view text, Use use, std::string& why) {
  TimeFormat format;
  std::string seen;
  const std::string whole = expanded(text);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const bool coded = whole[i] == '%' && (i + 1 == whole.size() || whole[i + 1] != '%');
    if (!coded) {
      if (format.pieces_.empty() || format.pieces_.back().code != 0) format.pieces_.push_back({});
      format.pieces_.back().literal += whole[i];
      if (whole[i] == '%') ++i;
      continue;
    }
    const char code = ++i < whole.size() ? whole[i] : ' ';
    if (std::string_view("YymdjbBaAHIpMSfzs").find(code) == std::string_view::npos) {
      why = "there is no %";
      why += code;
      return std::nullopt;
    }
    if (use == Use::kRead && seen.find(subject_of(code)) != std::string::npos) {
      why = "two codes tell the same, the second is %";
      why += code;
      return std::nullopt;
    }
    seen += subject_of(code);
    format.pieces_.push_back({code, {}});
  }
  if (use == Use::kRead && format.has('I') != format.has('p')) {
    why = "%I and %p belong together";
    return std::nullopt;
  }
  return format;
}

std::optional<TimeFormat::Reading> TimeFormat::read(std::string_view text) const {
  FieldReader reader(text);
  for (const Piece& piece : pieces_) {
    const bool ok = piece.code == 0 ? reader.literal(piece.literal) : reader.code(piece.code);
    if (!ok) return std::nullopt;
  }
  if (!reader.at_end()) return std::nullopt;
  const Fields& fields = reader.fields;
  if (fields.epoch) return Reading{*fields.epoch * kSecondUs + fields.fraction_us};
  const auto day = day_of(fields);
  if (!day) return std::nullopt;
  const std::int64_t seconds = hour_of(fields) * 3600 + fields.minute * 60 + fields.second;
  return Reading{*day * kDayUs + seconds * kSecondUs + fields.fraction_us - fields.offset_us};
}

void TimeFormat::write(std::string& out, std::int64_t us, std::int64_t offset_us) const {
  FieldWriter writer(out, us, offset_us);
  for (const Piece& piece : pieces_) {
    if (piece.code == 0) {
      out += piece.literal;
    } else {
      writer.code(piece.code);
    }
  }
}

}  // namespace engine::expr
