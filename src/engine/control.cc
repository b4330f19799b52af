#include "engine/control.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/secret_text.h"
#include "base/suggest.h"
#include "contract/render.h"
#include "http/shown_path.h"
#include "json/writer.h"

namespace engine {
namespace {

constexpr bool kMayConflict = true;

constexpr std::array kRequestFields = {
    QueryField{"method", "only requests with this method"},
    QueryField{"path", "only those whose path matches: /apikey/, /apikey/:id/, /apikey*"},
    QueryField{"status", "only those answered so"},
    QueryField{"since", "only those with a greater id than this number, or not before this time"},
    QueryField{"limit", "only the newest so many of them"},
};

/// The table of the control API.
constexpr std::array kRoutes = {
    ControlRoute{"GET", "/__admin/health", tell_health, "Tells that the server is there", 200,
                 "Health"},
    ControlRoute{"GET", "/__admin/openapi.json", tell_openapi,
                 "Describes all calls, these and those of the contract, as OpenAPI 3.1", 200,
                 "OpenApi"},
    ControlRoute{"POST", "/__admin/reset", reset_sandbox,
                 "Makes the sandbox what it was at first: keys, ids, clock, scenarios and their "
                 "counts, journal",
                 200, "Reset"},
    ControlRoute{"GET", "/__admin/state", export_state,
                 "Gives all keys, orgs and apps as a fixture file", 200, "State"},
    ControlRoute{"PUT", "/__admin/state", import_state,
                 "Puts a fixture file in the place of all keys, orgs and apps", 200, "Imported",
                 "Fixtures"},
    ControlRoute{"GET",
                 "/__admin/requests",
                 list_requests,
                 "Lists the requests in the journal, newest last",
                 200,
                 "Requests",
                 {},
                 !kMayConflict,
                 kRequestFields},
    ControlRoute{"DELETE", "/__admin/requests", forget_requests, "Empties the journal", 200,
                 "Forgotten"},
    ControlRoute{"POST", "/__admin/verify", verify_requests,
                 "Checks how many requests in the journal match", 200, "Verified", "Expectation",
                 kMayConflict},
    ControlRoute{"GET", "/__admin/scenarios", list_scenarios,
                 "Lists the scenarios in force, and how often each rule acted", 200, "Scenarios"},
    ControlRoute{"PUT", "/__admin/scenarios/:name", put_scenario,
                 "Puts a scenario in force: its file as body, or no body for a shipped one", 200,
                 "Scenario", "ScenarioFile", kMayConflict},
    ControlRoute{"DELETE", "/__admin/scenarios/:name", remove_scenario, "Removes a scenario", 200,
                 "Removed"},
    ControlRoute{"DELETE", "/__admin/scenarios", remove_scenarios, "Removes all scenarios", 200,
                 "Removed"},
    ControlRoute{"GET", "/__admin/clock", tell_clock, "Tells the time", 200, "Clock"},
    ControlRoute{"PUT", "/__admin/clock", set_clock, "Sets the clock, freezes it, lets it go on",
                 200, "Clock", "ClockSetting"},
    ControlRoute{"POST", "/__admin/clock/advance", advance_clock, "Moves the clock ahead", 200,
                 "Clock", "ClockAdvance"},
    ControlRoute{"POST", "/__admin/authorize", authorize,
                 "Judges whether a key may do something, by its mode and its limits", 200,
                 "Judgement", "Action"},
    ControlRoute{"GET", "/__admin/sandboxes", list_sandboxes, "Lists the sandboxes with a name",
                 200, "Sandboxes"},
    ControlRoute{"POST", "/__admin/sandboxes", make_sandbox,
                 "Makes a sandbox, of a made-up name if none is given", 201, "Sandbox",
                 "SandboxName", kMayConflict},
    ControlRoute{"DELETE", "/__admin/sandboxes/:name", drop_sandbox, "Drops a sandbox", 200,
                 "Dropped"},
};

/// The text with the secrets in it shortened: what looks like one, and the sandbox's.
std::string without_secrets(const std::string& text, Sandbox* sandbox) {
  if (sandbox == nullptr) return base::shorten_secrets(text);
  base::MutexLock lock(sandbox->mutex);
  return base::shorten_secrets(text, secrets_of(*sandbox->keys));
}

}  // namespace

std::span<const ControlRoute> control_routes() { return kRoutes; }

ControlMatch find_control_route(std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  for (const ControlRoute& route : kRoutes) {
    if (route.method != method) continue;
    if (auto params = http::match_path(route.pattern, path)) return {&route, std::move(*params)};
  }
  return {};
}

bool ControlRoute::is_of_server() const {
  return answer == tell_health || answer == tell_openapi || answer == list_sandboxes ||
         answer == make_sandbox || answer == drop_sandbox;
}

std::vector<std::string> judge_query(const ControlRoute& route, std::string_view query) {
  std::vector<std::string_view> names;
  std::string known;
  for (const QueryField& field : route.query) {
    names.push_back(field.name);
    known.append(" ").append(field.name);
  }
  std::vector<std::string> problems;
  std::set<std::string> seen;
  for (const auto& [name, value] : http::query_fields(query)) {
    if (name.empty()) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      problems.push_back("there is no field \"" + name + "\"" + base::did_you_mean(name, names) +
                         (known.empty() ? "; this call takes none" : "; there are:" + known));
    } else if (!seen.insert(name).second) {
      problems.push_back(name + ": is there twice; give it once");
    }
  }
  return problems;
}

