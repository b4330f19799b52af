#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace javascript {

/// Ranges that V8 checks numbers of a date against; the day is not checked against the month.
constexpr bool is_month(int number) { return number >= 1 && number <= 12; }
constexpr bool is_day(int number) { return number >= 1 && number <= 31; }
constexpr bool is_hour(int number) { return number >= 0 && number <= 23; }
constexpr bool is_minute(int number) { return number >= 0 && number <= 59; }
constexpr bool is_second(int number) { return number >= 0 && number <= 59; }
constexpr bool is_millisecond(int number) { return number >= 0 && number <= 999; }

/// Up to three numbers and a month's name, from which a day is made (`DayComposer` in V8).
class DayParts {
 public:
  bool is_empty() const { return count_ == 0; }
  /// Takes a number; false if there are three already.
  bool add(int number);
  void set_month(int month) { named_month_ = month; }
  /// Says that the numbers are year, month and day, and the year is not to be completed.
  void set_iso() { is_iso_ = true; }

  /// The day as a number of days from 1970-01-01; nothing if the numbers make none. A day beyond
  /// the end of its month is one of the next: February 30 is March 1 or 2.
  std::optional<int64_t> days() const;

 private:
  std::array<int, 3> numbers_{1, 1, 1};
  size_t count_ = 0;
  std::optional<int> named_month_;
  bool is_iso_ = false;
};

/// Hour, minute, second and millisecond, in this order (`TimeComposer` in V8).
class TimeParts {
 public:
  bool is_empty() const { return count_ == 0; }
  /// Whether the next part is one after the hour and may be this number.
  bool expects(int number) const;
  /// Takes a number; false if there are four already.
  bool add(int number);
  /// Takes the last number: all later parts are 0.
  void add_final(int number);
  /// Makes the hour one of twelve: 0 hours are to be added before noon, 12 after.
  void set_day_half(int hours) { day_half_ = hours; }

  /// Milliseconds since midnight; nothing if a number is out of its range.
  std::optional<int64_t> milliseconds() const;

 private:
  std::array<int, 4> numbers_{};
  size_t count_ = 0;
  std::optional<int> day_half_;
};

/// How far a zone's time is ahead of UTC (`TimeZoneComposer` in V8).
class ZoneParts {
 public:
  /// Sets whole hours, ahead of UTC or, if below 0, behind.
  void set(int hours);
  void set_sign(int sign) { sign_ = sign; }
  void set_hour(int hour) { hour_ = hour; }
  /// Without a value: the minute is still to come.
  void set_minute(std::optional<int> minute) { minute_ = minute; }
  /// Whether the minute is still to come and may be this number.
  bool expects(int number) const { return hour_ && !minute_ && is_minute(number); }
  bool is_utc() const { return hour_ == 0 && minute_ == 0; }

  /// Milliseconds to take away from a local time to get UTC; 0 where no zone was given, as on a
  /// server whose own time zone is UTC; nothing where they are too many.
  std::optional<int64_t> milliseconds() const;

 private:
  int sign_ = 1;
  std::optional<int> hour_;
  std::optional<int> minute_;
};

}  // namespace javascript
