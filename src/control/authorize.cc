#include <algorithm>
#include <array>

#include "base/redact.h"
#include "base/suggest.h"
#include "base/time_format.h"
#include "capgo/permissions.h"
#include "capgo/rights.h"
#include "contract/explain.h"
#include "contract/requirement.h"
#include "control/control.h"
#include "json/object_reader.h"

/// The control call that says what a key may do.
namespace control {
namespace {

using scenario::Target;

/// A call of the API that a guarded rule answers.
struct GuardedCall {
  std::string method;
  std::string path;
  /// Has the rule.
  std::shared_ptr<const scenario::Scenario> scenario;
  const scenario::Rule* rule;
};

/// What a key wants to do: an action, a call or a permission, and the app, org or channel.
struct Query {
  capgo::Action action;
  std::optional<GuardedCall> call;
  std::vector<std::string> permissions;
  std::optional<std::string> channel_id;
};

/// Sets the org of a known app. Returns the problem if the request has another org.
std::optional<std::string> resolve_org(const std::vector<capgo::App>& apps, capgo::Action& action) {
  const capgo::App* app = action.app_id ? capgo::find_app(apps, *action.app_id) : nullptr;
  if (app == nullptr) return std::nullopt;
  if (action.org_id && action.org_id != app->owner_org) {
    return "app \"" + app->app_id + "\" belongs to org \"" + app->owner_org + "\"; remove org_id";
  }
  action.org_id = app->owner_org;
  return std::nullopt;
}

/// Replaces the internal UUID of an app, which bindings have, by its public id.
void resolve_app(const std::vector<capgo::App>& apps, std::optional<std::string>& app_id) {
  const capgo::App* app = app_id ? capgo::find_app_by_internal_id(apps, *app_id) : nullptr;
  if (app != nullptr) app_id = app->app_id;
}

/// Reads the fields "action", "app_id" and "org_id".
capgo::Action read_action(const json::ObjectReader& reader, const engine::Sandbox& sandbox)
    REQUIRES(sandbox.mutex) {
  capgo::Action action;
  if (!sandbox.contract.has_roles()) {
    action.needs = reader.enum_value<capgo::KeyMode>("action").value_or(action.needs);
  }
  for (auto [name, id] : {std::pair("app_id", &action.app_id), {"org_id", &action.org_id}}) {
    if (reader.find(name) != nullptr) *id = reader.nonempty_string(name);
  }
  if (sandbox.contract.has_roles()) resolve_app(sandbox.keys->apps(), action.app_id);
  if (reader.find("action") == nullptr && reader.find("permission") == nullptr) return action;
  auto conflict = resolve_org(sandbox.keys->apps(), action);
  if (conflict) reader.add_problem("org_id", *conflict);
  return action;
}

/// Finds the guarded rule for a call in a scenario; null if there is none.
const scenario::Rule* find_rule(const scenario::Scenario& scenario, const GuardedCall& call) {
  auto is_for_call = [&](const scenario::Rule& rule) {
    return rule.effect.requirement && (rule.on.method == "*" || rule.on.method == call.method) &&
           http::match_path(rule.on.path, call.path);
  };
  auto found = std::find_if(scenario.rules.begin(), scenario.rules.end(), is_for_call);
  return found == scenario.rules.end() ? nullptr : &*found;
}

/// Reads the field "call": a call of the active scenarios, or else of the contract's public API.
std::optional<GuardedCall> read_call(const json::ObjectReader& reader,
                                     const engine::Sandbox& sandbox) REQUIRES(sandbox.mutex) {
  auto written = reader.string("call");
  if (!written) return std::nullopt;
  if (written->find('?') != std::string::npos) {
    reader.add_problem("call", "has a query; leave it out, and send app_id or org_id instead");
    return std::nullopt;
  }
  size_t space = std::min(written->find(' '), written->size());
  GuardedCall call{written->substr(0, space), "", nullptr, nullptr};
  call.path =
      http::decode_path(std::string_view(*written).substr(std::min(space + 1, written->size())));
  std::vector<std::shared_ptr<const scenario::Scenario>> scenarios;
  for (const auto& active : sandbox.rules.active()) scenarios.push_back(active.scenario);
  scenarios.push_back(sandbox.config.load_built_in("public-api"));
  std::vector<std::string> calls;
  for (auto& each : scenarios) {
    if (!each) continue;
    call.rule = find_rule(*each, call);
    call.scenario = each;
    if (call.rule != nullptr) return call;
    for (const auto& rule : each->rules) calls.push_back(rule.on.method + " " + rule.on.path);
  }
  std::vector<std::string_view> known(calls.begin(), calls.end());
  reader.add_problem("call", json::quote(*written) +
                                 " is not a call of a guarded rule or of the scenario public-api" +
                                 base::did_you_mean(*written, known));
  return std::nullopt;
}

/// Reads the field "permission".
std::vector<std::string> read_permission(const json::ObjectReader& reader) {
  std::string name = reader.nonempty_string("permission");
  if (name.empty()) return {};
  if (!capgo::is_permission(name)) {
    reader.add_problem("permission", capgo::explain_unknown_permission(name));
  }
  return {name};
}

/// Reads the field "channel_id": a number, or a string.
std::optional<std::string> read_channel(const json::ObjectReader& reader,
                                        const engine::Sandbox& sandbox) {
  const json::Ordered* field = reader.find("channel_id");
  if (field == nullptr) return std::nullopt;
  if (!sandbox.contract.has_roles()) {
    reader.add_problem("channel_id", "in contract " + std::string(sandbox.contract.name) +
                                         ", no key is for a channel; remove it");
  } else if (reader.find("app_id") == nullptr && reader.find("call") == nullptr) {
    reader.add_problem("channel_id", "needs \"app_id\" beside it; add that");
  }
  return field->is_number_integer() ? field->dump() : reader.nonempty_string("channel_id");
}

/// Adds a problem unless the object has exactly one of two fields.
void require_one(const json::ObjectReader& reader, std::string_view first,
                 std::string_view second) {
  bool has_first = reader.find(first) != nullptr;
  if (!reader.value().is_object() || has_first != (reader.find(second) != nullptr)) return;
  std::string names = json::quote(first) + (has_first ? " and " : " or ") + json::quote(second);
  reader.add_problem(names + (has_first ? " exclude each other; remove one"
                                        : " is missing; give one of them a value"));
}

/// Adds a problem unless the object has either a call, or what the contract has: an action, which
/// is a mode, or a permission.
void require_question(const json::ObjectReader& reader, const engine::Sandbox& sandbox) {
  std::string contract = "contract " + std::string(sandbox.contract.name);
  if (sandbox.contract.has_roles() && reader.find("action") != nullptr) {
    auto written = reader.find("action")->is_string() ? reader.string("action") : std::nullopt;
    auto mode = base::parse_name<capgo::KeyMode>(written.value_or(""));
    auto permission = capgo::nearest_permission(mode.value_or(capgo::KeyMode::upload));
    reader.add_problem("action", contract + " has roles instead of modes; send \"permission\": " +
                                     json::quote(permission));
  } else if (!sandbox.contract.has_roles() && reader.find("permission") != nullptr) {
    auto mode = capgo::nearest_mode(reader.string("permission").value_or(""));
    reader.add_problem("permission", contract + " has modes instead of roles; send \"action\": " +
                                         json::quote(base::name_of(mode)));
  } else {
    require_one(reader, sandbox.contract.has_roles() ? "permission" : "action", "call");
  }
}

Query read_query(const json::ObjectReader& reader, const engine::Sandbox& sandbox)
    REQUIRES(sandbox.mutex) {
  require_question(reader, sandbox);
  Query query{read_action(reader, sandbox), read_call(reader, sandbox), {}, {}};
  if (sandbox.contract.has_roles()) query.permissions = read_permission(reader);
  query.channel_id = read_channel(reader, sandbox);
  return query;
}

/// Finds the key, which must not have expired; or says why not.
std::variant<capgo::ApiKey, capgo::Decision> find_key(const std::optional<std::string>& secret,
                                                      int64_t id, const engine::Sandbox& sandbox)
    REQUIRES(sandbox.mutex) {
  auto key = secret ? sandbox.keys->find_by_secret(*secret) : sandbox.keys->find_by_id(id);
  if (!key) {
    return capgo::Decision{false,
                           secret ? "no key has the secret " + json::quote(base::redact(*secret))
                                  : "no key has the id " + std::to_string(id)};
  }
  if (key->expires_at && *key->expires_at < sandbox.clock.now()) {
    return capgo::Decision{false, contract::describe(*key) + " expired at " +
                                      base::format_time_with_fraction(*key->expires_at)};
  }
  return *std::move(key);
}

/// `key 3 has mode "upload", which allows "upload"`
std::string explain_mode(const capgo::ApiKey& key, std::string_view allowed) {
  return contract::describe(key) + " has mode " + json::quote(base::name_of(key.mode)) +
         ", which allows " + json::quote(allowed);
}

capgo::Decision evaluate_action(const capgo::ApiKey& key, const capgo::Action& action) {
  capgo::Decision decision = capgo::authorize(key, action);
  bool is_known = !action.app_id || action.org_id;
  if (!decision.allowed && !is_known) {
    decision.reason += "; the fixtures have no app \"" + *action.app_id + "\"";
  }
  if (decision.allowed) {
    decision.reason = explain_mode(key, base::name_of(action.needs)) +
                      (key.is_limited() ? ", and is within its limits" : "");
  }
  return decision;
}

capgo::Decision evaluate_permission(const capgo::ApiKey& key, const Query& query,
                                    const engine::Sandbox& sandbox) REQUIRES(sandbox.mutex) {
  contract::Requirement requirement;
  requirement.permissions = query.permissions;
  requirement.app_id = query.action.app_id;
  requirement.org_id = query.action.org_id;
  requirement.channel_id = query.channel_id;
  return sandbox.contract.caller_check.check_access(requirement, {&key, key.user_id},
                                                    *sandbox.keys);
}

/// Without an app or an org that the call needs, the key's limits are named, but not checked.
capgo::Decision evaluate_call(const capgo::ApiKey& key, const Query& query,
                              const engine::Sandbox& sandbox) REQUIRES(sandbox.mutex) {
  const GuardedCall& call = *query.call;
  const scenario::Requirement& required = *call.rule->effect.requirement;
  auto find_id = [&](const std::optional<Target>& target, const std::optional<std::string>& given) {
    if (!target) return std::optional<std::string>();
    if (target->place == Target::Place::literal) return std::optional(target->name);
    if (target->place != Target::Place::path) return given;
    auto params = http::match_path(call.rule->on.path, call.path);
    const std::string& value = *http::find_param(*params, target->name);
    return value.starts_with(':') ? given : std::optional(value);
  };
  contract::Requirement requirement{call.method, call.path, required.modes, required.permissions};
  requirement.app_id = find_id(required.app, query.action.app_id);
  requirement.org_id = find_id(required.org, query.action.org_id);
  requirement.channel_id = find_id(required.channel, query.channel_id);
  const contract::CallerCheck& check = sandbox.contract.caller_check;
  if (check.check_mode != nullptr) {
    if (auto error = check.check_mode(key, requirement)) return {false, std::move(error->reason)};
  }
  capgo::Decision decision = check.check_access(requirement, {&key, key.user_id}, *sandbox.keys);
  if (!decision.allowed || sandbox.contract.has_roles()) return decision;
  decision.reason = explain_mode(key, call.method + " " + call.path);
  if (!key.is_limited() || !(required.app || required.org)) return decision;
  bool is_checked = requirement.app_id || requirement.org_id;
  decision.reason +=
      is_checked ? ", and is within its limits" : ", and " + capgo::describe_limits(key);
  return decision;
}

capgo::Decision evaluate(const capgo::ApiKey& key, const Query& query,
                         const engine::Sandbox& sandbox) REQUIRES(sandbox.mutex) {
  if (query.call) return evaluate_call(key, query, sandbox);
  return sandbox.contract.has_roles() ? evaluate_permission(key, query, sandbox)
                                      : evaluate_action(key, query.action);
}

}  // namespace

http::Response authorize(const Call& call) {
  static constexpr auto kFields = std::to_array<std::string_view>(
      {"key", "key_id", "action", "call", "permission", "app_id", "org_id", "channel_id"});
  json::Document body("body", call.request.body);
  capgo::Decision decision;
  if (!body.has_problems()) {
    json::ObjectReader reader(body, body.root(), "", kFields);
    require_one(reader, "key", "key_id");
    auto secret = reader.string("key");
    auto id = reader.integer("key_id", {1, double{capgo::kMaxId}});
    base::MutexLock lock(call.sandbox.mutex);
    Query query = read_query(reader, call.sandbox);
    auto key = find_key(secret, id.value_or(0), call.sandbox);
    if (auto* found = std::get_if<capgo::ApiKey>(&key)) {
      decision = evaluate(*found, query, call.sandbox);
    } else {
      decision = std::get<capgo::Decision>(std::move(key));
    }
  }
  if (body.has_problems()) return reject_body(call, body);
  json::Writer answer;
  answer.open_object().member("allowed", decision.allowed).member("reason", decision.reason);
  return respond(answer.close_object());
}

}  // namespace control
