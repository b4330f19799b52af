#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/sha256.h"
#include "capgo/api_key.h"
#include "json/value.h"

/// How the deployed service of February 2026 writes and reads single values, by its page alone.
namespace deployed_model {

using capgo::ApiKey;
using capgo::KeyMode;
using json::Ordered;
using std::chrono::microseconds;
using std::chrono::milliseconds;

/// What the database says instead of a row. (section 6)
struct DatabaseError {
  std::string code;
  std::string message;
  std::optional<std::string> details = std::nullopt;
  std::optional<std::string> hint = std::nullopt;
};

inline DatabaseError no_row() {
  return {"PGRST116", "Cannot coerce the result to a single JSON object",
          "The result contains 0 rows"};
}

inline DatabaseError nul_in_text() {
  return {"22P05", "unsupported Unicode escape sequence", "\\u0000 cannot be converted to text."};
}

template <typename Value>
Ordered or_null(const std::optional<Value>& maybe) {
  return maybe ? Ordered(*maybe) : Ordered(nullptr);
}

inline Ordered supabase(const DatabaseError& error) {
  return {{"supabaseError",
           {{"code", error.code},
            {"details", or_null(error.details)},
            {"hint", or_null(error.hint)},
            {"message", error.message}}}};
}

inline std::string error_text(const char* code, const std::string& message, const Ordered& more) {
  return Ordered{{"error", code}, {"message", message}, {"moreInfo", more}}.dump();
}

// Moments. (section 7)

inline milliseconds to_milliseconds(base::Time moment) {
  return std::chrono::floor<milliseconds>(moment.time_since_epoch());
}

/// Midnight of a day; std::chrono has no years as far away as the page has.
inline base::Time midnight(int64_t year, int64_t month, int64_t day) {
  const int64_t shifted = month > 2 ? year : year - 1;
  const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t days =
      shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719468;
  return base::Time(std::chrono::hours(24 * days));
}

inline std::string padded(int64_t number, size_t digits) {
  std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

/// `YYYY-MM-DDTHH:MM:SS` and the fraction, if there is one. For moments since 1970.
inline std::string plain_time_text(base::Time moment) {
  const int64_t all = moment.time_since_epoch().count();
  const int64_t seconds = all / 1'000'000;
  int64_t year = 1970 + seconds / (366 * 86400);
  while (midnight(year + 1, 1, 1) <= moment) ++year;
  int64_t month = 1;
  while (month < 12 && midnight(year, month + 1, 1) <= moment) ++month;
  const int64_t day = (moment - midnight(year, month, 1)) / std::chrono::hours(24) + 1;
  std::string text = padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T" +
                     padded(seconds / 3600 % 24, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" +
                     padded(seconds % 60, 2);
  if (all % 1'000'000 == 0) return text;
  text += "." + padded(all % 1'000'000, 6);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

inline Ordered time_value(std::optional<base::Time> moment) {
  return moment ? Ordered(plain_time_text(*moment) + "+00:00") : Ordered(nullptr);
}

/// In the order of KeyMode.
constexpr std::array<const char*, 4> kModes = {"read", "upload", "write", "all"};

/// The place of a mode's name among all; -1 for any other value.
inline int mode_index(const Ordered& value) {
  const auto found = std::ranges::find_if(kModes, [&](const char* mode) { return value == mode; });
  return found == kModes.end() ? -1 : static_cast<int>(found - kModes.begin());
}

/// A row, as answered. (section 7)
inline std::string row_text(const ApiKey& key) {
  return Ordered{{"id", key.id},
                 {"created_at", time_value(key.created_at)},
                 {"user_id", key.user_id},
                 {"key", or_null(key.key)},
                 {"mode", kModes.at(static_cast<size_t>(key.mode))},
                 {"updated_at", time_value(key.updated_at)},
                 {"name", key.name},
                 {"limited_to_orgs", or_null(key.limited_to_orgs)},
                 {"limited_to_apps", or_null(key.limited_to_apps)},
                 {"key_hash", or_null(key.key_hash)},
                 {"expires_at", time_value(key.expires_at)},
                 {"rbac_id", or_null(key.rbac_id)}}
      .dump();
}

// Ids.

inline bool is_hex(char letter) { return std::isxdigit(static_cast<unsigned char>(letter)) != 0; }

/// The UUID test of section 3.
inline bool is_uuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < 36; ++i) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

inline bool is_digits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// A text as a uuid of the database, in lower case: hyphens may stand after any four digits.
inline std::variant<std::string, DatabaseError> read_uuid(const std::string& text) {
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool may_be_hyphen =
        i > 0 && text[i - 1] != '-' && digits.size() % 4 == 0 && digits.size() < 32;
    if (text[i] == '-' && may_be_hyphen) continue;
    digits += is_hex(text[i]) ? static_cast<char>(std::tolower(text[i])) : '?';
  }
  if (digits.size() != 32 || digits.find('?') != std::string::npos) {
    return DatabaseError{"22P02", "invalid input syntax for type uuid: \"" + text + "\""};
  }
  for (const size_t hyphen : {20U, 16U, 12U, 8U}) digits.insert(hyphen, "-");
  return digits;
}

/// A text as a bigint of the database.
inline std::variant<int64_t, DatabaseError> read_bigint(const std::string& text) {
  if (!is_digits(text)) {
    return DatabaseError{"22P02", "invalid input syntax for type bigint: \"" + text + "\""};
  }
  int64_t id = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), id).ec != std::errc()) {
    return DatabaseError{"22003", "value \"" + text + "\" is out of range for type bigint"};
  }
  return id;
}

/// `String(Number(digits))`.
inline std::string through_number(const std::string& digits) {
  const double number = std::strtod(digits.c_str(), nullptr);
  if (std::isinf(number)) return "Infinity";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 std::chars_format::scientific);
  std::string text(buffer.data(), end.ptr);
  if (number >= 1e21) return text;
  std::string shortest = text.substr(0, text.find('e'));
  std::erase(shortest, '.');
  shortest.resize(std::stoul(text.substr(text.find('e') + 1)) + 1, '0');
  return shortest;
}

// Values of bodies.

/// `String(value)`.
inline std::string string_of(const Ordered& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) return "[object Object]";
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Ordered& item : value) {
    text += &item == &value.front() ? "" : ",";
    if (!item.is_null()) text += string_of(item);
  }
  return text;
}

inline bool is_truthy(const Ordered& value) {
  return !(value.is_null() || value == false || value == "" || (value.is_number() && value == 0));
}

inline bool is_strings(const Ordered& value) {
  return value.is_array() &&
         std::ranges::all_of(value, [](const Ordered& item) { return item.is_string(); });
}

}  // namespace deployed_model
