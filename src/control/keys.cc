#include <array>

#include "base/ascii.h"
#include "base/redact.h"
#include "base/time_format.h"
#include "capgo/rights.h"
#include "control/control.h"
#include "fixtures/fixture_file.h"
#include "json/object_reader.h"

/// The control calls about a sandbox's keys, orgs and apps.
namespace control {
namespace {

fixtures::Defaults defaults_for(const contract::Contract& contract, base::Time now) {
  return {now, contract.default_user, contract.has_roles()};
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
  return contract::json_response(
      200, fixtures::write_fixtures(snapshot, call.sandbox.contract.has_roles()));
}

http::Response import_state(const Call& call) {
  engine::Sandbox& sandbox = call.sandbox;
  std::array<fixtures::FixtureText, 1> texts = {{{"body", call.request.body}}};
  auto loaded = fixtures::load_fixtures(texts, defaults_for(sandbox.contract, now_in(sandbox)));
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
  base::MutexLock lock(sandbox.mutex);
  const store::KeyStore& keys = *sandbox.keys;
  auto [key, needs_secret, problems] = fixtures::load_key(
      {"body", call.request.body}, defaults_for(sandbox.contract, sandbox.clock.now()),
      {keys.orgs(), keys.apps(), keys.channels()});
  if (!problems.empty()) {
    return reject(call, 400, "the body is not a valid key; nothing was changed", problems);
  }
  auto conflicts = find_conflicts(*sandbox.keys, key);
  if (!conflicts.empty()) {
    return reject(call, 409, "another key has this id or secret; nothing was changed", conflicts);
  }
  if (needs_secret) {
    key.key = contract::unused_secret(sandbox.contract.new_secret, sandbox.ids, *sandbox.keys);
  }
  key.id = sandbox.keys->insert(key);
  if (sandbox.contract.has_roles()) key.rights = capgo::rights_of(key, keys.orgs(), keys.apps());
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

}  // namespace control
