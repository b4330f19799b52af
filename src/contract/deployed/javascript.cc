#include "contract/deployed/javascript.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <vector>

#include "base/ascii.h"
#include "json/body.h"

namespace contract::deployed {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double read_digits(std::string_view digits, int base) {
  double number = digits.empty() ? kNan : 0;
  for (char c : digits) {
    int digit = base::hex_value(c);
    if (digit < 0 || digit >= base) return kNan;
    number = number * base + digit;
  }
  return number;
}

/// Returns the members of an object in the order in which JavaScript lists them.
/// (ECMA-262, 10.1.11.1; array indexes end at 2^32 - 2)
template <typename Json>
auto ordered_members(const Json& object) {
  std::map<uint64_t, typename Json::const_iterator> members;
  uint64_t position = uint64_t{1} << 32;
  for (auto member = object.begin(); member != object.end(); ++member) {
    auto index = base::parse_number<uint32_t>(member.key());
    bool is_index = index && *index < UINT32_MAX && std::to_string(*index) == member.key();
    members[is_index ? *index : position++] = member;
  }
  return members;
}

template <typename Json>
std::string format_scalar(const Json& value) {
  if (value.is_string()) return json::dump(value.template get_ref<const std::string&>());
  if (!value.is_number()) return value.dump();
  double number = value.template get<double>();
  return std::isfinite(number) ? format_javascript_number(number) : "null";
}

/// Uses a list instead of recursion, as values may be nested deeper than the stack allows.
template <typename Json>
std::string stringify_any(const Json& root) {
  struct Pending {
    std::string_view before;
    const std::string* name = nullptr;
    const Json* value = nullptr;
  };
  std::string result;
  std::vector<Pending> pending = {{"", nullptr, &root}};
  while (!pending.empty()) {
    auto [before, name, value] = pending.back();
    pending.pop_back();
    result += before;
    if (name != nullptr) result += json::dump(*name) + ":";
    if (value == nullptr) continue;
    size_t first = pending.size() + 1;
    if (value->is_array()) {
      result += '[';
      pending.push_back({"]"});
      for (const Json& item : *value) pending.push_back({",", nullptr, &item});
    } else if (value->is_object()) {
      result += '{';
      pending.push_back({"}"});
      for (const auto& [position, member] : ordered_members(*value)) {
        pending.push_back({",", &member.key(), &*member});
      }
    } else {
      result += format_scalar(*value);
    }
    if (first >= pending.size()) continue;
    pending[first].before = "";
    std::reverse(pending.begin() + static_cast<std::ptrdiff_t>(first), pending.end());
  }
  return result;
}

}  // namespace

bool is_truthy(const json::Value& value) {
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  if (value.is_number()) return value.get<double>() != 0;
  return !value.is_null() && value != false;
}

std::string javascript_string(const json::Value& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) return "[object Object]";
  if (value.is_number()) return format_javascript_number(value.get<double>());
  if (!value.is_array()) return format_scalar(value);
  std::string result;
  // A list instead of recursion, as above. A null pointer is a comma.
  std::vector<const json::Value*> pending = {&value};
  while (!pending.empty()) {
    const json::Value* item = pending.back();
    pending.pop_back();
    if (item == nullptr) {
      result += ',';
    } else if (item->is_array()) {
      for (size_t i = item->size(); i-- > 0;) {
        pending.push_back(&(*item)[i]);
        if (i > 0) pending.push_back(nullptr);
      }
    } else if (!item->is_null()) {
      result += javascript_string(*item);
    }
  }
  return result;
}

std::string stringify(const json::Value& value) { return stringify_any(value); }
std::string stringify(const json::Ordered& value) { return stringify_any(value); }

double javascript_number(std::string_view str) {
  str = base::trim(str, " \t\n\v\f\r");
  if (str.empty()) return 0;
  std::string prefix = base::lower(str.substr(0, 2));
  if (prefix == "0x") return read_digits(str.substr(2), 16);
  if (prefix == "0o") return read_digits(str.substr(2), 8);
  if (prefix == "0b") return read_digits(str.substr(2), 2);
  if (str == "Infinity" || str == "+Infinity") return kInfinity;
  if (str == "-Infinity") return -kInfinity;
  // strtod reads more than decimal numbers: "inf", "nan" and "0x1p3".
  if (str.find_first_not_of("+-.0123456789eE") != std::string_view::npos) return kNan;
  std::string decimal(str);
  char* end = nullptr;
  double number = std::strtod(decimal.c_str(), &end);
  return end == decimal.data() + decimal.size() ? number : kNan;
}

std::string format_javascript_number(double number) {
  if (std::isnan(number)) return "NaN";
  if (number == 0) return "0";
  if (number < 0) return "-" + format_javascript_number(-number);
  if (std::isinf(number)) return "Infinity";
  // "d.ddde+dd" or "de-dd", with the shortest digits.
  char buffer[32];
  char* end = std::to_chars(buffer, std::end(buffer), number, std::chars_format::scientific).ptr;
  char* e = std::find(buffer, end, 'e');
  std::string digits(buffer, e);
  std::erase(digits, '.');
  int exponent = std::atoi(std::string(e + 1, end).c_str());
  int count = static_cast<int>(digits.size());
  if (exponent >= 21 || exponent < -6) {
    if (count > 1) digits.insert(1, ".");
    return digits + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
  }
  int point = exponent + 1;
  int zeros = exponent < 0 ? -point : point - count;
  if (exponent < 0) return "0." + std::string(static_cast<size_t>(zeros), '0') + digits;
  if (zeros >= 0) return digits.append(static_cast<size_t>(zeros), '0');
  return digits.insert(static_cast<size_t>(point), ".");
}

}  // namespace contract::deployed
