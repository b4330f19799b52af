#include "postgres/timestamp_decoder.h"

#include <cstdint>

#include "postgres/ascii.h"
#include "postgres/date_words.h"
#include "postgres/moment.h"
#include "postgres/numbers.h"
#include "postgres/posix_zone.h"

namespace postgres {
namespace {

/// Julian days are counted from noon of a day in 4714 BC; this is 1970-01-01.
constexpr int64_t kJulianDayOf1970 = 2'440'588;
constexpr double kMicrosecondsPerDay = 86'400'000'000;

Fault bad_format() { return {FaultKind::bad_format}; }

/// Takes the fields in one after the other; each may depend on those before it.
class Decoder {
 public:
  explicit Decoder(base::Time now) : now_(now) {}

  /// Takes the next field in; `following` is the one after it, null if there is none.
  std::optional<Fault> take(const Field& field, const Field* following);

  /// The moment that all the fields together mean.
  std::variant<base::Time, Fault> moment();

 private:
  Reading read(const Field& field, const Field* following);
  Reading read_date_or_zone(const std::string& text);
  Reading read_time_and_offset(std::string_view text);
  Reading read_offset_as(std::string_view text, Parts parts);
  Reading read_plain_number(std::string_view text);
  Reading read_announced_number(std::string_view text);
  Reading read_julian_day(const LeadingInteger& number);
  Reading read_word(const Field& field, const Field* following);
  Reading read_zone_word(const Word& word);
  Reading read_moment_word(WordKind kind);
  Reading read_month_word(int month);
  Reading announce(WordKind what, const Field* following);

