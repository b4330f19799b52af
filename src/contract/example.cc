#include <map>
#include <set>

#include "capgo/permissions.h"
#include "capgo/rights.h"
#include "contract/requirement.h"
#include "json/writer.h"

/// Examples of the public API's responses: the orgs, apps and users of the fixtures, and else the
/// smallest object that the vendor's OpenAPI file allows. Nothing that a request changes is kept.
namespace contract {
namespace {

using scenario::Example;

constexpr std::string_view kAppId = "com.example.app";
constexpr std::string_view kDeviceId = "00000000-0000-4000-8000-000000000001";

void write_app(json::Writer& body, std::string_view app_id,
               const std::optional<std::string>& owner_org) {
  body.open_object().member("app_id", app_id);
  if (owner_org) body.member("owner_org", *owner_org);
  body.close_object();
}

void write_org(json::Writer& body, std::string_view id, std::string_view name) {
  body.open_object().member("id", id).member("name", name).close_object();
}

void write_member(json::Writer& body, const std::string& user_id, std::string_view role) {
  body.open_object().member("uid", user_id).member("email", user_id + "@example.com");
  body.member("role", role).close_object();
}

/// What the caller can read. Without a caller, everything can be read.
class Readable {
 public:
  Readable(const Contract& contract, const Call& call) : call_(call) {
    if (!call.caller || !contract.has_roles()) return;
    by_role_.emplace();
    auto rights = capgo::rights_of(*call.caller, call.keys.orgs(), call.keys.apps());
    for (const capgo::Binding& binding : rights.bindings) {
      bool is_of_org = binding.scope == capgo::Scope::org;
      if (is_of_org && gives(binding, "org.read")) by_role_->orgs.insert(binding.org_id);
      if (!gives(binding, "app.read")) continue;
      if (is_of_org) by_role_->orgs_of_apps.insert(binding.org_id);
      if (binding.scope == capgo::Scope::app) by_role_->apps.insert(*binding.app_id);
    }
  }

  bool has(const capgo::Org& org) const {
    return by_role_ ? by_role_->orgs.contains(org.id) : is_within_limits(org.id, std::nullopt);
  }
  bool has(const capgo::App& app) const {
    if (!by_role_) return is_within_limits(app.owner_org, app.app_id);
    return by_role_->orgs_of_apps.contains(app.owner_org) || by_role_->apps.contains(app.id);
  }

 private:
  struct ByRole {
    std::set<std::string> orgs;
    /// All apps of these orgs, and these apps.
    std::set<std::string> orgs_of_apps;
    std::set<std::string> apps;
  };

  /// Returns whether the caller's user can read the org, and the org and the app are within the
  /// key's limits.
  bool is_within_limits(const std::string& org_id, std::optional<std::string> app_id) const {
    if (!call_.caller) return true;
    const capgo::ApiKey& key = *call_.caller;
    const capgo::Org* org = capgo::find_org(call_.keys.orgs(), org_id);
    return (org == nullptr || capgo::can_read(*org, key.user_id)) &&
           capgo::authorize(key, {capgo::KeyMode::read, std::move(app_id), org_id}).allowed;
  }

