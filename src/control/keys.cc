#include <array>

#include "base/ascii.h"
#include "base/redact.h"
#include "base/time_format.h"
#include "capgo/permissions.h"
#include "control/control.h"
#include "fixtures/fixture_file.h"
#include "json/object_reader.h"

/// The control calls about a sandbox's keys, orgs and apps.
namespace control {
namespace {

/// Sets the org of a known app. Returns the problem if the request has another org.
std::optional<std::string> resolve_org(const std::vector<capgo::App>& apps, capgo::Action& action) {
  if (!action.app_id) return std::nullopt;
  for (const capgo::App& app : apps) {
    if (app.app_id != action.app_id) continue;
    if (action.org_id && action.org_id != app.owner_org) {
      return "app \"" + app.app_id + "\" belongs to org \"" + app.owner_org + "\"; remove org_id";
    }
    action.org_id = app.owner_org;
  }
  return std::nullopt;
}

capgo::Decision evaluate(const std::string& secret, const capgo::Action& action,
                         const engine::Sandbox& sandbox) REQUIRES(sandbox.mutex) {
  auto key = sandbox.keys->find_by_secret(secret);
  if (!key) return {false, "no key has the secret \"" + base::redact(secret) + "\""};
  std::string which = "key " + std::to_string(key->id);
  if (key->expires_at && *key->expires_at < sandbox.clock.now()) {
    return {false, which + " expired at " + base::format_time_with_fraction(*key->expires_at)};
  }
  capgo::Decision decision = capgo::authorize(*key, action);
  bool is_known = !action.app_id || action.org_id;
  if (!decision.allowed && !is_known) {
    decision.reason += "; the fixtures have no app \"" + *action.app_id + "\"";
  }
  if (decision.allowed) {
    decision.reason = which + " has mode \"" + std::string(base::name_of(key->mode)) +
                      "\", which allows \"" + std::string(base::name_of(action.needs)) + "\"" +
                      (key->is_limited() ? ", and is within its limits" : "");
  }
  return decision;
}

base::Time now_in(engine::Sandbox& sandbox) {
  base::MutexLock lock(sandbox.mutex);
  return sandbox.clock.now();
}

/// Says which keys have the id or the secret of a new one.
std::vector<std::string> find_conflicts(const store::KeyStore& keys, const capgo::ApiKey& added) {
  std::vector<std::string> conflicts;
  if (added.id != 0 && keys.find_by_id(added.id)) {
    conflicts.push_back("body: /id: key " + std::to_string(added.id) +
                        " exists already; choose another id, or leave it out for the next one");
  }
  auto hash = capgo::secret_hash(added);
  if (auto holder = hash ? keys.find_by_hash(*hash) : std::nullopt) {
    conflicts.push_back(std::string("body: ") + (added.key ? "/key" : "/key_hash") + ": key " +
                        std::to_string(holder->id) + " has the same secret; choose another one");
  }
  return conflicts;
}

}  // namespace

http::Response reset_sandbox(const Call& call) {
  base::MutexLock lock(call.sandbox.mutex);
  call.sandbox.reset();
  return contract::json_response(200, R"({"status":"reset"})");
}

http::Response export_state(const Call& call) {
  capgo::Snapshot snapshot;
  {
    base::MutexLock lock(call.sandbox.mutex);
    snapshot = call.sandbox.keys->snapshot();
  }
  return contract::json_response(200, fixtures::write_fixtures(snapshot));
}

http::Response import_state(const Call& call) {
  engine::Sandbox& sandbox = call.sandbox;
  std::array<fixtures::FixtureText, 1> texts = {{{"body", call.request.body}}};
  auto loaded = fixtures::load_fixtures(texts, {now_in(sandbox), sandbox.contract.default_user});
  if (!loaded.problems.empty()) {
    return reject(call, 400, "the body is not a valid fixture; nothing was changed",
                  loaded.problems);
  }
  {
    base::MutexLock lock(sandbox.mutex);
    sandbox.import(loaded.snapshot);
  }
  json::Writer body;
  body.open_object().member("orgs", loaded.snapshot.orgs.size());
  body.member("apps", loaded.snapshot.apps.size()).member("keys", loaded.snapshot.keys.size());
  return respond(body.close_object());
}

http::Response add_key(const Call& call) {
  engine::Sandbox& sandbox = call.sandbox;
  auto [key, needs_secret, problems] = fixtures::load_key(
      {"body", call.request.body}, {now_in(sandbox), sandbox.contract.default_user});
  if (!problems.empty()) {
    return reject(call, 400, "the body is not a valid key; nothing was changed", problems);
  }
  base::MutexLock lock(sandbox.mutex);
  auto conflicts = find_conflicts(*sandbox.keys, key);
  if (!conflicts.empty()) {
    return reject(call, 409, "another key has this id or secret; nothing was changed", conflicts);
  }
  if (needs_secret) {
    key.key = contract::unused_secret(sandbox.contract.new_secret, sandbox.ids, *sandbox.keys);
  }
  key.id = sandbox.keys->insert(key);
  return contract::json_response(201, fixtures::write_key(key));
}

http::Response delete_key(const Call& call) {
  const std::string& id = *http::find_param(call.params, "id");
  auto number = base::parse_number<int64_t>(id, 1, capgo::kMaxId);
  base::MutexLock lock(call.sandbox.mutex);
  if (!number || !call.sandbox.keys->erase(*number)) {
    std::string known = number ? "no key has the id " + id
                               : json::quote(base::redact_id(id)) + " is not the id of a key";
    return reject(call, 404, known,
                  {"an id is a number, such as 3; GET /__admin/state lists the keys"});
  }
  return respond(json::Writer().open_object().member("deleted", *number).close_object());
}

http::Response authorize(const Call& call) {
  static constexpr std::array<std::string_view, 4> kFields = {"key", "action", "app_id", "org_id"};
  json::Document body("body", call.request.body);
  capgo::Decision decision;
  if (!body.has_problems()) {
    json::ObjectReader reader(body, body.root(), "", kFields);
    for (std::string_view needed : {"key", "action"}) reader.require(needed);
    std::string secret = reader.string("key").value_or("");
    capgo::Action action;
    action.needs = reader.enum_value<capgo::KeyMode>("action").value_or(action.needs);
    action.app_id = reader.string("app_id");
    action.org_id = reader.string("org_id");
    base::MutexLock lock(call.sandbox.mutex);
    auto conflict = resolve_org(call.sandbox.keys->apps(), action);
    if (conflict) reader.add_problem("org_id", *conflict);
    decision = evaluate(secret, action, call.sandbox);
  }
  if (body.has_problems()) return reject_body(call, body);
  json::Writer answer;
  answer.open_object().member("allowed", decision.allowed).member("reason", decision.reason);
  return respond(answer.close_object());
}

}  // namespace control
