#include "scenario/rulebook.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "http/path_pattern.h"
#include "json/body.h"

namespace scenario {
namespace {

bool id_matches(const Match& match, const http::PathParams& params) {
  const std::string* id = http::find_param(params, "id");
  if (const auto* text = std::get_if<std::string>(&match.id)) return id != nullptr && *id == *text;
  const auto* number = std::get_if<int64_t>(&match.id);
  if (number == nullptr) return true;
  if (id == nullptr || id->empty()) return false;
  size_t zeros = std::min(id->find_first_not_of('0'), id->size() - 1);
  return id->substr(zeros) == std::to_string(*number);
}

bool headers_match(const Match& match, const http::Headers& headers) {
  return std::all_of(match.headers.begin(), match.headers.end(), [&](const http::Header& wanted) {
    const std::string* value = headers.find(wanted.name);
    return value != nullptr && *value == wanted.value;
  });
}

bool query_matches(const Match& match, std::string_view query) {
  return std::all_of(match.query.begin(), match.query.end(), [&](const auto& wanted) {
    return http::query_value(query, wanted.first) == wanted.second;
  });
}

bool body_matches(const Match& match, const std::string& text) {
  if (!match.body) return true;
  auto body = json::parse_body(text);
  return body && is_subset(*match.body, *body);
}

bool matches(const Rule& rule, const Asked& asked) {
  bool same_method =
      rule.method == "*" || rule.method == asked.method || rule.method == asked.request.method;
  if (!same_method) return false;
  auto params = http::match_path(rule.path, asked.path);
  if (!params || !id_matches(rule.match, *params)) return false;
  if (rule.match.key && rule.match.key != asked.secret) return false;
  if (rule.match.mode && rule.match.mode != asked.caller_mode()) return false;
  return headers_match(rule.match, asked.request.headers) &&
         query_matches(rule.match, asked.request.query()) &&
         body_matches(rule.match, asked.request.body);
}

}  // namespace

bool is_subset(const json::Value& pattern, const json::Value& value) {
  if (!pattern.is_object()) return pattern == value;
  if (!value.is_object()) return false;
  return std::all_of(pattern.items().begin(), pattern.items().end(), [&](const auto& member) {
    auto found = value.find(member.key());
    return found != value.end() && is_subset(member.value(), *found);
  });
}

void Rulebook::add(Scenario scenario) {
  size_t rules = scenario.rules.size();
  active_.push_back({std::move(scenario), std::vector<Count>(rules)});
}

std::optional<Decision> Rulebook::decide(const Asked& asked) {
  for (Active& active : active_) {
    for (size_t i = 0; i < active.counts.size(); ++i) {
      const Rule& rule = active.scenario.rules[i];
      if (!matches(rule, asked) || !takes_its_turn(rule, active.counts[i])) continue;
      Decision decision{&rule.act, {}, active.scenario.name + ", rule " + std::to_string(i + 1)};
      if (rule.act.delay) decision.delay = draw(*rule.act.delay);
      return decision;
    }
  }
  return std::nullopt;
}

bool Rulebook::takes_its_turn(const Rule& rule, Count& count) {
  if (rule.times && count.acted >= *rule.times) return false;
  ++count.matched;
  int64_t turn = count.matched - rule.skip;
  if (turn <= 0 || turn % rule.every != 0) return false;
  if (rule.probability < 1 && random_.fraction() >= rule.probability) return false;
  ++count.acted;
  return true;
}

std::chrono::milliseconds Rulebook::draw(const Delay& delay) {
  double milliseconds = 0;
  if (const auto* fixed = std::get_if<FixedDelay>(&delay)) {
    milliseconds = fixed->milliseconds;
  } else if (const auto* uniform = std::get_if<UniformDelay>(&delay)) {
    milliseconds = uniform->lower + random_.fraction() * (uniform->upper - uniform->lower);
  } else if (const auto* lognormal = std::get_if<LognormalDelay>(&delay)) {
    // Box and Muller's way to a normal number: the standard library's differs between machines.
    double radius = std::sqrt(-2 * std::log(1 - random_.fraction()));
    double normal = radius * std::cos(2 * std::numbers::pi * random_.fraction());
    milliseconds = lognormal->median * std::exp(lognormal->sigma * normal);
  }
  constexpr double kLongest = 600'000;
  return std::chrono::milliseconds{std::llround(std::clamp(milliseconds, 0.0, kLongest))};
}

}  // namespace scenario
