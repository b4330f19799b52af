#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "base/enum_names.h"
#include "capgo/key_mode.h"

/// The roles of the service that has no key modes. Sections are those of the deployed contract of
/// July 2026.
namespace capgo {

/// What a role applies to. No binding can name a bundle.
enum class Scope { org, app, channel, bundle };

/// A named set of permissions. (sections 9 and 21)
struct Role {
  std::string_view name;
  Scope scope;
  /// No one can assign a role with a higher rank than their own.
  int rank;
  /// Whether a request can give it to a key.
  bool is_assignable;
  /// The mode that allows about the same, for contracts with modes.
  KeyMode nearest_mode;
  /// Separated by spaces.
  std::string_view permissions;
};

std::span<const Role> all_roles();

/// Finds the role with this name (case-sensitive); null if there is none.
const Role* find_role(std::string_view name);

/// Returns whether the role includes a permission, such as `app.upload_bundle`.
bool has_permission(const Role& role, std::string_view permission);

/// Returns the permissions of all roles, sorted.
std::vector<std::string_view> all_permissions();

}  // namespace capgo

template <>
inline constexpr std::array<std::string_view, 4> base::kNames<capgo::Scope> = {"org", "app",
                                                                               "channel", "bundle"};
