#include <algorithm>
#include <array>

#include "base/redact.h"
#include "base/suggest.h"
#include "base/time_format.h"
#include "capgo/permissions.h"
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

/// Reads the fields "action", "app_id" and "org_id".
capgo::Action read_action(const json::ObjectReader& reader, const engine::Sandbox& sandbox)
    REQUIRES(sandbox.mutex) {
  capgo::Action action;
  action.needs = reader.enum_value<capgo::KeyMode>("action").value_or(action.needs);
  for (auto [name, id] : {std::pair("app_id", &action.app_id), {"org_id", &action.org_id}}) {
    if (reader.find(name) != nullptr) *id = reader.nonempty_string(name);
  }
  if (reader.find("action") == nullptr) return action;
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
  reader.add_problem("call", json::quote(json::redact_and_truncate(*written)) +
                                 " is not a call of a guarded rule or of the scenario public-api" +
                                 base::did_you_mean(*written, known));
  return std::nullopt;
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

/// Without an app or an org that the call needs, the key's limits are named, but not checked.
capgo::Decision evaluate_call(const capgo::ApiKey& key, const GuardedCall& call,
                              const capgo::Action& named, const engine::Sandbox& sandbox)
    REQUIRES(sandbox.mutex) {
  const scenario::Requirement& required = *call.rule->effect.requirement;
  auto find_id = [&](const std::optional<Target>& target, const std::optional<std::string>& given) {
    if (!target) return std::optional<std::string>();
    if (target->place == Target::Place::literal) return std::optional(target->name);
    if (target->place != Target::Place::path) return given;
    auto params = http::match_path(call.rule->on.path, call.path);
    const std::string& value = *http::find_param(*params, target->name);
    return value.starts_with(':') ? given : std::optional(value);
  };
  contract::Requirement requirement{call.method, call.path, required.modes,
                                    find_id(required.app, named.app_id),
                                    find_id(required.org, named.org_id)};
  auto error = sandbox.contract.caller_check.check_mode(key, requirement);
  if (!error) error = check_limits(sandbox.contract, requirement, key, *sandbox.keys);
  if (error) return {false, std::move(error->reason)};
  std::string reason = explain_mode(key, call.method + " " + call.path);
  bool is_checked = requirement.app_id || requirement.org_id;
  if (!key.is_limited() || !(required.app || required.org)) return {true, reason};
  if (is_checked) return {true, reason + ", and is within its limits"};
  return {true, reason + ", and " + capgo::describe_limits(key)};
}

}  // namespace

http::Response authorize(const Call& call) {
  static constexpr auto kFields =
      std::to_array<std::string_view>({"key", "key_id", "action", "call", "app_id", "org_id"});
  json::Document body("body", call.request.body);
  capgo::Decision decision;
  if (!body.has_problems()) {
    json::ObjectReader reader(body, body.root(), "", kFields);
    require_one(reader, "key", "key_id");
    require_one(reader, "action", "call");
    auto secret = reader.string("key");
    auto id = reader.integer("key_id", {1, double{capgo::kMaxId}});
    base::MutexLock lock(call.sandbox.mutex);
    auto guarded = read_call(reader, call.sandbox);
    capgo::Action action = read_action(reader, call.sandbox);
    auto key = find_key(secret, id.value_or(0), call.sandbox);
    if (auto* found = std::get_if<capgo::ApiKey>(&key)) {
      decision = guarded ? evaluate_call(*found, *guarded, action, call.sandbox)
                         : evaluate_action(*found, action);
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
