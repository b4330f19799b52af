#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "contract/deployed_model.h"

/// The part of the model that makes and changes keys.
namespace deployed_model {

/// What a member of the body means; of several with one name the last counts. (section 13)
inline std::optional<Ordered> field(const Ask& ask, const std::string& name) {
  for (size_t i = ask.members.size(); i > 0; --i) {
    if (ask.members[i - 1].name == name) return json::parse_ordered(ask.members[i - 1].meant);
  }
  return std::nullopt;
}

inline std::optional<Answer> Model::refuse_body(const Ask& ask, const std::string& method) const {
  if (ask.shape == Shape::no_json) {
    return refuse(method + "invalid_json_parse_body", 400, "invalid_json_parse_body",
                  "Invalid JSON body", {{"e", Ordered::object()}});
  }
  const auto device = field(ask, "device_id");
  const bool is_bad_device = device && is_truthy(*device) && !device->is_string();
  if (ask.shape != Shape::null && !is_bad_device) return std::nullopt;
  return refuse(method + (is_bad_device ? "unknown_error: device_id" : "unknown_error"), 500,
                "unknown_error", "Unknown error");
}

// Sections 9 and 10.

inline std::optional<Answer> Model::refuse_date(const Ask& ask, const std::string& method) const {
  if (!ask.date) return std::nullopt;
  if (!ask.date->to_javascript) {
    return refuse(method + "invalid_expiration_date: format", 400, "invalid_expiration_date",
                  "Invalid expiration date format");
  }
  if (to_milliseconds(*ask.date->to_javascript) > to_milliseconds(now)) return std::nullopt;
  return refuse(method + "invalid_expiration_date: future", 400, "invalid_expiration_date",
                "Expiration date must be in the future");
}

inline bool Model::can_read(const capgo::Org& org) const {
  const auto has = [](const auto& list, const std::string& item) {
    return std::ranges::find(list, item) != list.end();
  };
  if (org.members && !has(*org.members, caller_.user)) return false;
  return !caller_.reader || !caller_.reader->is_limited_to_orgs() ||
         has(*caller_.reader->limited_to_orgs, org.id);
}

inline std::vector<Variant> Model::policy_failures(const std::vector<std::string>& org_ids,
                                                   std::optional<base::Time> expires,
                                                   const std::string& method) const {
  std::vector<std::string> ids;
  for (const std::string& text : org_ids) {
    const auto id = read_uuid(text);
    if (std::holds_alternative<DatabaseError>(id)) return {};
    ids.push_back(std::get<std::string>(id));
  }
  std::vector<Variant> failures;
  for (const capgo::Org& org : world_.orgs) {
    if (std::ranges::find(ids, org.id) == ids.end() || !can_read(org)) continue;
    const int64_t days = org.max_apikey_expiration_days.value_or(0);
    if (org.require_apikey_expiration && !expires) {
      failures.push_back(refuse(method + "expiration_required", 400, "expiration_required",
                                "This organization requires API keys to have an expiration date")
                             .variants[0]);
    } else if (days > 0 && expires &&
               to_milliseconds(*expires) > to_milliseconds(now) + std::chrono::hours(24 * days)) {
      failures.push_back(refuse(method + "expiration_exceeds_max", 400, "expiration_exceeds_max",
                                "API key expiration cannot exceed " + std::to_string(days) +
                                    " days for this organization")
                             .variants[0]);
    }
  }
  return failures;
}

/// Puts what the body has into the row, as the database reads it; all that it finds wrong. Which
/// one it tells, the page does not say.
inline std::vector<DatabaseError> Model::put_fields(const Ask& ask, ApiKey& row) const {
  std::vector<DatabaseError> errors;
  if (const auto name = field(ask, "name")) {
    row.name = name->is_string() ? name->get<std::string>() : name->dump();
  }
  if (const auto mode = field(ask, "mode"); mode && !mode->is_null()) {
    row.mode = static_cast<KeyMode>(mode_index(*mode));
  }
  if (const auto apps = field(ask, "limited_to_apps")) {
    row.limited_to_apps = apps->get<std::vector<std::string>>();
  }
  std::string texts = row.name;
  for (const std::string& app : row.limited_to_apps.value_or(std::vector<std::string>{})) {
    texts += app;
  }
  if (texts.find('\0') != std::string::npos) errors.push_back(nul_in_text());
  if (auto orgs = field(ask, "limited_to_orgs")) {
    row.limited_to_orgs = orgs->get<std::vector<std::string>>();
    for (std::string& org : *row.limited_to_orgs) {
      const auto id = read_uuid(org);
      if (const auto* const error = std::get_if<DatabaseError>(&id)) {
        errors.push_back(*error);
        break;
      }
      org = std::get<std::string>(id);
    }
  }
  if (field(ask, "expires_at")) row.expires_at.reset();
  if (ask.date) {
    if (const auto* const error = std::get_if<DatabaseError>(&ask.date->to_database)) {
      errors.push_back(*error);
    } else {
      row.expires_at = std::get<base::Time>(ask.date->to_database);
    }
  }
  return errors;
}

inline Answer Model::failed_writes(const std::vector<DatabaseError>& errors, bool updates) const {
  Answer answer;
  for (const DatabaseError& error : errors) {
    answer.variants.push_back(
        (updates
             ? refuse_update("failed_to_update_apikey " + error.code, 500,
                             "failed_to_update_apikey", "Failed to update API key", supabase(error))
             : refuse("POST failed_to_create_apikey " + error.code, 400, "failed_to_create_apikey",
                      "Failed to create API key", supabase(error)))
            .variants[0]);
  }
  return answer;
}

// Section 13.

inline std::optional<Answer> Model::refuse_create_fields(const Ask& ask) const {
  const auto apps = field(ask, "limited_to_apps");
  const auto orgs = field(ask, "limited_to_orgs");
  const auto refuse_apps = [](const char* kind) {
    return refuse(std::string("POST invalid_limited_to_apps") + kind, 400,
                  "invalid_limited_to_apps", "limited_to_apps must be an array of app ids");
  };
  const auto refuse_orgs = [](const char* kind) {
    return refuse(std::string("POST invalid_limited_to_orgs") + kind, 400,
                  "invalid_limited_to_orgs", "limited_to_orgs must be an array of org ids");
  };
  if (apps && !apps->is_array()) return refuse_apps("");
  if (orgs && !orgs->is_array()) return refuse_orgs("");
  if (apps && !is_strings(*apps)) return refuse_apps(": items");
  if (orgs && !is_strings(*orgs)) return refuse_orgs(": items");
  const auto name = field(ask, "name");
  if (!name || !is_truthy(*name)) {
    return refuse(ask.shape == Shape::object ? "POST name_is_required" : "POST no object", 400,
                  "name_is_required", "Name is required");
  }
  if (const auto mode = field(ask, "mode"); mode && !mode->is_null()) {
    if (!is_truthy(*mode)) {
      return refuse("POST mode_is_required", 400, "mode_is_required", "Mode is required");
    }
    if (mode_index(*mode) < 0) {
      return refuse("POST invalid_mode", 400, "invalid_mode", "Invalid mode");
    }
  }
  return refuse_date(ask, "POST ");
}

/// Puts the org and the app that the body names in the place of its lists.
inline std::optional<Answer> Model::use_org_and_app(Ask& ask) const {
  const auto find = [&](const auto& all, const Ordered& wanted, const auto& is_readable) {
    const auto id = read_uuid(string_of(wanted));
    if (const auto* const error = std::get_if<DatabaseError>(&id))
      return std::pair(all.end(), *error);
    const auto found = std::ranges::find_if(all, [&](const auto& each) {
      return each.id == std::get<std::string>(id) && is_readable(each);
    });
    return std::pair(found, no_row());
  };
  const auto is_readable_org = [&](const capgo::Org& org) { return can_read(org); };
  const auto is_readable_app = [&](const capgo::App& app) { return can_read_app(app); };
  if (const auto wanted = field(ask, "org_id"); wanted && is_truthy(*wanted)) {
    const auto found = find(world_.orgs, *wanted, is_readable_org);
    if (found.first == world_.orgs.end()) {
      return refuse("POST org_not_found " + found.second.code, 404, "org_not_found",
                    "Org not found", supabase(found.second));
    }
    const std::string list = Ordered::array({found.first->id}).dump();
    ask.members.push_back({"limited_to_orgs", list, list});
  }
  if (const auto wanted = field(ask, "app_id"); wanted && is_truthy(*wanted)) {
    const auto found = find(world_.apps, *wanted, is_readable_app);
    if (found.first == world_.apps.end()) {
      return refuse("POST app_not_found " + found.second.code, 404, "app_not_found",
                    "App not found", supabase(found.second));
    }
    const std::string list = Ordered::array({found.first->app_id}).dump();
    ask.members.push_back({"limited_to_apps", list, list});
  }
  return std::nullopt;
}

inline bool Model::can_read_app(const capgo::App& app) const {
  const auto& reader = caller_.reader;
  if (reader && reader->is_limited_to_apps() &&
      std::ranges::find(*reader->limited_to_apps, app.app_id) == reader->limited_to_apps->end()) {
    return false;
  }
  return std::ranges::any_of(
      world_.orgs, [&](const capgo::Org& org) { return org.id == app.owner_org && can_read(org); });
}

inline Answer Model::create(const Ask& asked) {
  Ask ask = asked;
  if (auto refusal = refuse_body(ask, "POST ")) return *refusal;
  if (auto refusal = refuse_create_fields(ask)) return *refusal;
  if (auto refusal = use_org_and_app(ask)) return *refusal;
  const auto orgs = field(ask, "limited_to_orgs");
  std::optional<base::Time> expires;
  if (ask.date) expires = ask.date->to_javascript;
  auto failures = policy_failures(orgs.value_or(Ordered::array()), expires, "POST ");
  if (!failures.empty()) return {failures};
  ApiKey row;
  row.id = last_id_ + 1;
  row.mode = KeyMode::all;
  row.user_id = caller_.user;
  row.created_at = row.updated_at = now;
  const auto errors = put_fields(ask, row);
  if (!errors.empty()) return failed_writes(errors, false);
  if (field(ask, "hashed") == Ordered(true)) row.key_hash = "";
  return {{{row.key_hash ? "create: hashed" : "create", 200, ""}}, std::nullopt, row};
}

// Section 14.

inline std::optional<Answer> Model::refuse_update_fields(const Ask& ask) const {
  if (const auto name = field(ask, "name"); name && !name->is_string()) {
    return refuse_update("name_must_be_a_string", 400, "name_must_be_a_string",
                         "Name must be a string");
  }
  if (const auto mode = field(ask, "mode"); mode && mode_index(*mode) < 0) {
    return refuse_update("invalid_mode", 400, "invalid_mode",
                         "Invalid mode. Must be one of: read, write, all, upload");
  }
  for (const std::string list : {"limited_to_apps", "limited_to_orgs"}) {
    if (const auto value = field(ask, list); value && !is_strings(*value)) {
      const std::string code = list + "_must_be_an_array_of_strings";
      return refuse_update(code, 400, code.c_str(), list + " must be an array of strings");
    }
  }
  const auto regenerate = field(ask, "regenerate");
  if (regenerate && !regenerate->is_boolean()) {
    return refuse_update("regenerate_must_be_boolean", 400, "regenerate_must_be_boolean",
                         "regenerate must be a boolean");
  }
  if (regenerate == Ordered(true)) return std::nullopt;
  for (const char* const name :
       {"name", "mode", "limited_to_apps", "limited_to_orgs", "expires_at"}) {
    if (field(ask, name)) return std::nullopt;
  }
  return refuse_update("no_valid_fields_provided_for_update", 400,
                       "no_valid_fields_provided_for_update",
                       "No valid fields provided for update. Provide name, mode, limited_to_apps, "
                       "limited_to_orgs, or expires_at.");
}

inline std::variant<int64_t, DatabaseError> Model::find_for_update(const std::string& id) const {
  if (is_digits(id)) return find_by_id(through_number(id));
  for (const auto& [row_id, key] : keys) {
    if (key.key == id && key.user_id == caller_.user) return row_id;
  }
  return no_row();
}

inline Answer Model::update(const Ask& ask) {
  if (auto refusal = refuse_body(ask, "PUT ")) return *refusal;
  const auto body_id = field(ask, "id");
  const std::string id = ask.path_id ? *ask.path_id : body_id ? string_of(*body_id) : "";
  if (id.empty()) {
    return refuse_update("api_key_id_required", 400, "api_key_id_required",
                         "API key ID is required");
  }
  if (!is_digits(id) && !is_uuid(id)) {
    return refuse_update("invalid_id_format", 400, "invalid_id_format",
                         "API key ID must be a valid UUID or number");
  }
  if (auto refusal = refuse_date(ask, "PUT ")) return *refusal;
  if (auto refusal = refuse_update_fields(ask)) return *refusal;
  const auto found = find_for_update(id);
  if (const auto* const error = std::get_if<DatabaseError>(&found)) {
    return refuse_update(error->code, error->code == "PGRST116" ? 404 : 500,
                         "api_key_not_found_or_access_denied", "API key not found or access denied",
                         supabase(*error));
  }
  ApiKey row = keys.at(std::get<int64_t>(found));
  const std::vector<std::string> orgs = field(ask, "limited_to_orgs").value_or(Ordered::array());
  if (!orgs.empty() || field(ask, "expires_at")) {
    std::optional<base::Time> expires;
    if (ask.date) expires = ask.date->to_javascript;
    if (!field(ask, "expires_at")) expires = row.expires_at;
    const auto stored = row.limited_to_orgs.value_or(std::vector<std::string>{});
    auto failures = policy_failures(orgs.empty() ? stored : orgs, expires, "PUT ");
    if (!failures.empty()) return {failures};
  }
  const auto errors = put_fields(ask, row);
  if (!errors.empty()) return failed_writes(errors, true);
  if (row.name.empty()) row.name = "Apikey " + std::to_string(row.id);
  row.updated_at = now;
  keys[row.id] = row;
  if (field(ask, "regenerate") != Ordered(true)) return {{{"update", 200, row_text(row)}}};
  return {{{row.key_hash ? "regenerate: hashed" : "regenerate", 200, ""}}, std::nullopt, row};
}

}  // namespace deployed_model
