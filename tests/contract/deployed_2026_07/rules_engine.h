#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/embedded_files.h"
#include "engine/requests.h"

/// Engines of the contract of July 2026 with keys that have roles, for guarded rules.
namespace rules_tests {

/// The owner of all keys, an org_member of org_acme.
constexpr const char* kMember = "00000000-0000-4000-8000-00000000000a";

/// The scope of a role, by its name.
inline capgo::Scope scope_of(std::string_view role) {
  if (role.starts_with("channel_")) return capgo::Scope::channel;
  return role.starts_with("app_") ? capgo::Scope::app : capgo::Scope::org;
}

/// A role for org_acme, com.demo.app or its channel production.
inline capgo::Binding binding_of(std::string_view role) {
  capgo::Binding binding{std::string(role), scope_of(role), "org_acme"};
  if (binding.scope != capgo::Scope::org) binding.app_id = "uuid-demo";
  if (binding.scope == capgo::Scope::channel) binding.channel_id = "rbac-41";
  return binding;
}

/// Two orgs, each with an app and a channel, and keys with these secrets and rights, whose ids are
/// 1, 2 and so on.
inline capgo::Snapshot snapshot_of(const std::vector<std::pair<std::string, capgo::Rights>>& keys) {
  capgo::Snapshot snapshot;
  snapshot.orgs.resize(2);
  snapshot.orgs[0].id = "org_acme";
  snapshot.orgs[0].name = "Acme";
  snapshot.orgs[0].members = std::vector<capgo::Member>{{kMember, "org_member"}};
  snapshot.orgs[1].id = "org_b";
  snapshot.orgs[1].members.emplace();
  snapshot.apps = {{"uuid-demo", "com.demo.app", "org_acme"},
                   {"uuid-other", "com.other.app", "org_b"}};
  snapshot.channels = {{41, "rbac-41", "production", "com.demo.app"},
                       {42, "rbac-42", "production", "com.other.app"}};
  for (const auto& [secret, rights] : keys) {
    capgo::ApiKey key;
    key.id = static_cast<int64_t>(snapshot.keys.size()) + 1;
    key.key = secret;
    key.name = secret;
    key.user_id = kMember;
    key.rights = rights;
    snapshot.keys.push_back(key);
  }
  return snapshot;
}

/// An engine with this scenario, or else public-api.
inline engine::Engine engine_with(const capgo::Snapshot& snapshot, std::string scenario = "",
                                  std::optional<int64_t> rate_limit = std::nullopt) {
  test_engine::Options options;
  options.contract = contract::find_contract("deployed-2026-07");
  options.rate_limit = rate_limit;
  std::string_view public_api = base::embedded_file(options.contract->public_api_file());
  options.scenarios = {scenario.empty() ? std::string(public_api) : std::move(scenario)};
  auto loaded =
      scenario::load_scenario("s.json", options.scenarios[0], scenario::RightsCheck::permissions);
  CHECK(loaded.problems.empty());
  engine::EngineConfig config = test_engine::make_config(options);
  config.sandbox.fixtures = store::make_seed(snapshot);
  config.sandbox.built_in.push_back({"public-api", public_api});
  return engine::Engine(std::move(config));
}

}  // namespace rules_tests
