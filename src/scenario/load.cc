#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "http/path_pattern.h"
#include "json/body.h"
#include "json/object_reader.h"
#include "scenario/load_requirement.h"
#include "scenario/scenario.h"

namespace scenario {
namespace {

using json::ObjectReader;
using json::Ordered;

constexpr double kMaxRequests = 1'000'000'000;
constexpr double kMaxDelay = 600'000;
constexpr double kMaxSigma = 10;

constexpr auto kFileFields =
    std::to_array<std::string_view>({"$schema", "name", "description", "rules"});
constexpr auto kRuleFields = std::to_array<std::string_view>(
    {"on", "match", "skip", "times", "every", "probability", "headers", "requires", "denied",
     "error", "respond", "delay", "fault", "dribble"});
constexpr auto kEffects = std::span(kRuleFields).last<5>();
constexpr auto kMatchFields =
    std::to_array<std::string_view>({"id", "key", "mode", "header", "query", "body"});
constexpr auto kRespondFields =
    std::to_array<std::string_view>({"status", "headers", "body", "example"});
constexpr auto kDeniedFields = std::span(kRespondFields).first<3>();
constexpr auto kDelayFields =
    std::to_array<std::string_view>({"type", "milliseconds", "lower", "upper", "median", "sigma"});
/// The fields of each type of delay.
constexpr std::pair<std::string_view, std::string_view> kDelayNumbers[] = {
    {"milliseconds", ""}, {"lower", "upper"}, {"median", "sigma"}};
constexpr auto kDribbleFields = std::to_array<std::string_view>({"chunks", "milliseconds"});
/// Headers for the framing of a message, which the transport sets.
constexpr auto kFramingHeaders = std::to_array<std::string_view>(
    {"Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive"});

/// Returns whether every version of cpp-httplib writes the value unchanged. (RFC 9110, section 5.5)
bool is_header_value(std::string_view value) {
  return base::trim(value, " \t") == value &&
         std::none_of(value.begin(), value.end(),
                      [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
}

/// Reads "on" into the pattern, which stays unchanged if the field is absent.
void read_on(const ObjectReader& reader, RequestPattern& pattern) {
  if (reader.find("on") == nullptr) return;
  pattern = {};
  auto on = reader.string("on");
  if (!on) return;
  size_t space = on->find(' ');
  if (space != std::string::npos) {
    pattern.method = on->substr(0, space);
    pattern.path = on->substr(space + 1);
  }
  bool is_method = http::is_token(pattern.method) &&
                   std::none_of(pattern.method.begin(), pattern.method.end(), base::is_lower);
  bool is_path = (pattern.path == "*" || pattern.path.starts_with('/')) &&
                 pattern.path.find_first_of(" \t\r\n\v\f?#") == std::string::npos;
  pattern.path = http::decode_path(pattern.path);
  if (is_method && is_path) return;
  reader.add_problem(
      "on",
      json::quote(*on) +
          " must be a method in capitals and a path without query, such as \"POST /apikey/\", "
          "\"DELETE /apikey/:id/\" or \"* *\"");
}

/// Reads the id into the pattern. Called after the path was read: it must have an `:id`. An empty
/// path is a problem that has been reported already.
void read_id(const ObjectReader& reader, RequestPattern& pattern) {
  const Ordered* id = reader.find("id");
  if (id == nullptr) return;
  if (id->is_number_unsigned() && id->get<uint64_t>() <= uint64_t{INT64_MAX}) {
    pattern.match.id = id->get<int64_t>();
  } else if (id->is_string()) {
    pattern.match.id = id->get<std::string>();
  } else {
    reader.add_problem(
        "id", json::redacted_value(*id) + " must be a whole number of 0 or more, or a string");
  }
  if (!pattern.path.empty() && (pattern.path + "/").find("/:id/") == std::string::npos) {
    reader.add_problem("id", "the path in \"on\" has no \":id\"");
  }
}

/// Calls `add` with the name and value of each member of an object of strings.
template <typename Add>
void read_strings(const ObjectReader& reader, std::string_view field, const Add& add) {
  const Ordered* object = reader.find(field);
  if (object == nullptr) return;
  if (!object->is_object()) {
    reader.add_problem(field, json::redacted_value(*object) + " must be an object of strings");
    return;
  }
  for (const auto& [name, value] : object->items()) {
    if (value.is_string()) {
      add(name, value.template get<std::string>());
    } else {
      reader.add_problem(field, name, json::redacted_value(value) + " must be a string");
    }
  }
}

void read_match(const ObjectReader& outer, RequestPattern& pattern) {
  auto reader = outer.object("match", kMatchFields);
  if (!reader) return;
  read_id(*reader, pattern);
  Match& match = pattern.match;
  match.key = reader->string("key");
  match.mode = reader->enum_value<capgo::KeyMode>("mode");
  read_strings(*reader, "header", [&](const std::string& name, const std::string& value) {
    match.headers.add(name, value);
  });
  read_strings(*reader, "query", [&](const std::string& name, const std::string& value) {
    match.query.emplace_back(name, value);
  });
  if (const Ordered* body = reader->find("body")) match.body = json::Value(*body);
}

void check_header(const ObjectReader& reader, const std::string& name, const std::string& value) {
  if (!http::is_token(name) || !is_header_value(value)) {
    reader.add_problem("headers", name, "is not a valid header");
  }
  for (std::string_view own : kFramingHeaders) {
    if (!base::equal_ignoring_case(own, name)) continue;
    reader.add_problem("headers", name, "is set by the server; remove it");
  }
}

http::Headers read_headers(const ObjectReader& reader) {
  http::Headers headers;
  read_strings(reader, "headers", [&](const std::string& name, const std::string& value) {
    check_header(reader, name, value);
    headers.add(name, value);
  });
  return headers;
}

http::Response read_respond(const ObjectReader& reader, int default_status) {
  http::Response response;
  auto status = reader.integer("status", {200, 599});
  response.status = static_cast<int>(status.value_or(default_status));
  response.headers = read_headers(reader);
  if (const Ordered* body = reader.find("body")) {
    response.body = body->is_string() ? body->get<std::string>() : json::dump(*body);
    if (!response.headers.find("Content-Type")) {
      response.headers.add("Content-Type", body->is_string() ? "text/plain" : "application/json");
    }
  }
  bool bodiless = response.status == 204 || response.status == 205 || response.status == 304;
  if (bodiless && !response.body.empty()) {
    reader.add_problem("body", "a response with status " + std::to_string(response.status) +
                                   " has no body; remove it");
  }
  return response;
}

/// Reads the example of a response, which replaces the body.
std::optional<Example> read_example(const ObjectReader& reader, http::Response& response) {
  auto example = reader.enum_value<Example>("example");
  if (!example) return std::nullopt;
  if (reader.find("body") != nullptr) {
    reader.add_problem("example", "a response has \"body\" or \"example\", not both; remove one");
  }
  response.headers.add_if_missing("Content-Type", "application/json");
  return example;
}

/// Reads "requires" and "denied".
std::optional<Requirement> read_requirement(const ObjectReader& outer, const RequestPattern& on,
                                            RightsCheck rights_check) {
  std::optional<Requirement> requirement = read_requires(outer, on, rights_check);
  auto denied = outer.object("denied", kDeniedFields);
  if (denied && requirement) requirement->denied = read_respond(*denied, 403);
  if (denied && !requirement) {
    outer.add_problem("denied", "is for a rule with \"requires\"; add that, or remove this");
  }
  if (requirement && outer.find("respond") == nullptr) {
    bool has_error = outer.find("error") != nullptr;
    outer.add_problem("requires", std::string("is for a rule with \"respond\"; ") +
                                      (has_error ? "replace \"error\" by it" : "add that"));
  }
  return requirement;
}

std::optional<Delay> read_delay(const ObjectReader& reader) {
  Delay delay{Delay::Type::fixed, 0};
  if (reader.find("type") != nullptr) {
    auto type = reader.enum_value<Delay::Type>("type");
    if (!type) return std::nullopt;
    delay.type = *type;
  }
  const auto& [first, second] = kDelayNumbers[static_cast<size_t>(delay.type)];
  auto read = [&](std::string_view name, double max) {
    reader.require(name);
    return reader.number(name, {0, max}).value_or(0);
  };
  delay.first = read(first, kMaxDelay);
  bool is_lognormal = delay.type == Delay::Type::lognormal;
  if (!second.empty()) delay.second = read(second, is_lognormal ? kMaxSigma : kMaxDelay);
  const Ordered* upper = reader.find("upper");
  bool has_bounds = delay.type == Delay::Type::uniform && upper != nullptr && upper->is_number();
  if (has_bounds && delay.second < delay.first) {
    reader.add_problem("upper", "must not be below \"lower\"");
  }
  size_t used = (second.empty() ? 1 : 2) + (reader.has("type") ? 1 : 0);
  if (reader.value().is_object() && reader.value().size() > used) {
    reader.add_problem("a \"" + std::string(base::name_of(delay.type)) +
                       "\" delay has fields it does not use: \"fixed\" takes milliseconds, "
                       "\"uniform\" lower and upper, \"lognormal\" median and sigma");
  }
  return delay;
}

http::Dribble read_dribble(const ObjectReader& reader) {
  for (std::string_view name : kDribbleFields) reader.require(name);
  http::Dribble dribble;
  dribble.chunks = static_cast<int>(reader.integer("chunks", {1, 10'000}).value_or(1));
  dribble.over =
      std::chrono::milliseconds{reader.integer("milliseconds", {0, kMaxDelay}).value_or(0)};
  return dribble;
}

Effect read_effect(const ObjectReader& reader, const RequestPattern& on, RightsCheck rights_check) {
  Effect effect;
  effect.error = reader.enum_value<capgo::ErrorName>("error");
  effect.error_headers = read_headers(reader);
  effect.fault = reader.enum_value<http::Fault>("fault");
  if (auto inner = reader.object("respond", kRespondFields)) {
    effect.respond = read_respond(*inner, 200);
    effect.example = read_example(*inner, *effect.respond);
  }
  effect.requirement = read_requirement(reader, on, rights_check);
  if (auto inner = reader.object("delay", kDelayFields)) effect.delay = read_delay(*inner);
  if (auto inner = reader.object("dribble", kDribbleFields)) effect.dribble = read_dribble(*inner);
  if (reader.find("error") != nullptr && reader.find("respond") != nullptr) {
    reader.add_problem("respond", "a rule has \"error\" or \"respond\", not both; remove one");
  }
  if (reader.find("headers") != nullptr && reader.find("error") == nullptr) {
    reader.add_problem("headers", "are for \"error\"; put those of a response inside \"respond\"");
  }
  bool has_effect = std::any_of(kEffects.begin(), kEffects.end(), [&](std::string_view name) {
    return reader.find(name) != nullptr;
  });
  if (!has_effect) {
    reader.add_problem("the rule has no effect; add one of " + json::quoted_list(kEffects));
  }
  return effect;
}

Rule read_rule(const ObjectReader& reader, RightsCheck rights_check) {
  Rule rule;
  if (!reader.value().is_object()) return rule;
  reader.require("on");
  read_on(reader, rule.on);
  read_match(reader, rule.on);
  rule.skip = reader.integer("skip", {0, kMaxRequests}).value_or(0);
  rule.times = reader.integer("times", {1, kMaxRequests});
  rule.every = reader.integer("every", {1, kMaxRequests}).value_or(1);
  rule.probability = reader.number("probability", {0, 1}).value_or(1);
  rule.effect = read_effect(reader, rule.on, rights_check);
  rule.written = json::dump(reader.value());
  return rule;
}

/// `flaky-create` for `scenarios/flaky-create.json`.
std::string name_of_file(const std::string& file) {
  std::string name = file.substr(file.find_last_of('/') + 1);
  return name.substr(0, name.rfind(".json"));
}

}  // namespace

RequestPattern read_request_pattern(const ObjectReader& reader) {
  RequestPattern pattern{"*", "*", {}};
  read_on(reader, pattern);
  read_match(reader, pattern);
  return pattern;
}

LoadedScenario load_scenario(const std::string& file, std::string text, RightsCheck rights_check) {
  json::Document document(file, std::move(text));
  LoadedScenario loaded;
  if (!document.has_problems() || !document.root().is_null()) {
    ObjectReader reader(document, document.root(), "", kFileFields);
    loaded.scenario.name = reader.string("name").value_or(name_of_file(file));
    loaded.scenario.description = reader.string("description").value_or("");
    reader.require("rules");
    reader.each_object("rules", kRuleFields, [&](const ObjectReader& rule) {
      loaded.scenario.rules.push_back(read_rule(rule, rights_check));
    });
  }
  if (document.has_problems()) loaded.problems = document.problem_lines();
  return loaded;
}

std::shared_ptr<const Scenario> load_built_in(std::span<const BuiltInScenario> all,
                                              std::string_view name, RightsCheck rights_check) {
  for (const BuiltInScenario& each : all) {
    if (each.name != name) continue;
    Scenario scenario =
        load_scenario(std::string(name), std::string(each.text), rights_check).scenario;
    scenario.is_built_in = true;
    return std::make_shared<Scenario>(std::move(scenario));
  }
  return nullptr;
}

}  // namespace scenario