  const Call& call_;
  std::optional<ByRole> by_role_;
};

void write_apps(json::Writer& body, const Readable& readable, const Requirement& requirement,
                const Call& call) {
  body.open_array();
  for (const capgo::App& app : call.keys.apps()) {
    if (requirement.org_id && requirement.org_id != app.owner_org) continue;
    if (readable.has(app)) write_app(body, app.app_id, app.owner_org);
  }
  body.close_array();
}

/// The app that the request names, or creates.
void write_named_app(json::Writer& body, const Requirement& requirement, const Call& call) {
  std::string app_id = requirement.app_id.value_or(std::string(kAppId));
  const auto& sent = call.body.value();
  if (!requirement.app_id && sent && sent->is_object()) {
    auto field = sent->find("app_id");
    if (field != sent->end() && field->is_string()) app_id = field->get<std::string>();
  }
  std::optional<std::string> owner_org = requirement.org_id;
  const capgo::App* app = capgo::find_app(call.keys.apps(), app_id);
  if (!owner_org && app != nullptr) owner_org = app->owner_org;
  write_app(body, app_id, owner_org);
}

/// The org that the request names, or else all that the key can read.
void write_organizations(json::Writer& body, const Readable& readable,
                         const Requirement& requirement, const Call& call) {
  if (requirement.org_id) {
    const capgo::Org* org = capgo::find_org(call.keys.orgs(), *requirement.org_id);
    write_org(body, *requirement.org_id, org != nullptr ? org->name : *requirement.org_id);
    return;
  }
  body.open_array();
  for (const capgo::Org& org : call.keys.orgs()) {
    if (readable.has(org)) write_org(body, org.id, org.name);
  }
  body.close_array();
}

/// The members of the org. An org without a list has every user, so all owners of keys. An unknown
/// org has the caller.
void write_members(json::Writer& body, const Contract& contract, const Requirement& requirement,
                   const Call& call) {
  const capgo::Org* org = capgo::find_org(call.keys.orgs(), requirement.org_id.value_or(""));
  std::map<std::string, const capgo::Role*> roles;
  if (org == nullptr && call.caller) {
    roles[call.caller->user_id] = nullptr;
  } else if (org != nullptr && org->members) {
    for (const capgo::Member& member : *org->members) {
      const capgo::Role*& role = roles[member.user_id];
      const capgo::Role* given =
          contract.has_roles() ? capgo::find_role(member.role_name) : nullptr;
      if (role == nullptr || (given != nullptr && given->rank > role->rank)) role = given;
    }
  } else {
    constexpr size_t kMaxKeys = 1000;
    call.keys.for_each(kMaxKeys, [&](const capgo::ApiKey& key) { roles[key.user_id] = nullptr; });
  }
  body.open_array();
  for (const auto& [user, role] : roles) {
    bool is_default = role == nullptr || role->name == capgo::Member().role_name;
    write_member(body, user, is_default ? "super_admin" : role->name);
  }
  body.close_array();
}

void write_device(json::Writer& body, std::string_view device_id, std::string_view app_id) {
  body.open_object().member("device_id", device_id).member("app_id", app_id);
  body.member("platform", "ios").close_object();
}

/// One device, alone if the query has its id.
std::string render_devices(const std::string& app_id, const Call& call) {
  json::Writer body;
  http::Query query(call.request.query());
  const std::string* device_id = query.find("device_id");
  if (device_id != nullptr && !device_id->empty()) {
    write_device(body, *device_id, app_id);
    return body.take();
  }
  body.open_object().name("data").open_array();
  write_device(body, kDeviceId, app_id);
  return body.close_array().member("hasMore", false).close_object().take();
}

void write_bundles(json::Writer& body, const std::string& app_id) {
  body.open_array().open_object().member("id", 1).member("app_id", app_id);
  body.member("name", "1.0.0").close_object().close_array();
}

void write_channel(json::Writer& body, int64_t id, std::string_view name, std::string_view app_id) {
  body.open_object().member("id", id).member("name", name).member("app_id", app_id).close_object();
}

/// The channels of the app, or else one. Only contracts with roles have channels.
void write_channels(json::Writer& body, const Contract& contract, const std::string& app_id,
                    const Call& call) {
  bool has_channels = false;
  body.open_array();
  for (const capgo::Channel& channel : call.keys.channels()) {
    if (channel.app_id != app_id || !contract.has_roles()) continue;
    write_channel(body, channel.id, channel.name, app_id);
    has_channels = true;
  }
  if (!has_channels) write_channel(body, 1, "production", app_id);
  body.close_array();
}

}  // namespace

std::string render_example(Example example, const Contract& contract,
                           const Requirement& requirement, const Call& call) {
  std::string app_id = requirement.app_id.value_or(std::string(kAppId));
  if (example == Example::devices) return render_devices(app_id, call);
  json::Writer body;
  body.open_object().name("data");
  if (example == Example::app) write_named_app(body, requirement, call);
  if (example == Example::apps) write_apps(body, Readable(contract, call), requirement, call);
  if (example == Example::bundles) write_bundles(body, app_id);
  if (example == Example::channels) write_channels(body, contract, app_id, call);
  if (example == Example::members) write_members(body, contract, requirement, call);
  if (example == Example::organizations)
    write_organizations(body, Readable(contract, call), requirement, call);
  return body.close_object().take();
}

}  // namespace contract
