#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "base/suggest.h"
#include "base/time_format.h"
#include "contract/explain.h"
#include "contract/render.h"
#include "contract/requirement.h"
#include "engine/match_input.h"
#include "engine/mock_error.h"
#include "engine/start_page.h"
#include "json/document.h"

namespace engine {
namespace {

using journal::Exchange;

/// A request to a sandbox.
struct RequestContext {
  Sandbox& sandbox;
  const http::Request& request;
  /// Within the sandbox.
  std::string_view path;
  json::Body body{request.body};
  /// The built-in scenario that the request names, which replaces the active ones; may be null.
  std::shared_ptr<const scenario::Scenario> requested = nullptr;
};

/// Finds the calling key; nothing if there is none or the store fails.
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

/// Finds the calling key for the journal and for error bodies, unless it was looked up before.
void look_up_caller(const contract::Contract& contract, contract::Call& call) {
  if (std::exchange(call.has_looked_up_caller, true)) return;
  call.caller = find_caller(contract, call.request, call.keys);
}

/// Renders an error that a rule or the request injects. Looks up the caller, as the body may have
/// it in some contracts.
http::Response inject(const contract::Contract& contract, capgo::ErrorName name,
                      std::string_view rule, std::string reason, contract::Call& call,
                      Exchange& exchange) {
  look_up_caller(contract, call);
  contract::ApiError error{name, std::move(reason)};
  if (name == capgo::ErrorName::rate_limited) error.retry_at = call.now + std::chrono::minutes{1};
  return contract::reject(contract, rule, error, call, exchange);
}

/// Rejects an X-Mock-Scenario that is no name.
http::Response reject_requested(const RequestContext& context, std::string_view name,
                                Exchange& exchange) {
  constexpr auto& kErrors = base::kNames<capgo::ErrorName>;
  std::vector<std::string_view> known(kErrors.begin(), kErrors.end());
  for (const auto& each : context.sandbox.config.built_in) known.push_back(each.name);
  std::string errors;
  for (std::string_view each : kErrors) errors += " " + std::string(each);
  return mock_error(400,
                    "X-Mock-Scenario: unknown error or scenario " + json::quote(name) +
                        base::did_you_mean(name, known),
                    {"the errors are:" + errors,
                     "GET /__admin/scenarios lists the built-in scenarios, such as hang"},
                    exchange);
}

/// Handles X-Mock-Scenario, if the request has this header: renders the error that it names, or
/// loads the built-in scenario.
std::optional<http::Response> read_requested(RequestContext& context, contract::Call& call,
                                             Exchange& exchange) {
  constexpr auto& kErrors = base::kNames<capgo::ErrorName>;
  auto header = call.request.headers.find("X-Mock-Scenario");
  if (!header) return std::nullopt;
  std::string name = scenario::built_in_spelling(*header);
  auto has_name = [&](std::string_view each) { return scenario::built_in_spelling(each) == name; };
  if (auto error = std::find_if(kErrors.begin(), kErrors.end(), has_name); error != kErrors.end()) {
    exchange.scenario = "X-Mock-Scenario";
    return inject(context.sandbox.contract, *base::parse_name<capgo::ErrorName>(*error),
                  exchange.scenario, "error " + std::string(*error), call, exchange);
  }
  context.requested = context.sandbox.config.load_built_in(name);
  if (context.requested) return std::nullopt;
  exchange.scenario = "X-Mock-Scenario";
  return reject_requested(context, *header, exchange);
}

/// Finds and counts the rule that fires on this request, if one does.
std::optional<scenario::Decision> decide(RequestContext& context, const contract::Call& call)
    REQUIRES(context.sandbox.mutex) {
  if (context.sandbox.rules.empty() && !context.requested) return std::nullopt;
  const contract::Contract& contract = context.sandbox.contract;
  scenario::MatchInput input = match_input(contract, context.request, context.path, context.body);
  input.caller_mode = [&]() -> std::optional<capgo::KeyMode> {
    auto caller = find_caller(contract, call.request, call.keys);
    return caller ? std::optional(caller->mode) : std::nullopt;
  };
  return context.requested ? context.sandbox.rules.decide_once(*context.requested, input)
                           : context.sandbox.rules.decide(input);
}

/// Checks the caller of a request for which a guarded rule fires. Returns the rejection, if any.
std::optional<http::Response> check_caller(const contract::Contract& contract,
                                           const scenario::Requirement& required,
                                           const contract::Requirement& requirement,
                                           contract::Call& call, Exchange& exchange) {
  const contract::CallerCheck& check = contract.caller_check;
  auto reject = [&](const contract::ApiError& error) {
    exchange.rejected_by = "requires";
    return contract::reject(contract, "requires", error, call, exchange);
  };
  auto deny = [&](const contract::ApiError& error) {
    http::Response response = reject(error);
    if (!required.denied) return response;
    response.status = required.denied->status;
    response.body = required.denied->body;
    for (const auto& [name, value] : required.denied->headers) response.headers.set(name, value);
    return response;
  };
  auto found = check.authenticate(call, requirement);
  if (auto* error = std::get_if<contract::ApiError>(&found)) return deny(*error);
  const auto& caller = std::get<contract::RuleCaller>(found);
  if (check.check_mode != nullptr && caller.key != nullptr) {
    if (auto error = check.check_mode(*caller.key, requirement)) return deny(*error);
  }
  if (auto missing = contract::find_missing(contract, requirement)) return reject(*missing);
  capgo::Decision decision = check.check_access(requirement, caller, call.keys);
  if (decision.allowed) return std::nullopt;
  return deny({&check.denied(requirement), std::move(decision.reason)});
}

/// Returns the literal response of a rule, or its rejection of the caller.
http::Response literal_answer(const contract::Contract& contract, const scenario::Rule& rule,
                              std::string_view path, contract::Call& call, Exchange& exchange) {
  const scenario::Effect& effect = rule.effect;
  contract::Requirement requirement = contract::read_requirement(rule, path, call);
  try {
    if (effect.requirement) {
      auto rejection = check_caller(contract, *effect.requirement, requirement, call, exchange);
      if (rejection) return *std::move(rejection);
    }
    http::Response response = *effect.respond;
    if (effect.example) {
      response.body = contract::render_example(*effect.example, contract, requirement, call);
    }
    exchange.reason = "respond";
    return response;
  } catch (const store::StoreError& failure) {
    return contract::reject_failure(contract, failure, call, exchange);
  }
}

/// Returns the response of a rule, if it replaces that of the contract.
std::optional<http::Response> scripted_answer(const contract::Contract& contract,
                                              const scenario::Decision& decision,
                                              std::string_view path, contract::Call& call,
                                              Exchange& exchange) {
  std::string rule = "scenario " + decision.source;
  const scenario::Effect& effect = decision.rule->effect;
  if (auto error = effect.error) {
    std::string reason = "error " + std::string(base::name_of(*error));
    http::Response response = inject(contract, *error, rule, std::move(reason), call, exchange);
    for (const auto& [name, value] : effect.error_headers) response.headers.set(name, value);
    return response;
  }
  if (!effect.respond) return std::nullopt;
  http::Response response = literal_answer(contract, *decision.rule, path, call, exchange);
  if (exchange.rejected_by.empty()) {
    response.headers.set("X-Mock-Reason", http::to_header_value(rule + ": respond"));
  }
  return response;
}

/// Returns whether this is a CORS preflight for a path that rules have and the contract does not.
bool is_preflight_of_rule(const RequestContext& context, const contract::Call& call)
    REQUIRES(context.sandbox.mutex) {
  return call.endpoint == nullptr && call.request.is_preflight() &&
         context.sandbox.rules.has_response_for(context.path);
}

/// Sets what the transport does with the response.
void apply_fault(const scenario::Decision& decision, http::Response& response) {
  response.delay = decision.delay;
  response.fault = decision.rule->effect.fault;
  response.dribble = decision.rule->effect.dribble;
}

int64_t microseconds_since(SteadyTime start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(SteadyTime::clock::now() - start)
      .count();
}

/// Records the exchange in the journal of the sandbox.
void record(const RequestContext& context, contract::Call& call, const http::Response& response,
            SteadyTime start, Exchange& exchange) REQUIRES(context.sandbox.mutex) {
  exchange.microseconds = microseconds_since(start);
  exchange.at = call.now;
  look_up_caller(context.sandbox.contract, call);
  if (call.caller) exchange.key_id = call.caller->id;
  if (call.caller) exchange.caller_mode = call.caller->mode;
  context.sandbox.journal.record(context.request, response, exchange);
}

/// Lets the web pages read the response that the contract allows.
void allow_origin(const contract::Contract& contract, const http::Request& request,
                  http::Response& response) {
  std::string origin = contract.allowed_origin(request.headers);
  if (!origin.empty()) response.headers.add_if_missing("Access-Control-Allow-Origin", origin);
}

/// Returns the response of a scenario, or else that of the contract.
http::Response answer_in_sandbox(RequestContext context, SteadyTime start, Exchange& exchange) {
  const contract::Contract& contract = context.sandbox.contract;
  auto route = http::find_route(contract.endpoints, context.request.method, context.path);
  // The value of a header on several lines is joined. (documented contract, section 12)
  std::optional<http::Request> joined;
  if (http::has_repeated_names(context.request.headers)) {
    joined = context.request;
    joined->headers = http::combine_headers(context.request.headers);
  }
  const http::Request& request = joined ? *joined : context.request;

  base::MutexLock lock(context.sandbox.mutex);
  contract::Call call{request,
                      context.body,
                      route.params,
                      route.row,
                      *context.sandbox.keys,
                      context.sandbox.ids,
                      context.sandbox.windows,
                      context.sandbox.config.rate_limit,
                      context.sandbox.clock.now(),
                      contract.request_id(request, context.sandbox.ids),
                      context.sandbox.config.jwt_secret};
  std::optional<scenario::Decision> decision;
  std::optional<http::Response> response = read_requested(context, call, exchange);
  if (!response) decision = decide(context, call);
  if (decision) {
    exchange.scenario = decision->source;
    response = scripted_answer(contract, *decision, context.path, call, exchange);
  }
  bool is_of_rule = decision && decision->rule->effect.respond;
  if (!response && is_preflight_of_rule(context, call)) {
    response = contract::preflight_response(contract.allowed_headers);
    is_of_rule = true;
  }
  if (!response) response = contract::answer(contract, context.path, call, exchange);

  if (decision) apply_fault(*decision, *response);
  contract.add_headers(call, context.path, *response);
  // Web pages may read what a rule defines, even where they may not read the contract's responses.
  if (is_of_rule) allow_origin(contract, request, *response);
  contract::add_mock_headers(contract, call.now, *response);
  record(context, call, *response, start, exchange);
  return *std::move(response);
}

/// Writes the name and the journal of a sandbox, one request per line.
void write_journal(Sandbox& sandbox, json::Writer& file) {
  base::MutexLock lock(sandbox.mutex);
  file.open_object().member_or_null("name", sandbox.name).name("requests").open_array();
  for (size_t i = 0; i < sandbox.journal.size(); ++i) {
    json::Writer entry;
    journal::write_entry(entry, sandbox.journal[i]);
    file.json("\n" + entry.take());
  }
  file.close_array().member("dropped", sandbox.journal.dropped()).close_object();
}

http::Response reject(const GuardRejection& rejection, Exchange& exchange) {
  exchange.rejected_by = rejection.guard;
  return mock_error(rejection.status, rejection.error, rejection.details, exchange);
}

bool is_control_path(std::string_view path) {
  return path == "/__admin" || path.starts_with("/__admin/");
}

}  // namespace

Engine::Engine(EngineConfig config)
    : base_path_(std::move(config.base_path)),
      guards_(config.guards),
      control_(std::move(config.control)),
      observer_(std::move(config.observer)),
      sandboxes_(std::move(config.sandbox), std::move(config.durable), config.max_sandboxes) {}

http::Response Engine::handle(const http::Request& request) {
  SteadyTime start = std::chrono::steady_clock::now();
  std::string decoded = http::decode_path(request.path());
  Target target = find_target(decoded);
  Exchange exchange;
  exchange.path = target.path;
  exchange.is_control_call = is_control_path(target.path);
  if (target.sandbox && is_name(*target.sandbox)) exchange.sandbox = *target.sandbox;
  http::Response response = answer(request, target, start, exchange);
  // The response of a sandbox has all headers already.
  if (!response.headers.find("Date")) add_headers(request, target, response);
  if (exchange.microseconds == 0) exchange.microseconds = microseconds_since(start);
  if (observer_) observer_(request, response, exchange);
  return response;
}

void Engine::add_headers(const http::Request& request, http::Response& response) {
  std::string decoded = http::decode_path(request.path());
  add_headers(request, find_target(decoded), response);
}

/// Control calls and requests to another host get no CORS headers, to keep web pages out.
void Engine::add_headers(const http::Request& request, const Target& target,
                         http::Response& response) {
  std::shared_ptr<Sandbox> named = target.sandbox ? sandboxes_.find(*target.sandbox) : nullptr;
  Sandbox& sandbox = named ? *named : sandboxes_.default_sandbox();
  base::MutexLock lock(sandbox.mutex);
  base::Time now = sandbox.clock.now();
  if (is_control_path(target.path) || response.status == kOtherHost) {
    response.headers.add_if_missing("Date", base::format_http_date(now));
    return;
  }
  std::string id = sandbox.contract.request_id(request, sandbox.ids);
  allow_origin(sandbox.contract, request, response);
  response.headers.add_if_missing("X-Request-Id", id);
  contract::add_mock_headers(sandbox.contract, now, response);
}

http::Response Engine::answer(const http::Request& request, const Target& target, SteadyTime start,
                              Exchange& exchange) {
  if (auto rejection = guards_.check_host(request)) return reject(*rejection, exchange);
  if (is_control_path(target.path)) {
    if (auto rejection = guards_.check_control(request, target.path))
      return reject(*rejection, exchange);
    return control_({request, target.path, target.sandbox, sandboxes_}, exchange);
  }
  if (target.sandbox && !is_name(*target.sandbox)) {
    return invalid_sandbox_name(*target.sandbox, exchange);
  }
  if (target.path == "/" && (request.method == "GET" || request.method == "HEAD")) {
    return start_page(request.path(), sandboxes_.config().contract->name);
  }
  if (!target.sandbox) {
    return answer_in_sandbox({sandboxes_.default_sandbox(), request, target.path}, start, exchange);
  }
  if (auto rejection = guards_.check_new_sandbox(request);
      rejection && !sandboxes_.find(*target.sandbox)) {
    return reject(*rejection, exchange);
  }
  // Keeps the sandbox alive if it is deleted meanwhile.
  std::shared_ptr<Sandbox> sandbox = sandboxes_.find_or_create(*target.sandbox);
  if (!sandbox) return too_many_sandboxes(sandboxes_.max(), exchange);
  return answer_in_sandbox({*sandbox, request, target.path}, start, exchange);
}

capgo::Snapshot Engine::snapshot() {
  Sandbox& sandbox = sandboxes_.default_sandbox();
  base::MutexLock lock(sandbox.mutex);
  return sandbox.keys->snapshot();
}

std::string Engine::journals() {
  json::Writer file;
  file.open_object().name("sandboxes").open_array();
  write_journal(sandboxes_.default_sandbox(), file);
  for (const auto& sandbox : sandboxes_.list()) write_journal(*sandbox, file);
  return file.close_array().close_object().take() + "\n";
}

/// The base path may be before or after `/sandbox/NAME`.
Engine::Target Engine::find_target(std::string_view path) const {
  constexpr std::string_view kPrefix = "/sandbox/";
  path = without_base_path(path);
  if (!path.starts_with(kPrefix)) return {std::nullopt, path};
  std::string_view rest = path.substr(kPrefix.size());
  std::string_view name = rest.substr(0, rest.find('/'));
  rest.remove_prefix(name.size());
  return {name, rest.empty() ? "/" : without_base_path(rest)};
}

std::string_view Engine::without_base_path(std::string_view path) const {
  if (base_path_.empty() || !path.starts_with(base_path_)) return path;
  std::string_view rest = path.substr(base_path_.size());
  if (rest.empty()) return "/";
  return rest.starts_with('/') ? rest : path;
}

}  // namespace engine
