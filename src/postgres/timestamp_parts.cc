#include "postgres/timestamp_parts.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "postgres/ascii.h"
#include "postgres/date_words.h"
#include "postgres/numbers.h"

namespace postgres {
namespace {

constexpr size_t kMaxTokens = 25;
constexpr int kMaxOffsetHours = 15;
constexpr int64_t kMicrosecondsPerDay = 86'400'000'000;

Fault bad_format() { return {FaultKind::bad_format}; }

std::string_view take_while(std::string_view& text, bool (*wanted)(char)) {
  const auto length = std::ranges::find_if_not(text, wanted) - text.begin();
  std::string_view taken = text.substr(0, static_cast<size_t>(length));
  text.remove_prefix(taken.size());
  return taken;
}

/// The numbers and words of a date. One character after each is lost, whatever it is.
/// Nothing if the text ends with a separator too many.
std::optional<std::vector<std::string_view>> date_tokens(std::string_view text) {
  std::vector<std::string_view> tokens;
  while (!text.empty() && tokens.size() < kMaxTokens) {
    while (!text.empty() && !is_letter_or_digit(text.front())) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    tokens.push_back(take_while(text, is_digit(text.front()) ? is_digit : is_letter));
    if (!text.empty()) text.remove_prefix(1);
  }
  return tokens;
}

/// Takes the parts that `reading` adds over into `given`; a fault if one is there already.
std::optional<Fault> add(const Reading& reading, Parts& given) {
  if (const Fault* fault = std::get_if<Fault>(&reading)) return *fault;
  const Parts parts = std::get<Parts>(reading);
  if (has_any(given, parts)) return bad_format();
  given = given | parts;
  return std::nullopt;
}

/// The part of a date that comes next if `given` are there; nothing if the order is unheard of.
std::optional<Parts> next_date_part(Parts given, bool named_month, bool long_number) {
  const Parts date = given & Parts::date;
  if (date == Parts::none) return long_number ? Parts::year : Parts::month;
  if (date == Parts::year || date == Parts::day) return Parts::month;
  if (date == Parts::month) return named_month && long_number ? Parts::year : Parts::day;
  if (date == (Parts::year | Parts::month)) return Parts::day;
  if (date == (Parts::month | Parts::day)) return Parts::year;
  return std::nullopt;
}

void set_date_part(Parts part, int value, DateTime& into) {
  if (part == Parts::year) into.year = value;
  if (part == Parts::month) into.month = value;
  if (part == Parts::day) into.day = value;
}

}  // namespace

Reading read_date(std::string_view text, Parts given, DateTime& into) {
  auto tokens = date_tokens(text);
  if (!tokens) return bad_format();
  const Parts given_before = given;
  bool named_month = false;
  // Words first: they are the month without doubt.
  for (std::string_view& token : *tokens) {
    if (token.empty() || !is_letter(token.front())) continue;
    const Word* word = find_date_word(token);
    if (word != nullptr && word->kind == WordKind::ignored) continue;
    if (word == nullptr || word->kind != WordKind::month) return bad_format();
    into.month = word->value;
    named_month = true;
    if (auto fault = add(Parts::month, given)) return *fault;
    token = {};
  }
  for (std::string_view token : *tokens) {
    if (token.empty()) continue;
    if (auto fault = add(read_number(token, named_month, given, into), given)) return *fault;
  }
  const Parts beside_date = Parts::day_of_year | Parts::zone;
  if ((given | beside_date) != (Parts::date | beside_date)) return bad_format();
  return static_cast<Parts>(static_cast<unsigned>(given) & ~static_cast<unsigned>(given_before));
}

Reading read_number(std::string_view text, bool named_month, Parts given, DateTime& into) {
  const LeadingInteger number = leading_integer(text);
  if (!number.fits_32_bits()) return Fault{FaultKind::field_out_of_range};
  const size_t digits = text.size() - number.rest.size();
  if (digits == 0) return bad_format();
  if (number.rest.starts_with('.')) {
    if (digits > 2) return read_run_together(text, given | Parts::date, into);
    const std::optional<int> fraction = read_fraction_of_second(number.rest);
    if (!fraction) return bad_format();
    into.microsecond = *fraction;
  } else if (!number.rest.empty()) {
    return bad_format();
  }
  if (has_all(given, Parts::date)) return read_run_together(text, given, into);
  if (text.size() == 3 && (given & Parts::date) == Parts::year && number.value >= 1 &&
      number.value <= 366) {
    into.day_of_year = number.narrow();
    return Parts::day_of_year | Parts::month | Parts::day;
  }
  const bool long_number = text.size() >= 3;
  if (named_month && long_number && into.lacks_century &&
      (given & Parts::date) == (Parts::year | Parts::month)) {
    // The short number was not the year but the day.
    into.day = into.year;
    into.year = number.narrow();
    into.lacks_century = false;
    return Parts::day;
  }
  const std::optional<Parts> part = next_date_part(given, named_month, long_number);
  if (!part) return bad_format();
  set_date_part(*part, number.narrow(), into);
  if (*part == Parts::year) into.lacks_century = text.size() <= 2;
  return *part;
}

Reading read_run_together(std::string_view text, Parts given, DateTime& into) {
  auto number_at = [&](size_t start, size_t length) {
    return leading_integer(text.substr(start, length)).narrow();
  };
  if (const size_t point = text.find('.'); point != std::string_view::npos) {
    const std::optional<int> fraction = read_fraction_of_second(text.substr(point));
    if (!fraction) return bad_format();
    into.microsecond = *fraction;
    text = text.substr(0, point);
  } else if (!has_all(given, Parts::date) && text.size() >= 6) {
    into.year = number_at(0, text.size() - 4);
    into.month = number_at(text.size() - 4, 2);
    into.day = number_at(text.size() - 2, 2);
    if (text.size() == 6) into.lacks_century = true;
    return Parts::date;
  }
  if (has_all(given, Parts::time) || (text.size() != 4 && text.size() != 6)) return bad_format();
  into.hour = number_at(0, 2);
  into.minute = number_at(2, 2);
  into.second = text.size() == 6 ? number_at(4, 2) : 0;
  return Parts::time;
}

Reading read_time(std::string_view text, DateTime& into) {
  const Fault out_of_range{FaultKind::field_out_of_range};
  const LeadingInteger first = leading_integer(text);
  if (first.beyond_64_bits) return out_of_range;
  if (!first.rest.starts_with(':')) return bad_format();
  const LeadingInteger second = leading_integer(first.rest.substr(1));
  if (!second.fits_32_bits()) return out_of_range;
  LeadingInteger third;
  std::string_view rest = second.rest;
  const bool no_hours = rest.starts_with('.');
  if (rest.starts_with(':')) {
    third = leading_integer(rest.substr(1));
    if (!third.fits_32_bits()) return out_of_range;
    rest = third.rest;
  }
  int microsecond = 0;
  if (!rest.empty()) {
    const std::optional<int> fraction = read_fraction_of_second(rest);
    if (!fraction) return bad_format();
    microsecond = *fraction;
  }
  if (!first.fits_32_bits()) return out_of_range;
  into.hour = no_hours ? 0 : first.narrow();
  into.minute = no_hours ? first.narrow() : second.narrow();
  into.second = no_hours ? second.narrow() : third.narrow();
  into.microsecond = microsecond;
  // A leap second and the end of the day are fine.
  if (into.hour > 24 || into.minute > 59 || into.second > 60) return out_of_range;
  const int64_t seconds = (into.hour * 60 + into.minute) * 60 + into.second;
  if (seconds * 1'000'000 + microsecond > kMicrosecondsPerDay) return out_of_range;
  return Parts::time;
}

std::variant<int, Fault> read_offset(std::string_view text) {
  const Fault out_of_range{FaultKind::offset_out_of_range};
  if (!text.starts_with('+') && !text.starts_with('-')) return bad_format();
  const LeadingInteger first = leading_integer(text.substr(1));
  if (!first.fits_32_bits()) return out_of_range;
  int64_t hours = first.value;
  LeadingInteger minutes;
  LeadingInteger seconds;
  std::string_view rest = first.rest;
  if (rest.starts_with(':')) {
    minutes = leading_integer(rest.substr(1));
    if (!minutes.fits_32_bits()) return out_of_range;
    rest = minutes.rest;
    if (rest.starts_with(':')) {
      seconds = leading_integer(rest.substr(1));
      if (!seconds.fits_32_bits()) return out_of_range;
      rest = seconds.rest;
    }
  } else if (rest.empty() && text.size() > 3) {
    minutes.value = hours % 100;
    hours /= 100;
  }
  if (hours < 0 || hours > kMaxOffsetHours) return out_of_range;
  if (minutes.value < 0 || minutes.value > 59) return out_of_range;
  if (seconds.value < 0 || seconds.value > 59) return out_of_range;
  if (!rest.empty()) return bad_format();
  const int64_t east = (hours * 60 + minutes.value) * 60 + seconds.value;
  return static_cast<int>(text.front() == '-' ? -east : east);
}

}  // namespace postgres
