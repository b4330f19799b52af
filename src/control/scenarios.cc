#include <algorithm>

#include "base/redact.h"
#include "base/suggest.h"
#include "control/control.h"

/// The control calls about the active scenarios of a sandbox.
namespace control {
namespace {

using Active = scenario::ActiveScenarios::Active;

/// Limits of a sandbox's scenarios, and of the rules of each.
constexpr size_t kMaxScenarios = 100;
constexpr size_t kMaxRules = 1000;

void write_scenario(json::Writer& body, const Active& active) {
  const scenario::Scenario& scenario = *active.scenario;
  body.open_object().member("name", scenario.name).member("description", scenario.description);
  body.name("rules").open_array();
  for (size_t i = 0; i < scenario.rules.size(); ++i) {
    const scenario::Rule& rule = scenario.rules[i];
    body.open_object().member("rule", i + 1);
    body.member("on", rule.on.method + " " + base::redact_path(rule.on.path));
    body.member("effect", scenario::describe(rule.effect));
    body.member("matched", active.counts[i].matched).member("fired", active.counts[i].fired);
    body.close_object();
  }
  body.close_array().close_object();
}

/// The rules that have not fired since they were activated, or since the last reset.
std::vector<std::string> unused_rules(std::span<const Active> all) {
  std::vector<std::string> rules;
  for (const Active& active : all) {
    for (const engine::Usage& use : engine::usages_of(active)) {
      if (!use.has_fired) rules.push_back(use.description);
    }
  }
  return rules;
}

std::vector<std::string> names_of(std::span<const Active> all) {
  std::vector<std::string> names;
  for (const Active& active : all) names.push_back(active.scenario->name);
  return names;
}

std::vector<std::string> built_in_names(const Call& call) {
  std::vector<std::string> names;
  for (const auto& each : call.sandbox.config.built_in) names.emplace_back(each.name);
  return names;
}

http::Response removed(const std::vector<std::string>& names) {
  return respond(json::Writer().open_object().member("removed", names).close_object());
}

http::Response reject_unknown(const Call& call, std::string_view kind, const std::string& name,
                              const std::vector<std::string>& known,
                              const std::vector<std::string>& details) {
  std::vector<std::string_view> views(known.begin(), known.end());
  return reject(call, 404, base::unknown_name(kind, json::redact_and_truncate(name), views),
                details);
}

}  // namespace

http::Response list_scenarios(const Call& call) {
  json::Writer body;
  body.open_object().name("scenarios").open_array();
  base::MutexLock lock(call.sandbox.mutex);
  for (const Active& active : call.sandbox.rules.active()) write_scenario(body, active);
  body.close_array().member("unused_rules", unused_rules(call.sandbox.rules.active()));
  body.member("built_in", built_in_names(call)).close_object();
  return respond(body);
}

http::Response get_scenario(const Call& call) {
  const std::string& name = *http::find_param(call.params, "name");
  std::shared_ptr<const scenario::Scenario> found;
  std::vector<std::string> known = built_in_names(call);
  {
    base::MutexLock lock(call.sandbox.mutex);
    for (const Active& active : call.sandbox.rules.active()) {
      const std::string& each = active.scenario->name;
      if (std::find(known.begin(), known.end(), each) == known.end()) known.push_back(each);
      if (!found && each == name) found = active.scenario;
    }
  }
  if (!found) found = call.sandbox.config.load_built_in(name);
  if (!found) return reject_unknown(call, "scenario", name, known, {});
  json::Writer body;
  body.open_object().member("name", found->name).member("description", found->description);
  body.name("rules").open_array();
  for (const scenario::Rule& rule : found->rules) body.json(rule.written);
  return respond(body.close_array().close_object());
}

http::Response put_scenario(const Call& call) {
  const std::string& name = *http::find_param(call.params, "name");
  if (!engine::is_name(name)) {
    return reject(call, 400, json::quote(name) + " is not a valid scenario name",
                  {std::string(engine::kNameForm)});
  }
  engine::Sandbox& sandbox = call.sandbox;
  std::shared_ptr<const scenario::Scenario> added;
  if (call.request.body.empty()) {
    added = sandbox.config.load_built_in(name);
    if (!added) {
      return reject_unknown(call, "built-in scenario", name, built_in_names(call),
                            {"the body is empty; send a scenario to activate your own"});
    }
  } else {
    scenario::LoadedScenario loaded =
        scenario::load_scenario("body", call.request.body, sandbox.contract.caller_check.rights);
    if (loaded.scenario.rules.size() > kMaxRules) {
      loaded.problems.push_back("body: /rules: too many rules; the limit is " +
                                std::to_string(kMaxRules));
    }
    if (!loaded.problems.empty()) {
      return reject(call, 400, "the body is not a valid scenario; nothing was changed",
                    loaded.problems);
    }
    loaded.scenario.name = name;
    added = std::make_shared<scenario::Scenario>(std::move(loaded.scenario));
  }

  base::MutexLock lock(sandbox.mutex);
  std::vector<std::string> names = names_of(sandbox.rules.active());
  bool is_new = std::find(names.begin(), names.end(), name) == names.end();
  if (is_new && names.size() >= kMaxScenarios) {
    return reject(call, 409,
                  "too many active scenarios; the limit is " + std::to_string(kMaxScenarios),
                  {"remove one with DELETE /__admin/scenarios/NAME"});
  }
  sandbox.usage.record(sandbox.rules);
  sandbox.rules.put(std::move(added));
  json::Writer body;
  for (const Active& active : sandbox.rules.active()) {
    if (active.scenario->name == name) write_scenario(body, active);
  }
  return respond(body);
}

http::Response remove_scenario(const Call& call) {
  const std::string& name = *http::find_param(call.params, "name");
  engine::Sandbox& sandbox = call.sandbox;
  base::MutexLock lock(sandbox.mutex);
  std::vector<std::string> names = names_of(sandbox.rules.active());
  sandbox.usage.record(sandbox.rules);
  if (sandbox.rules.remove(name)) return removed({name});
  return reject_unknown(call, "active scenario", name, names, {});
}

http::Response remove_scenarios(const Call& call) {
  engine::Sandbox& sandbox = call.sandbox;
  base::MutexLock lock(sandbox.mutex);
  std::vector<std::string> names = names_of(sandbox.rules.active());
  sandbox.usage.record(sandbox.rules);
  sandbox.rules.clear();
  return removed(names);
}

}  // namespace control