  base::Time now_;
  DateTime value_;
  Parts given_ = Parts::none;
  /// What the number that follows is, if a word has told. Nothing need follow.
  std::optional<WordKind> announced_;
  std::optional<WordKind> half_of_day_;
  /// What `epoch` or one of the infinities means, whatever the other fields say.
  std::optional<base::Time> fixed_moment_;
  std::optional<PosixZone> zone_;
  /// Seconds east of UTC.
  int offset_ = 0;
  bool named_month_ = false;
  bool julian_ = false;
  bool before_christ_ = false;
};

std::optional<Fault> Decoder::take(const Field& field, const Field* following) {
  const Reading reading = read(field, following);
  if (const Fault* fault = std::get_if<Fault>(&reading)) return *fault;
  const Parts parts = std::get<Parts>(reading);
  if (has_any(given_, parts)) return bad_format();
  given_ = given_ | parts;
  return std::nullopt;
}

Reading Decoder::read(const Field& field, const Field* following) {
  switch (field.kind) {
    case FieldKind::number:
      return announced_ ? read_announced_number(field.text) : read_plain_number(field.text);
    case FieldKind::date:
      return read_date_or_zone(field.text);
    case FieldKind::time:
      if (announced_ && announced_ != WordKind::time_follows) return bad_format();
      announced_.reset();
      return read_time(field.text, value_);
    case FieldKind::offset:
      return read_offset_as(field.text, Parts::zone);
    case FieldKind::word:
    case FieldKind::signed_word:
      break;
  }
  return read_word(field, following);
}

Reading Decoder::read_date_or_zone(const std::string& text) {
  if (announced_ == WordKind::julian_day_follows) {
    announced_.reset();
    const LeadingInteger number = leading_integer(text);
    Reading reading = read_julian_day(number);
    if (std::holds_alternative<Fault>(reading)) return reading;
    return read_offset_as(number.rest, Parts::date | Parts::time | Parts::zone);
  }
  if (!announced_ && !has_all(given_, Parts::month | Parts::day)) {
    return read_date(text, given_, value_);
  }
  // After a date this is a time with an offset, or the name of a zone.
  if (announced_ || is_digit(text.front())) return read_time_and_offset(text);
  zone_ = read_posix_zone(text);
  if (!zone_) return Fault{FaultKind::unknown_zone, text};
  return Parts::zone;
}

/// `101112-08`
Reading Decoder::read_time_and_offset(std::string_view text) {
  if (announced_ && announced_ != WordKind::time_follows) return bad_format();
  announced_.reset();
  const size_t sign = text.find('-');
  if (has_all(given_, Parts::time) || sign == std::string_view::npos) return bad_format();
  Reading reading = read_offset_as(text.substr(sign), Parts::zone);
  if (std::holds_alternative<Fault>(reading)) return reading;
  reading = read_run_together(text.substr(0, sign), given_, value_);
  if (const Parts* parts = std::get_if<Parts>(&reading)) return *parts | Parts::zone;
  return reading;
}

Reading Decoder::read_offset_as(std::string_view text, Parts parts) {
  const auto offset = read_offset(text);
  if (const Fault* fault = std::get_if<Fault>(&offset)) return *fault;
  offset_ = std::get<int>(offset);
  return parts;
}

Reading Decoder::read_plain_number(std::string_view text) {
  const bool date_begun = has_any(given_, Parts::date);
  const bool time_begun = has_any(given_, Parts::time);
  const size_t point = text.find('.');
  if (point != std::string_view::npos) {
    if (!date_begun) return read_date(text, given_, value_);
    if (point > 2) return read_run_together(text, given_, value_);
  }
  // A year of six digits or more is one only when all else is there.
  if (text.size() >= 6 && (!date_begun || !time_begun)) {
    return read_run_together(text, given_, value_);
  }
  return read_number(text, named_month_, given_, value_);
}

/// `y2099m01d02`, `t1011`, `j2451187.5`
Reading Decoder::read_announced_number(std::string_view text) {
  const LeadingInteger number = leading_integer(text);
  if (!number.fits_32_bits()) return Fault{FaultKind::field_out_of_range};
  const WordKind what = *announced_;
  announced_.reset();
  fixed_moment_.reset();
  const bool may_have_fraction = what == WordKind::julian_day_follows ||
                                 what == WordKind::time_follows || what == WordKind::second_follows;
  if (!number.rest.empty() && !may_have_fraction) return bad_format();
  switch (what) {
    case WordKind::year_follows:
      value_.year = number.narrow();
      return Parts::year;
    case WordKind::month_follows:
      if (has_all(given_, Parts::month | Parts::hour)) {
        value_.minute = number.narrow();
        return Parts::minute;
      }
      value_.month = number.narrow();
      return Parts::month;
    case WordKind::day_follows:
      value_.day = number.narrow();
      return Parts::day;
    case WordKind::hour_follows:
      value_.hour = number.narrow();
      return Parts::hour;
    case WordKind::minute_follows:
      value_.minute = number.narrow();
      return Parts::minute;
    case WordKind::second_follows: {
      value_.second = number.narrow();
      if (number.rest.empty()) return Parts::second;
      const std::optional<int> fraction = read_fraction_of_second(number.rest);
      if (!fraction) return bad_format();
      value_.microsecond = *fraction;
      return Parts::second | Parts::fraction;
    }
    case WordKind::julian_day_follows:
      return read_julian_day(number);
    case WordKind::time_follows:
      return read_run_together(text, given_ | Parts::date, value_);
    default:
      return bad_format();
  }
}

/// Only a fraction is read of what follows the number.
Reading Decoder::read_julian_day(const LeadingInteger& number) {
  if (!number.fits_32_bits() || number.value < 0) return Fault{FaultKind::field_out_of_range};
  set_day(value_, number.value - kJulianDayOf1970);
  julian_ = true;
  if (!number.rest.starts_with('.')) return Parts::date;
  const std::optional<double> fraction = read_fraction(number.rest);
  if (!fraction) return bad_format();
  set_time_of_day(value_, static_cast<int64_t>(*fraction * kMicrosecondsPerDay));
  return Parts::date | Parts::time;
}

Reading Decoder::read_word(const Field& field, const Field* following) {
  if (const Word* zone = find_zone_abbreviation(field.text)) return read_zone_word(*zone);
  const Word* word = find_date_word(field.text);
  if (word == nullptr) return bad_format();
  switch (word->kind) {
    case WordKind::month:
      return read_month_word(word->value);
    case WordKind::weekday:
      return Parts::weekday;
    case WordKind::am:
    case WordKind::pm:
      half_of_day_ = word->kind;
      return Parts::half_of_day;
    case WordKind::ad:
    case WordKind::bc:
      before_christ_ = word->kind == WordKind::bc;
      return Parts::era;
    case WordKind::ignored:
      return Parts::none;
    case WordKind::zone:
    case WordKind::daylight_zone:
    case WordKind::daylight:
      return read_zone_word(*word);
    case WordKind::now:
    case WordKind::today:
    case WordKind::tomorrow:
    case WordKind::yesterday:
    case WordKind::midnight:
    case WordKind::epoch:
    case WordKind::infinity:
    case WordKind::minus_infinity:
      return read_moment_word(word->kind);
    default:
      return announce(word->kind, following);
  }
}

Reading Decoder::read_zone_word(const Word& word) {
  if (word.kind == WordKind::daylight) {
    offset_ += word.value;
    return Parts::daylight | Parts::daylight_zone;
  }
  offset_ = word.value;
  return word.kind == WordKind::zone ? Parts::zone : Parts::zone | Parts::daylight_zone;
}

Reading Decoder::read_moment_word(WordKind kind) {
  constexpr Parts kAll = Parts::date | Parts::time | Parts::zone;
  const auto today = std::chrono::floor<std::chrono::days>(now_);
  const int64_t day = today.time_since_epoch().count();
  fixed_moment_.reset();
  switch (kind) {
    case WordKind::now:
      set_day(value_, day);
      set_time_of_day(value_, (now_ - today).count());
      offset_ = 0;
      return kAll;
    case WordKind::today:
      set_day(value_, day);
      return Parts::date;
    case WordKind::tomorrow:
      set_day(value_, day + 1);
      return Parts::date;
    case WordKind::yesterday:
      set_day(value_, day - 1);
      return Parts::date;
    case WordKind::midnight:
      value_.hour = 0;
      value_.minute = 0;
      value_.second = 0;
      offset_ = 0;
      return Parts::time | Parts::zone;
    case WordKind::epoch:
      fixed_moment_ = base::Time{};
      return Parts::fixed_moment;
    default:
      fixed_moment_ = kind == WordKind::infinity ? kInfinity : kMinusInfinity;
      return Parts::fixed_moment;
  }
}

Reading Decoder::read_month_word(int month) {
  Parts parts = Parts::month;
  // "1 jan": the number taken for a month was the day.
  if (has_any(given_, Parts::month) && !named_month_ && !has_any(given_, Parts::day) &&
      value_.month >= 1 && value_.month <= 31) {
    value_.day = value_.month;
    parts = Parts::day;
  }
  named_month_ = true;
  value_.month = month;
  return parts;
}

Reading Decoder::announce(WordKind what, const Field* following) {
  if (what == WordKind::time_follows) {
    if (!has_all(given_, Parts::date)) return bad_format();
    if (following == nullptr ||
        (following->kind != FieldKind::number && following->kind != FieldKind::time &&
         following->kind != FieldKind::date)) {
      return bad_format();
    }
  }
  announced_ = what;
  return Parts::none;
}

std::variant<base::Time, Fault> Decoder::moment() {
  YearCount count = before_christ_ ? YearCount::before_christ : YearCount::after_christ;
  if (julian_) count = YearCount::with_year_0;
  if (auto fault = complete_date(value_, given_, count)) return *fault;
  if (half_of_day_) {
    if (auto fault = apply_half_of_day(value_, half_of_day_ == WordKind::pm)) return *fault;
  }
  if (fixed_moment_) return *fixed_moment_;
  if (!has_all(given_, Parts::date)) return bad_format();
  if (has_any(given_, Parts::daylight) && (zone_ || !has_any(given_, Parts::zone))) {
    return bad_format();
  }
  return moment_of(value_, zone_.value_or(PosixZone{.standard_offset = offset_}));
}

}  // namespace

std::variant<base::Time, Fault> decode_timestamp(const std::vector<Field>& fields, base::Time now) {
  Decoder decoder(now);
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field* following = i + 1 < fields.size() ? &fields[i + 1] : nullptr;
    if (auto fault = decoder.take(fields[i], following)) return *fault;
  }
  return decoder.moment();
}

}  // namespace postgres
