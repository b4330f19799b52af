#include "contract/deployed/postgres.h"

#include <charconv>

#include "base/ascii.h"
#include "base/time_format.h"

namespace contract::deployed {
namespace {

DatabaseError invalid_syntax(const std::string& type, std::string_view str) {
  return {"22P02", "invalid input syntax for type " + type + ": \"" + std::string(str) + "\""};
}

}  // namespace

std::string explain(const DatabaseError& error) {
  std::string text = "the database says: " + error.message;
  return error.details ? text + " (" + *error.details + ")" : text;
}

DatabaseError no_row() {
  return {"PGRST116", "Cannot coerce the result to a single JSON object",
          "The result contains 0 rows"};
}

DatabaseError nul_in_text() {
  return {"22P05", "unsupported Unicode escape sequence", "\\u0000 cannot be converted to text."};
}

std::variant<std::string, DatabaseError> read_uuid(std::string_view str) {
  std::string_view rest = str;
  if (rest.starts_with('{') && rest.ends_with('}')) rest = rest.substr(1, rest.size() - 2);
  std::string uuid;
  for (size_t group = 0; group < 8; ++group) {
    if (group > 0 && rest.starts_with('-')) rest.remove_prefix(1);
    // Written with hyphens after 8, 12, 16 and 20 digits.
    if (group >= 2 && group <= 5) uuid += '-';
    for (size_t i = 0; i < 4; ++i) {
      if (rest.empty() || !base::is_hex(rest.front())) return invalid_syntax("uuid", str);
      uuid += base::to_lower(rest.front());
      rest.remove_prefix(1);
    }
  }
  if (!rest.empty()) return invalid_syntax("uuid", str);
  return uuid;
}

std::variant<int64_t, DatabaseError> read_bigint(std::string_view str) {
  std::string_view digits = base::trim(str, " \t\n\v\f\r");
  // from_chars accepts a minus only.
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  int64_t number = 0;
  const char* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error == std::errc::result_out_of_range) {
    return DatabaseError{"22003",
                         "value \"" + std::string(str) + "\" is out of range for type bigint"};
  }
  if (error != std::errc{} || stop != end) return invalid_syntax("bigint", str);
  return number;
}

std::string format_timestamptz(base::Time time) {
  std::string result = base::format_time_with_fraction(time);
  result.pop_back();  // Z
  return result + "+00:00";
}

}  // namespace contract::deployed
