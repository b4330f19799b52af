#include "contract/requirement.h"

#include <algorithm>
#include <tuple>

#include "capgo/permissions.h"
#include "contract/explain.h"
#include "json/document.h"

namespace contract {
namespace {

using scenario::Target;

/// What a target names in a request, or why it names nothing.
struct FoundTarget {
  std::optional<std::string> id = {};
  std::string why_missing = {};
  /// Whether the request has something else than an id, which even an optional target must not be.
  bool is_invalid = false;
};

/// Only channels may have a number as their id.
FoundTarget read_body_field(const std::string& name, bool is_channel, const Call& call) {
  const auto& body = call.body.value();
  if (!body) return {{}, explain_bad_json(call), !call.body.text().empty()};
  auto field = body->find(name);
  if (field == body->end()) return {{}, "the body has no " + name};
  if (field->is_string() && *field != "") return {field->get<std::string>()};
  if (is_channel && field->is_number_integer()) return {field->dump()};
  bool is_empty = field->is_null() || field->is_string();
  return {{}, name + " is " + describe(*field) + "; send an id", !is_empty};
}

FoundTarget read_target(const Target& target, bool is_channel, const scenario::Rule& rule,
                        std::string_view path, const Call& call) {
  if (target.place == Target::Place::literal) return {target.name};
  if (target.place == Target::Place::body) return read_body_field(target.name, is_channel, call);
  if (target.place == Target::Place::path) {
    auto params = http::match_path(rule.on.path, path);
    return {*http::find_param(*params, target.name)};
  }
  http::Query query(call.request.query());
  const std::string* value = query.find(target.name);
  if (value == nullptr) return {{}, "the query has no " + target.name};
  if (value->empty()) return {{}, target.name + " is empty; send an id"};
  return {*value};
}

/// Checks one app or org.
capgo::Decision check_target(const capgo::ApiKey& key, const capgo::Action& action) {
  capgo::Decision decision = capgo::authorize(key, action);
  if (decision.allowed) return decision;
  decision.reason += ", and the request is for ";
  decision.reason += action.app_id ? "the app " + json::quote(*action.app_id)
                                   : "the org " + json::quote(*action.org_id);
  return decision;
}

}  // namespace

Requirement read_requirement(const scenario::Rule& rule, std::string_view path, const Call& call) {
  std::string_view method = call.request.method;
  Requirement requirement{method == "HEAD" ? "GET" : method, path};
  const auto& required = rule.effect.requirement;
  if (!required) return requirement;
  requirement.modes = required->modes;
  requirement.permissions = required->permissions;
  auto read = [&](const std::optional<Target>& target, ErrorTemplate CallerCheck::*missing) {
    if (!target) return std::optional<std::string>();
    bool is_channel = missing == &CallerCheck::channel_missing;
    FoundTarget found = read_target(*target, is_channel, rule, path, call);
    bool is_missing = !found.id && (found.is_invalid || !target->is_optional);
    if (is_missing && !requirement.missing) {
      requirement.missing = {missing, target->name, std::move(found.why_missing)};
    }
    return std::move(found.id);
  };
  requirement.app_id = read(required->app, &CallerCheck::app_missing);
  requirement.org_id = read(required->org, &CallerCheck::org_missing);
  requirement.channel_id = read(required->channel, &CallerCheck::channel_missing);
  return requirement;
}

const ErrorTemplate& find_denied(std::span<const DeniedCalls> rows, const ErrorTemplate& others,
                                 const Requirement& requirement) {
  auto has_request = [&](const DeniedCalls& row) {
    if (row.method != "*" && row.method != requirement.method) return false;
    std::string_view rest = requirement.path;
    if (!rest.starts_with(row.path)) return false;
    rest.remove_prefix(row.path.size());
    return rest.empty() || rest.starts_with('/');
  };
  auto row = std::find_if(rows.begin(), rows.end(), has_request);
  return row == rows.end() ? others : row->error;
}

std::optional<ApiError> find_missing(const Contract& contract, const Requirement& requirement) {
  if (!requirement.missing) return std::nullopt;
  const auto& [error, field, reason] = *requirement.missing;
  return ApiError{&(contract.caller_check.*error), reason, "Missing " + field};
}

capgo::Decision check_limits(const Requirement& requirement, const RuleCaller& caller,
                             const store::KeyStore& keys) {
  constexpr auto kAny = capgo::KeyMode::read;
  const auto& [app_id, org_id] = std::tie(requirement.app_id, requirement.org_id);
  if (caller.key != nullptr && app_id) {
    const capgo::App* app = capgo::find_app(keys.apps(), *app_id);
    auto owner = app != nullptr ? std::optional(app->owner_org) : std::nullopt;
    capgo::Decision decision = check_target(*caller.key, {kAny, app_id, owner});
    if (!decision.allowed || owner == org_id) return decision;
  }
  if (caller.key == nullptr || !org_id) return {true, ""};
  return check_target(*caller.key, {kAny, std::nullopt, org_id});
}

}  // namespace contract
