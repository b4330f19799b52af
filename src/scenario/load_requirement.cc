#include "scenario/load_requirement.h"

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "capgo/rights.h"

namespace scenario {
namespace {

using json::ObjectReader;
using json::Ordered;

constexpr auto kFields =
    std::to_array<std::string_view>({"mode", "permission", "app", "org", "channel"});

/// `"permission": "app.upload_bundle"` for the mode or the lowest of the modes in the field.
std::string permission_to_write(const Ordered& field) {
  std::optional<capgo::KeyMode> lowest;
  for (const Ordered& item : field.is_array() ? field : Ordered::array({field})) {
    auto mode = base::parse_name<capgo::KeyMode>(item.is_string() ? item.get<std::string>() : "");
    if (mode && (!lowest || *mode < *lowest)) lowest = mode;
  }
  auto permission = capgo::nearest_permission(lowest.value_or(capgo::KeyMode::upload));
  return "\"permission\": " + json::quote(permission);
}

/// `"mode": "upload"`, or a list of the modes that allow about the same as the permission or the
/// first of the permissions in the field.
std::string mode_to_write(const Ordered& field, RightsCheck rights_check) {
  const Ordered& first = field.is_array() && !field.empty() ? field.front() : field;
  std::string permission = first.is_string() ? first.get<std::string>() : "";
  auto modes = std::span(base::kNames<capgo::KeyMode>)
                   .subspan(static_cast<size_t>(capgo::nearest_mode(permission)));
  if (rights_check == RightsCheck::lowest_mode) return "\"mode\": " + json::quote(modes.front());
  return "\"mode\": [" + json::quoted_list(modes) + "]";
}

std::vector<capgo::KeyMode> read_modes(const ObjectReader& reader, RightsCheck rights_check) {
  std::vector<capgo::KeyMode> modes;
  const Ordered* field = reader.find("mode");
  if (field == nullptr) return modes;
  if (rights_check == RightsCheck::permissions) {
    reader.add_problem(
        "mode", "this contract has roles instead of modes; write " + permission_to_write(*field));
    return modes;
  }
  if (!field->is_array()) {
    if (auto mode = reader.enum_value<capgo::KeyMode>("mode")) modes.push_back(*mode);
    return modes;
  }
  if (rights_check == RightsCheck::lowest_mode) {
    reader.add_problem("mode",
                       "in this contract, a mode includes the lower ones, so \"mode\" is the "
                       "lowest one that is allowed; write one, such as \"upload\"");
    return modes;
  }
  if (field->empty()) reader.add_problem("mode", "is empty; name the allowed modes, or remove it");
  for (size_t index : reader.choices("mode", base::kNames<capgo::KeyMode>)) {
    modes.push_back(static_cast<capgo::KeyMode>(index));
  }
  return modes;
}

std::vector<std::string> read_permissions(const ObjectReader& reader, RightsCheck rights_check) {
  const Ordered* field = reader.find("permission");
  if (field == nullptr) return {};
  if (rights_check != RightsCheck::permissions) {
    reader.add_problem("permission", "this contract has modes instead of roles; write " +
                                         mode_to_write(*field, rights_check));
    return {};
  }
  std::vector<std::string> permissions;
  if (!field->is_array()) {
    permissions.push_back(reader.nonempty_string("permission"));
    const std::string& name = permissions.front();
    if (!name.empty() && !capgo::is_permission(name)) {
      reader.add_problem("permission", capgo::explain_unknown_permission(name));
    }
    return permissions;
  }
  if (field->empty()) {
    reader.add_problem("permission", "is empty; name a permission, or remove it");
  }
  for (size_t i = 0; i < field->size() && !reader.is_full(); ++i) {
    const Ordered& item = (*field)[i];
    std::string name = item.is_string() ? item.get<std::string>() : "";
    if (!capgo::is_permission(name)) {
      reader.add_problem("permission", std::to_string(i),
                         item.is_string() ? capgo::explain_unknown_permission(name)
                                          : json::redacted_value(item) + " must be a string");
    }
    permissions.push_back(std::move(name));
  }
  return permissions;
}

/// Reads `com.demo.app`, `body.app_id`, `query.org_id?` or `path.app`.
std::optional<Target> read_target(const ObjectReader& reader, std::string_view field,
                                  const RequestPattern& on) {
  constexpr auto& kPlaces = base::kNames<Target::Place>;
  std::string written = reader.nonempty_string(field);
  if (written.empty()) return std::nullopt;
  size_t dot = std::min(written.find('.'), written.size());
  std::string prefix = written.substr(0, dot);
  auto place = base::parse_name<Target::Place>(prefix);
  if (!place) {
    // An id such as com.demo.app, unless it looks like a place.
    std::string hint = base::did_you_mean(prefix, kPlaces);
    if (hint.empty() && prefix == "header") hint = "; the places are query, body and path";
    if (dot < written.size() && !hint.empty()) {
      reader.add_problem(field, json::quote(prefix) + " is not a place" + hint);
    } else if (written.ends_with('?')) {
      reader.add_problem(
          field, json::quote(written) + " is an id, which cannot be optional; remove the \"?\"");
    }
    return Target{Target::Place::literal, written};
  }
  Target target{*place, written.substr(std::min(dot + 1, written.size()))};
  target.is_optional = target.name.ends_with('?');
  if (target.is_optional) target.name.pop_back();
  if (target.name.empty()) {
    reader.add_problem(field, "needs a name after \"" + prefix + ".\", such as \"" + prefix + "." +
                                  std::string(field) + "_id\"");
  } else if (*place == Target::Place::path && !on.path.empty() &&
             (on.path + "/").find("/:" + target.name + "/") == std::string::npos) {
    reader.add_problem(field, "the path in \"on\" has no \":" + target.name + "\"");
  }
  return target;
}

/// Reads the channel, which must be one of an app.
std::optional<Target> read_channel(const ObjectReader& reader, const RequestPattern& on,
                                   RightsCheck rights_check) {
  if (reader.find("channel") == nullptr) return std::nullopt;
  if (rights_check != RightsCheck::permissions) {
    reader.add_problem("channel", "in this contract, no key is for a channel; remove it");
  } else if (reader.find("app") == nullptr) {
    reader.add_problem("channel", "needs \"app\" beside it, which has the channel; add that");
  }
  return read_target(reader, "channel", on);
}

}  // namespace

std::optional<Requirement> read_requires(const ObjectReader& outer, const RequestPattern& on,
                                         RightsCheck rights_check) {
  auto reader = outer.object("requires", kFields);
  if (!reader) return std::nullopt;
  return Requirement{
      read_modes(*reader, rights_check),       read_permissions(*reader, rights_check),
      read_target(*reader, "app", on),         read_target(*reader, "org", on),
      read_channel(*reader, on, rights_check), std::nullopt};
}

}  // namespace scenario
