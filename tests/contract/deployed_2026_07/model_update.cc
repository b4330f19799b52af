#include "contract/deployed_2026_07/model.h"

// Update. (section 14)

namespace july_model {
namespace {

bool has_nul(const Ordered& name) {
  return name.get<std::string>().find('\0') != std::string::npos;
}

bool gives_rights(const Sent& sent) {
  return sent.body.contains("bindings") || sent.body.contains("global_permissions");
}

}  // namespace

std::optional<Reply> Model::check_update(const Sent& sent) const {
  if (auto rejection = check_json(sent)) return rejection;
  if (auto rejection = check_bindings(sent)) return rejection;
  if (auto rejection = check_permissions(sent)) return rejection;
  auto refuse = [&](const char* code, const char* message) {
    return reject(400, code, message, request_info());
  };
  if (sent.id.empty()) return refuse("api_key_id_required", "API key ID is required");
  if (!is_id(sent.id)) {
    return refuse("invalid_id_format", "API key ID must be a valid UUID or number");
  }
  if (auto rejection = check_date(sent)) return rejection;
  const Ordered& body = sent.body;
  if (body.contains("name") && !body["name"].is_string()) {
    return refuse("name_must_be_a_string", "Name must be a string");
  }
  if (body.contains("regenerate") && !body["regenerate"].is_boolean()) {
    return refuse("regenerate_must_be_boolean", "regenerate must be a boolean");
  }
  bool changes = body.contains("name") || body.contains("expires_at") || gives_rights(sent) ||
                 body.value("regenerate", false);
  if (changes) return std::nullopt;
  return refuse("no_valid_fields_provided_for_update",
                "No valid fields provided for update. Provide name, expires_at, bindings, "
                "global_permissions, or regenerate.");
}

std::optional<Reply> Model::check_target(const Sent& sent, const ApiKey& key) const {
  if (!caller_.key) return std::nullopt;
  if (caller_.key->id == key.id) return deny(sent, "API keys cannot update themselves");
  if (gives_rights(sent)) return deny(sent, "API keys cannot update API key permissions");
  if (can_manage(*caller_.key, key)) return std::nullopt;
  return deny(sent, "API key cannot manage this API key");
}

std::optional<Reply> Model::check_changed_policies(const Sent& sent, const ApiKey& key) const {
  bool has_date = sent.body.contains("expires_at");
  bool has_bindings = sent.body.contains("bindings");
  if (!has_date && !has_bindings) return std::nullopt;
  std::optional<Time> expires = has_date ? std::nullopt : key.expires_at;
  if (sent.date) expires = sent.date->to_javascript;
  return check_policies(has_bindings ? org_ids_in(sent.body["bindings"]) : org_ids_of(*key.rights),
                        expires);
}

std::optional<Reply> Model::check_rights_to_assign(const Sent& sent, const ApiKey& key) const {
  auto forbid = [&](const std::string& id) {
    Ordered info = request_info();
    info["orgId"] = id;
    std::string text = "Forbidden - Admin rights required for org ";
    return reject(403, "forbidden_binding", text + id, info, text + "O");
  };
  std::optional<Reply> rejection;
  for (const std::string& id : org_ids_of(*key.rights)) {
    if (role_in(find_org(id), caller_.user).assigns) continue;
    // The page does not determine the order of the key's orgs.
    if (rejection) rejection->bodies.push_back(forbid(id).bodies[0]);
    if (!rejection) rejection = forbid(id);
  }
  if (rejection || !sent.body.contains("bindings")) return rejection;
  for (const std::string& id : org_ids_in(sent.body["bindings"])) {
    if (!role_in(find_org(id), caller_.user).assigns) return forbid(id);
  }
  return std::nullopt;
}

/// Saves the name and the date of a request that gives no rights.
std::optional<Reply> Model::save_columns(const Sent& sent, ApiKey& row) const {
  auto fail = [&](const Ordered& error, const std::string& cause) {
    Ordered info = request_info();
    info["supabaseError"] = error;
    return reject(500, "failed_to_update_apikey", "Failed to update API key", info, cause);
  };
  const Ordered& body = sent.body;
  if (body.contains("name") && has_nul(body["name"])) {
    return fail(database_error("22P05", "\\u0000 cannot be converted to text.", nullptr,
                               "unsupported Unicode escape sequence"),
                "name");
  }
  if (sent.date && !sent.date->to_database) {
    return fail(database_error(sent.date->code, nullptr, sent.date->hint, sent.date->message),
                "date");
  }
  if (body.contains("expires_at")) row.expires_at.reset();
  if (sent.date) row.expires_at = sent.date->to_database;
  if (body.contains("name")) row.name = body["name"];
  if (!body.contains("expires_at")) return std::nullopt;
  std::optional<milliseconds> time;
  if (row.expires_at) time = to_milliseconds(*row.expires_at);
  std::optional<Reply> rejection;
  for (const BrokenPolicy& each : broken_policies(org_ids_of(*row.rights), time)) {
    Reply one = fail(database_error("P0001", each.sentence, nullptr, each.code), "trigger");
    if (rejection) rejection->bodies.push_back(one.bodies[0]);
    if (!rejection) rejection = one;
  }
  return rejection;
}

/// Replaces the bindings and permissions after the name and the date are saved.
std::optional<BindingError> Model::replace_rights(const Sent& sent, ApiKey& row) const {
  const Ordered& body = sent.body;
  bool has_bindings = body.contains("bindings");
  std::optional<milliseconds> time;
  if (sent.date) time = to_milliseconds(*sent.date->to_javascript);
  if (sent.date && *sent.date->to_javascript >= *base::parse_extended_time("10000-01-01")) {
    return BindingError{};
  }
  if (body.contains("name") && has_nul(body["name"])) return BindingError{};
  if (body.contains("name")) row.name = body["name"];
  if (body.contains("expires_at")) {
    // The trigger checks the old bindings.
    if (!broken_policies(org_ids_of(*row.rights), time).empty()) return BindingError{};
    row.expires_at.reset();
    if (time) row.expires_at = Time(*time);
  }
  if (has_bindings) row.rights->bindings.clear();
  for (const Ordered& each : body.value("bindings", Ordered::array())) {
    if (auto error = insert(each, row.user_id, *row.rights)) return error;
  }
  auto& permissions = row.rights->global_permissions;
  if (body.contains("global_permissions")) permissions = to_permissions(body["global_permissions"]);
  if (has_admin_binding(*row.rights) || permissions.empty()) return std::nullopt;
  if (has_bindings) permissions.clear();
  if (has_bindings) return std::nullopt;
  return BindingError{400, "org.create requires an org-scoped admin API key binding"};
}

std::optional<Reply> Model::save_with_rights(const Sent& sent, ApiKey& row) const {
  bool has_bindings = sent.body.contains("bindings");
  if (has_bindings) {
    if (auto rejection = check_sensitive_roles(sent.body["bindings"])) return rejection;
  }
  if (auto rejection = check_rights_to_assign(sent, row)) return rejection;
  if (has_bindings) {
    if (auto rejection = check_admin_binding(sent)) return rejection;
  }
  auto error = replace_rights(sent, row);
  if (!error) return std::nullopt;
  if (error->status != 0 && has_bindings) {
    return reject(error->status, "binding_failed", error->message, update_info(row.id));
  }
  if (error->status != 0) {
    return reject(400, "invalid_global_permissions", error->message, request_info());
  }
  if (has_bindings) {
    return reject(500, "binding_update_failed", "Failed to update role bindings for the API key",
                  update_info(row.id));
  }
  return reject(500, "global_permission_update_failed", "Failed to update API key permissions",
                update_info(row.id));
}

Reply Model::regenerate(ApiKey row) {
  set_secret(row, generated_.secret, row.key_hash.has_value());
  keys[row.id] = row;
  return reply({{"id", row.id},
                {"created_at", rest_time(row.created_at)},
                {"user_id", row.user_id},
                {"key", generated_.secret},
                {"updated_at", rest_time(row.updated_at)},
                {"name", row.name},
                {"key_hash", row.key_hash ? Ordered(*row.key_hash) : Ordered()},
                {"expires_at", row.expires_at ? Ordered(rest_time(*row.expires_at)) : Ordered()},
                {"rbac_id", *row.rbac_id},
                {"is_hashed_key", row.key_hash.has_value()}},
               row.key_hash ? "200 regenerated hashed" : "200 regenerated plain");
}

Reply Model::update(const Sent& sent) {
  if (auto rejection = check_update(sent)) return *rejection;
  Ordered info = request_info();
  const ApiKey* found = look_up(sent.id, info["supabaseError"]);
  if (found == nullptr) {
    bool is_missing = info["supabaseError"]["code"] == "PGRST116";
    return reject(is_missing ? 404 : 500, "api_key_not_found_or_access_denied",
                  "API key not found or access denied", info);
  }
  ApiKey row = *found;
  if (auto rejection = check_target(sent, row)) return *rejection;
  if (auto rejection = check_changed_policies(sent, row)) return *rejection;
  auto rejection = gives_rights(sent) ? save_with_rights(sent, row) : save_columns(sent, row);
  if (rejection) return *rejection;
  const Ordered& body = sent.body;
  if (row.name.empty()) row.name = "Apikey " + std::to_string(row.id);
  bool is_new_secret = body.value("regenerate", false);
  if (body.contains("name") || body.contains("expires_at") || is_new_secret) row.updated_at = now;
  keys[row.id] = row;
  has_changed = true;
  if (is_new_secret) return regenerate(row);
  Ordered fields = columns(row);
  if (body.contains("global_permissions")) {
    fields["global_permissions"] = row.rights->global_permissions;
  }
  return reply(fields, gives_rights(sent) ? "200 with rights" : "200");
}

}  // namespace july_model
