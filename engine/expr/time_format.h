#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::expr {

/// A format of dates and times in the manner of strftime:
///   %Y year, 4 digits; %y 2 digits (69-99: 19xx, 00-68: 20xx); %m %d month and day; %j day of
///   year; %b %B month name, short and full (English; either is read); %a %A weekday (read and
///   ignored); %H hour 00-23; %I %p hour 01-12 and AM/PM; %M %S minute, second; %f fraction of a
///   second, 1 to 6 digits (written as 6); %z Z or an offset +hh[:mm] (written +hh:mm); %s seconds
///   since 1970; %F %T for %Y-%m-%d and %H:%M:%S; %% a percent sign.
/// Reading accepts one digit where two are usual and any number of spaces for a space.
class TimeFormat {
 public:
  enum class Use { kRead, kWrite };
  /// nullopt and the reason in `why` when the format is wrong, or would read the same thing twice.
  static std::optional<TimeFormat> compile(std::string_view text, Use use, std::string& why);

  /// Whether it tells the offset itself, so that what is read is an instant.
  bool has_offset() const { return has('z') || has('s'); }
  bool has(char code) const;

  struct Reading {
    std::int64_t us = 0;  ///< local, or UTC when the format has an offset
  };
  /// nullopt when the text is not of this form or names no day of the calendar.
  std::optional<Reading> read(std::string_view text) const;

  /// Appends the local time `us`; `offset_us` is what %z and %s need.
  void write(std::string& out, std::int64_t us, std::int64_t offset_us) const;

 private:
  struct Piece {
    char code = 0;  ///< 0: literal
    std::string literal;
  };
  std::vector<Piece> pieces_;
};

}  // namespace engine::expr