bool is_control_path(std::string_view path) {
  return path == "/__admin" || path.starts_with("/__admin/");
}

http::Response refuse_unknown_control(std::string_view method, std::string_view path,
                                      Sandbox& plain) {
  std::vector<std::string> calls;
  bool is_path = false;
  for (const ControlRoute& route : kRoutes) {
    std::string call = std::string(route.method) + " " + std::string(route.pattern);
    if (http::match_path(route.pattern, path)) {
      if (!is_path) calls.clear();  // Only what this path knows is of interest.
      is_path = true;
      calls.push_back(std::move(call));
    } else if (!is_path) {
      calls.push_back(std::move(call));
    }
  }
  std::string asked = std::string(method) + " " +
                      http::shorten_secrets_in_path(path, [](std::string_view) { return false; });
  std::string known = is_path ? "this path takes" : "the calls are";
  std::string_view separator = " ";
  for (const std::string& call : calls) {
    known.append(separator).append(call);
    separator = ", ";
  }
  return refuse_control(404, "there is no control call " + asked, {known}, &plain);
}

base::IsSecret secrets_of(const store::KeyStore& keys) {
  return [&keys](std::string_view text) {
    constexpr size_t kShortest = 6;
    if (base::looks_like_secret(text)) return true;
    if (text.size() < kShortest) return false;
    try {
      return keys.find_by_secret(text).has_value();
    } catch (const store::StoreError&) {
      return false;
    }
  };
}

http::Response refuse_control(int status, const std::string& error,
                              const std::vector<std::string>& details, Sandbox* sandbox) {
  std::string shown_error = without_secrets(error, sandbox);
  std::vector<std::string> shown_details;
  for (const std::string& each : details) shown_details.push_back(without_secrets(each, sandbox));
  json::Writer body;
  body.open_object().member("error", shown_error).member("details", shown_details).close_object();
  http::Response response = contract::json_response(status, body.take());
  std::string reason = shown_error;
  if (!details.empty()) reason += "; " + shown_details.front();
  response.headers.set("X-Mock-Reason", http::as_header_value(reason));
  return response;
}

std::string url_of(const http::Request& request) {
  const std::string* host = request.headers.find("Host");
  return host == nullptr ? "" : "http://" + *host;
}

http::Response tell_health(const ControlCall& call) {
  json::Writer body;
  body.open_object().member("status", "ok").member("version", call.version);
  body.member("contract", call.sandbox.contract.name).close_object();
  return contract::json_response(200, body.take());
}

}  // namespace engine
