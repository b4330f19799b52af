#pragma once

#include <span>
#include <string_view>

namespace engine {

/// The shape of a body of the control API: what the table of routes names, or a part of that.
struct ControlSchema {
  std::string_view name;
  /// JSON Schema (2020-12); refers to others as `#/components/schemas/NAME`.
  std::string_view text;
  /// Whether a call that takes it may come without a body.
  bool may_be_left_out = false;
};

inline constexpr bool kMayBeLeftOut = true;

/// Every shape: what calls give, and what they take.
std::span<const ControlSchema> given_schemas();
std::span<const ControlSchema> taken_schemas();

/// The JSON text of the schema of this name; empty if there is none.
std::string_view find_control_schema(std::string_view name);

/// Whether a call that takes the schema of this name may come without a body.
bool may_be_left_out(std::string_view name);

}  // namespace engine
