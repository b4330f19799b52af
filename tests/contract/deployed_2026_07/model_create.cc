#include "contract/deployed_2026_07/model.h"

// Bodies and create.

namespace july_model {
namespace {

/// Returns the first error in the form of a binding; empty for none.
std::string binding_form_error(const Ordered& binding) {
  if (!binding.is_object()) return "Each binding must be an object";
  auto is_text = [&](const char* name) {
    Ordered value = binding.value(name, Ordered());
    return value.is_string() && value != "";
  };
  if (!is_text("role_name")) return "Each binding must have a role_name";
  Ordered scope = binding.value("scope_type", Ordered());
  if (scope != "org" && scope != "app" && scope != "channel") {
    return "Each binding must have a valid scope_type (org, app, channel)";
  }
  if (!is_text("org_id")) return "Each binding must have an org_id";
  Ordered app = binding.value("app_id", Ordered());
  if (!app.is_null() && !app.is_string()) return "app_id must be a string when provided";
  Ordered channel = binding.value("channel_id", Ordered());
  if (!channel.is_null() && !channel.is_string() && !channel.is_number()) {
    return "channel_id must be a string or number when provided";
  }
  return "";
}

/// Returns the name of a new key; nothing if the database rejects it. (section 13)
std::optional<std::string> to_name(Ordered name) {
  if (name.is_array() && (name.size() != 1 || !name[0].is_string())) return std::nullopt;
  if (name.is_array()) name = Ordered(name[0]);
  std::string text = name.is_string() ? name.get<std::string>() : name.dump();
  return text.find('\0') == std::string::npos ? std::optional(text) : std::nullopt;
}

}  // namespace

std::optional<Reply> Model::check_json(const Sent& sent) const {
  if (sent.shape == Shape::invalid) {
    return reject(400, "invalid_json_parse_body", "Invalid JSON body", {{"e", Ordered::object()}});
  }
  Ordered device = sent.body.value("device_id", Ordered());
  if (sent.shape == Shape::null)
    return reject(500, "unknown_error", "Unknown error", Ordered::object(), "null");
  if (!is_truthy(device) || device.is_string()) return std::nullopt;
  return reject(500, "unknown_error", "Unknown error", Ordered::object(), "device_id");
}

std::optional<Reply> Model::check_bindings(const Sent& sent) const {
  if (!sent.body.contains("bindings")) return std::nullopt;
  bool is_update = sent.route == Route::update;
  Ordered info = is_update ? request_info() : Ordered::object();
  const Ordered& bindings = sent.body["bindings"];
  if (!bindings.is_array()) {
    return reject(400, "invalid_bindings", "bindings must be an array", info);
  }
  for (const Ordered& each : bindings) {
    std::string error = binding_form_error(each);
    if (!error.empty()) return reject(400, "invalid_bindings", error);
  }
  if (!is_update || !bindings.empty()) return std::nullopt;
  return reject(400, "bindings_required", "API key bindings are required", info);
}

std::optional<Reply> Model::check_permissions(const Sent& sent) const {
  if (!sent.body.contains("global_permissions")) return std::nullopt;
  const Ordered& list = sent.body["global_permissions"];
  if (!list.is_array()) {
    return reject(400, "invalid_global_permissions", "global_permissions must be an array",
                  request_info());
  }
  for (const Ordered& each : list) {
    if (each == "org.create") continue;
    Ordered info = request_info();
    info["permission"] = each;
    return reject(400, "invalid_global_permissions", "Unsupported API key global permission", info);
  }
  return std::nullopt;
}

std::optional<Reply> Model::check_date(const Sent& sent) const {
  if (!sent.date) return std::nullopt;
  if (!sent.date->to_javascript) {
    return reject(400, "invalid_expiration_date", "Invalid expiration date format");
  }
  if (to_milliseconds(*sent.date->to_javascript) > to_milliseconds(now)) return std::nullopt;
  return reject(400, "invalid_expiration_date", "Expiration date must be in the future");
}

/// Looks at the sent names only.
std::optional<Reply> Model::check_admin_binding(const Sent& sent) const {
  Ordered permissions = sent.body.value("global_permissions", Ordered::array());
  bool has_admin = std::ranges::any_of(sent.body["bindings"], [](const Ordered& each) {
    return each["scope_type"] == "org" && is_admin_role(each["role_name"].get<std::string>());
  });
  if (permissions.empty() || has_admin) return std::nullopt;
  return reject(400, "invalid_global_permissions",
                "org.create requires an org-scoped admin API key binding", request_info());
}

std::optional<Reply> Model::check_policies(const std::vector<std::string>& org_ids,
                                           std::optional<Time> expires) const {
  std::vector<std::string> judged;
  for (const std::string& id : org_ids) {
    if (!is_uuid(id)) return std::nullopt;
    // Every role can read its org's policies; a calling key can read all.
    bool can_read = caller_.key || !role_in(find_org(id), caller_.user).name.empty();
    if (can_read) judged.push_back(id);
  }
  std::optional<milliseconds> time;
  if (expires) time = to_milliseconds(*expires);
  std::optional<Reply> rejection;
  for (const BrokenPolicy& each : broken_policies(judged, time)) {
    Reply one = reject(400, each.code, each.sentence, Ordered::object(), "policy");
    if (rejection)
      one.bodies.insert(one.bodies.end(), rejection->bodies.begin(), rejection->bodies.end());
    rejection = one;
  }
  return rejection;
}

std::optional<Reply> Model::check_sensitive_roles(const Ordered& bindings) const {
  for (const Ordered& each : bindings) {
    std::string role = each["role_name"];
    if (!is_sensitive_role(role) || role_in(find_org(each["org_id"]), caller_.user).assigns)
      continue;
    std::string text = "Forbidden - API key managers cannot assign the ";
    return reject(403, "forbidden_binding", text + role + " role", Ordered::object(),
                  text + "R role");
  }
  return std::nullopt;
}

// Section 13.

Reply Model::fail_creation() const {
  return reject(400, "binding_creation_failed", "Failed to create role bindings for the API key");
}

std::optional<Reply> Model::check_create(const Sent& sent) const {
  if (caller_.key) {
    return reject(400, "cannot_create_apikey", "API keys cannot create other API keys");
  }
  if (auto rejection = check_json(sent)) return rejection;
  if (auto rejection = check_bindings(sent)) return rejection;
  if (!is_truthy(sent.body.value("name", Ordered()))) {
    return reject(400, "name_is_required", "Name is required");
  }
  Ordered bindings = sent.body.value("bindings", Ordered::array());
  if (bindings.empty()) {
    return reject(400, "bindings_required", "API key bindings are required");
  }
  if (auto rejection = check_date(sent)) return rejection;
  if (auto rejection = check_permissions(sent)) return rejection;
  if (auto rejection = check_admin_binding(sent)) return rejection;
  auto expires = sent.date ? sent.date->to_javascript : std::nullopt;
  if (auto rejection = check_policies(org_ids_in(bindings), expires)) return rejection;
  if (auto rejection = check_sensitive_roles(bindings)) return rejection;
  for (const std::string& id : org_ids_in(bindings)) {
    if (role_in(find_org(id), caller_.user).manages) continue;
    std::string text = "Forbidden - API key management rights required for org ";
    return reject(403, "forbidden_binding", text + id, Ordered::object(), text + "O");
  }
  return std::nullopt;
}

Reply Model::create(const Sent& sent) {
  if (auto rejection = check_create(sent)) return *rejection;
  const Ordered& body = sent.body;
  auto name = to_name(body["name"]);
  if (!name || (sent.date && !sent.date->to_database)) return fail_creation();
  ApiKey row;
  row.id = last_id + 1;
  row.name = *name;
  row.user_id = caller_.user;
  row.created_at = row.updated_at = now;
  if (sent.date) row.expires_at = sent.date->to_database;
  row.rbac_id = generated_.rbac_id;
  row.rights.emplace();
  for (const Ordered& each : body["bindings"]) {
    auto error = insert(each, caller_.user, *row.rights);
    if (error && error->status == 0) return fail_creation();
    if (error) return reject(error->status, "binding_failed", error->message);
  }
  row.rights->global_permissions =
      to_permissions(body.value("global_permissions", Ordered::array()));
  bool is_hashed = body.value("hashed", Ordered()) == true;
  set_secret(row, generated_.secret, is_hashed);
  last_id = row.id;
  keys[row.id] = row;
  has_changed = true;
  return reply(
      {{"id", row.id},
       {"created_at", database_time(now)},
       {"user_id", row.user_id},
       {"key", generated_.secret},
       {"updated_at", database_time(now)},
       {"name", row.name},
       {"key_hash", row.key_hash ? Ordered(*row.key_hash) : Ordered()},
       {"expires_at", row.expires_at ? Ordered(database_time(*row.expires_at)) : Ordered()},
       {"rbac_id", *row.rbac_id},
       {"global_permissions", row.rights->global_permissions}},
      is_hashed ? "200 hashed" : "200 plain");
}

}  // namespace july_model
