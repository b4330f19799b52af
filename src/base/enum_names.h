#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace base {

/// The names of an enum's values, in order: an array, specialized next to each enum that has names.
template <typename Enum>
inline constexpr int kNames = 0;

/// The name of a value.
template <typename Enum>
constexpr std::string_view name_of(Enum value) {
  return kNames<Enum>[static_cast<size_t>(value)];
}

/// The value with this exact name (case-sensitive), if any.
template <typename Enum>
constexpr std::optional<Enum> parse_name(std::string_view name) {
  const auto* found = std::find(kNames<Enum>.begin(), kNames<Enum>.end(), name);
  if (found == kNames<Enum>.end()) return std::nullopt;
  return static_cast<Enum>(found - kNames<Enum>.begin());
}

}  // namespace base
