#include "engine/engine.h"

#include "base/suggest.h"
#include "contract/explain.h"
#include "engine/asked.h"
#include "engine/control.h"
#include "http/shown_path.h"

namespace engine {
namespace {

/// One request in its sandbox, and what comes of it beside the answer.
struct Turn {
  Sandbox& sandbox;
  const http::Request& request;
  /// Without the sandbox's and the base path.
  std::string_view path;
  const Stopwatch& watch;
  Trace& trace;
};

Beginning make_beginning(Setup& setup) {
  Beginning beginning{setup.contract,
                      store::make_seed(setup.fixtures),
                      setup.clock,
                      setup.starts_at,
                      setup.seed,
                      setup.rate_limit,
                      {},
                      setup.journal,
                      pick_key(setup.fixtures, setup.clock.now())};
  for (scenario::Scenario& scenario : setup.scenarios) {
    beginning.scenarios.push_back(std::make_shared<scenario::Scenario>(std::move(scenario)));
  }
  return beginning;
}

/// Runs the endpoint's steps, or says that there is no such endpoint.
http::Response answer_by_contract(const contract::Contract& contract, std::string_view path,
                                  contract::Call& call) {
  if (call.endpoint == nullptr) {
    call.refused_by = "find_endpoint";
    return contract::refuse_unknown_endpoint(contract, path, call);
  }
  try {
    return contract::run(contract, call);
  } catch (const store::StoreError& error) {
    call.refused_by = "store";
    return contract::refuse_with_reason(contract, call.refused_by,
                                        {capgo::ErrorName::server_error, error.what()}, call);
  }
}

/// Who calls, be it that no step has asked; nobody if the store cannot tell.
std::optional<capgo::ApiKey> find_caller(const contract::Contract& contract,
                                         const http::Request& request,
                                         const store::KeyStore& keys) {
  auto credential = contract.credential(request.headers);
  if (!credential) return std::nullopt;
  try {
    return keys.find_by_secret(credential->secret);
  } catch (const store::StoreError&) {
    return std::nullopt;
  }
}

/// An error that no step found but somebody asked for. Who calls is looked up for what some
/// contracts tell beside it.
http::Response inject(const contract::Contract& contract, capgo::ErrorName error,
                      std::string_view rule, std::string reason, contract::Call& call) {
  call.caller = find_caller(contract, call.request, call.keys);
  contract::Refusal refusal{error, std::move(reason)};
  if (error == capgo::ErrorName::rate_limited)
    refusal.retry_at = call.now + std::chrono::minutes{1};
  return contract::refuse_with_reason(contract, rule, refusal, call);
}

/// The error a request asks for itself. (X-Mock-Scenario)
std::optional<http::Response> requested_error(const contract::Contract& contract,
                                              contract::Call& call, Trace& trace) {
  const std::string* name = call.request.headers.find("X-Mock-Scenario");
  if (name == nullptr) return std::nullopt;
  trace.scenario = "X-Mock-Scenario";
  if (auto error = capgo::parse_error_name(*name)) {
    return inject(contract, *error, trace.scenario, "the request asked for " + *name, call);
  }
  std::string names;
  for (std::string_view each : capgo::kErrorNames) names += " " + std::string(each);
  return refuse_control(400,
                        "X-Mock-Scenario: there is no error named " +
                            contract::quoted(call, *name) +
                            base::did_you_mean(*name, capgo::kErrorNames),
                        {"the errors are:" + names});
}

/// The rule of a scenario that acts on this request, if one does; it is counted.
std::optional<scenario::Decision> decide(const Turn& turn) REQUIRES(turn.sandbox.mutex) {
  if (turn.sandbox.rules.empty()) return std::nullopt;
  scenario::Asked asked = as_asked(turn.sandbox.contract, turn.request, turn.path);
  const store::KeyStore& keys = *turn.sandbox.keys;
  asked.caller_mode = [&]() -> std::optional<capgo::KeyMode> {
    auto caller = find_caller(turn.sandbox.contract, turn.request, keys);
    return caller ? std::optional(caller->mode) : std::nullopt;
  };
  auto decision = turn.sandbox.rules.decide(asked);
  if (decision) turn.trace.scenario = decision->source;
  return decision;
}

/// The answer a rule gives instead of the contract, if it gives one.
std::optional<http::Response> scripted_answer(const contract::Contract& contract,
                                              const std::optional<scenario::Decision>& decision,
                                              contract::Call& call) {
  if (!decision) return std::nullopt;
  std::string rule = "scenario " + decision->source;
  if (auto error = decision->act->error) {
    return inject(contract, *error, rule, "error " + std::string(capgo::error_name(*error)), call);
  }
  if (!decision->act->respond) return std::nullopt;
  http::Response response = *decision->act->respond;
  response.headers.set("X-Mock-Reason", http::as_header_value(rule + ": respond"));
  return response;
}

/// What a rule does to the wire, as data for the transport.
void misbehave(const std::optional<scenario::Decision>& decision, http::Response& response) {
  if (!decision) return;
  response.delay = decision->delay;
  response.fault = decision->act->fault;
  response.dribble = decision->act->dribble;
}

/// Writes down what was asked and answered: in the journal, and for the log.
void record(const Turn& turn, contract::Call& call, const http::Response& response)
    REQUIRES(turn.sandbox.mutex) {
  Trace& trace = turn.trace;
  auto is_secret = [&](std::string_view segment) {
    return call.endpoint == nullptr && contract::is_secret(call, segment);
  };
  trace.path = http::shorten_secrets_in_path(turn.path, is_secret);
  trace.refused_by = call.refused_by;
  trace.microseconds = turn.watch.microseconds();
  if (!call.caller) call.caller = find_caller(turn.sandbox.contract, turn.request, call.keys);
  journal::Note note;
  note.at = call.now;
  note.path = turn.path;
  if (call.caller) note.key_id = call.caller->id;
  if (call.caller) note.caller_mode = call.caller->mode;
  note.refused_by = trace.refused_by;
  note.scenario = trace.scenario;
  note.microseconds = trace.microseconds;
  turn.sandbox.journal.record(turn.request, response, note);
}

/// What the sandbox answers.
http::Response answer_in_sandbox(const Turn& turn) {
  const contract::Contract& contract = turn.sandbox.contract;
  contract::Route route = contract::find_endpoint(contract, turn.request.method, turn.path);

  base::MutexLock lock(turn.sandbox.mutex);
  contract::Call call{turn.request,
                      route.params,
                      route.endpoint,
                      *turn.sandbox.keys,
                      turn.sandbox.ids,
                      turn.sandbox.windows,
                      turn.sandbox.beginning.rate_limit,
                      turn.sandbox.clock.now(),
                      contract.request_id(turn.request, turn.sandbox.ids)};
  std::optional<scenario::Decision> decision;
  std::optional<http::Response> response = requested_error(contract, call, turn.trace);
  if (!response) {
    decision = decide(turn);
    response = scripted_answer(contract, decision, call);
  }
  if (!response) response = answer_by_contract(contract, turn.path, call);

  misbehave(decision, *response);
  contract.finish(call, turn.path, *response);
  response->headers.set("X-Mock-Contract", std::string(contract.name));
  record(turn, call, *response);
  return *std::move(response);
}

http::Response refuse_sandbox_name(std::string_view name, Sandbox& plain) {
  return refuse_control(400,
                        "\"" + http::shorten_secrets_in_path(name, {}) + "\" cannot name a sandbox",
                        {std::string(kNameForm)}, &plain);
}

/// What a control call answers. Nothing that another page may read, or take for a script.
http::Response answer_control(const ControlCall& call) {
  http::Response response;
  std::vector<std::string> problems;
  // A call that has fields tells of them with all that is wrong in them.
  if (call.route.query.empty()) problems = judge_query(call.route, call.request.query());
  try {
    response = problems.empty() ? call.route.answer(call) : refuse_query(call, problems);
  } catch (const store::StoreError& error) {
    response = refuse(call, 500, "the store failed; nothing was changed", {error.what()});
  }
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
  return response;
}

/// The refusal of a guard.
http::Response refuse_by_guard(const GuardRefusal& refusal, Sandbox& plain, Trace& trace) {
  trace.refused_by = refusal.guard;
  return refuse_control(refusal.status, refusal.error, refusal.details, &plain);
}

}  // namespace

Engine::Engine(Setup setup)
    : base_path_(std::move(setup.base_path)),
      version_(std::move(setup.version)),
      shipped_(std::move(setup.shipped)),
      guards_(setup.guards),
      observer_(std::move(setup.observer)),
      sandboxes_(make_beginning(setup), std::move(setup.durable), setup.max_sandboxes) {}

http::Response Engine::handle(const http::Request& request) {
  Stopwatch watch;
  Trace trace;
  http::Response response = answer(request, watch, trace);
  if (!observer_) return response;
  if (trace.path.empty()) {  // No sandbox has answered.
    trace.path = http::shorten_secrets_in_path(
        find_place(request.path()).path,
        [&](std::string_view text) { return is_secret(trace.sandbox, text); });
    trace.microseconds = watch.microseconds();
  }
  observer_(request, response, trace);
  return response;
}

http::Response Engine::answer(const http::Request& request, const Stopwatch& watch, Trace& trace) {
  Place place = find_place(request.path());
  if (place.sandbox && is_name(*place.sandbox)) trace.sandbox = *place.sandbox;
  auto refusal = guards_.judge_host(request);
  if (refusal) return refuse_by_guard(*refusal, sandboxes_.plain(), trace);

  ControlMatch control;
  if (is_control_path(place.path)) {
    trace.refused_by = "control";  // Unless it does not refuse.
    refusal = guards_.judge_control(request);
    if (refusal) return refuse_by_guard(*refusal, sandboxes_.plain(), trace);
    control = find_control_route(request.method, place.path);
    if (control.route == nullptr) {
      return refuse_unknown_control(request.method, place.path, sandboxes_.plain());
    }
  }

  std::shared_ptr<Sandbox> named;  // Lives while it answers, even if it is dropped meanwhile.
  if (place.sandbox) {
    trace.refused_by = "sandbox";
    if (!is_name(*place.sandbox)) return refuse_sandbox_name(*place.sandbox, sandboxes_.plain());
    bool may_make = control.route == nullptr || !control.route->is_of_server();
    named = may_make ? sandboxes_.find_or_make(*place.sandbox) : sandboxes_.find(*place.sandbox);
    if (!named && may_make) return refuse_one_more_sandbox(sandboxes_.most());
  }
  Sandbox& sandbox = named ? *named : sandboxes_.plain();
  if (control.route == nullptr) {
    return answer_in_sandbox({sandbox, request, place.path, watch, trace});
  }
  http::Response response = answer_control({*control.route, request, control.params, sandbox,
                                            sandboxes_, shipped_, base_path_, version_});
  trace.refused_by = response.status >= 400 ? "control" : "";
  return response;
}

bool Engine::is_secret(std::string_view sandbox, std::string_view text) {
  if (sandboxes_.beginning().fixtures->has_secret(text)) return true;
  std::shared_ptr<Sandbox> named = sandboxes_.find(sandbox);
  Sandbox& world = named ? *named : sandboxes_.plain();
  base::MutexLock lock(world.mutex);
  return secrets_of(*world.keys)(text);
}

capgo::Snapshot Engine::snapshot() {
  Sandbox& sandbox = sandboxes_.plain();
  base::MutexLock lock(sandbox.mutex);
  return sandbox.keys->snapshot();
}

/// The base path may stand before `/sandbox/NAME` and after it.
Engine::Place Engine::find_place(std::string_view path) const {
  constexpr std::string_view kBefore = "/sandbox/";
  path = without_base_path(path);
  if (!path.starts_with(kBefore)) return {std::nullopt, path};
  std::string_view rest = path.substr(kBefore.size());
  std::string_view name = rest.substr(0, rest.find('/'));
  rest.remove_prefix(name.size());
  return {name, rest.empty() ? "/" : without_base_path(rest)};
}

std::string_view Engine::without_base_path(std::string_view path) const {
  if (base_path_.empty() || !path.starts_with(base_path_)) return path;
  std::string_view rest = path.substr(base_path_.size());
  return rest.starts_with('/') ? rest : path;
}

}  // namespace engine
