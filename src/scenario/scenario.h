#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "capgo/api_key.h"
#include "capgo/error_name.h"
#include "http/message.h"
#include "json/object_reader.h"
#include "json/value.h"

namespace scenario {

/// Limits a pattern to some requests. Absent fields match everything.
struct Match {
  /// The `:id` of the path. A number also matches with leading zeros (`002`), a string only itself.
  std::variant<std::monostate, int64_t, std::string> id;
  /// The secret of the caller.
  std::optional<std::string> key;
  /// The mode of the caller's key.
  std::optional<capgo::KeyMode> mode;
  http::Headers headers;
  std::vector<std::pair<std::string, std::string>> query;
  /// A subset of the body: an object matches a body that has these members, and may have others.
  std::optional<json::Value> body;
};

/// Matches requests.
struct RequestPattern {
  /// `*` for any.
  std::string method;
  /// A pattern as in http::match_path, decoded with http::decode_path.
  std::string path;
  Match match;
};

/// How long a response is delayed.
struct Delay {
  enum class Type { fixed, uniform, lognormal };
  Type type;
  /// In milliseconds: the delay, the lower bound, or the median.
  double first;
  /// The upper bound in milliseconds, or sigma.
  double second = 0;
};

/// Which app, org or channel a guarded rule checks.
struct Target {
  enum class Place { query, body, path, literal };
  Place place;
  /// The name of the query or body field or of the path parameter that has the id; or the id.
  std::string name;
  /// Whether a request may leave it out.
  bool is_optional = false;
};

/// What a guarded rule requires of the caller's key, beside that it is valid.
struct Requirement {
  /// See RightsCheck; empty for any mode.
  std::vector<capgo::KeyMode> modes;
  /// The one that fits what the request names is needed; empty for none.
  std::vector<std::string> permissions;
  std::optional<Target> app;
  std::optional<Target> org;
  /// A channel of the app: its number, its UUID or its name.
  std::optional<Target> channel;
  /// Replaces the contract's response to a request that does not meet the requirement.
  std::optional<http::Response> denied;
};

/// What requirements name in a contract: the lowest mode that is allowed, a list of all modes that
/// are, or permissions.
enum class RightsCheck { lowest_mode, modes, permissions };

/// A body made from the orgs, apps and users of the fixtures, or else the smallest valid one.
enum class Example { app, apps, bundles, channels, devices, members, organizations };

/// What a rule does. At most one of `error` and `respond` is set; without them the request gets its
/// usual response.
struct Effect {
  std::optional<capgo::ErrorName> error;
  /// Headers of the error, which replace those of the same name.
  http::Headers error_headers;
  /// A literal response: status, headers and body.
  std::optional<http::Response> respond;
  /// The body of `respond`, instead of a literal one.
  std::optional<Example> example;
  /// What `respond` requires of the caller.
  std::optional<Requirement> requirement;
  std::optional<Delay> delay;
  std::optional<http::Fault> fault;
  std::optional<http::Dribble> dribble;
};

struct Rule {
  RequestPattern on;
  /// How many matching requests it lets pass first.
  int64_t skip = 0;
  /// How often it fires; without it, there is no limit.
  std::optional<int64_t> times;
  /// With N, it fires on every Nth matching request after the skipped ones.
  int64_t every = 1;
  /// The probability that it fires when it is due.
  double probability = 1;
  Effect effect;
  /// The rule in its file, as compact JSON. Identifies it.
  std::string written;
};

/// Rules that are evaluated in order.
struct Scenario {
  std::string name;
  std::string description;
  std::vector<Rule> rules;
  /// Whether it comes with the program. Such a scenario has rules for every endpoint of every
  /// contract, so an unused one among them is not a mistake.
  bool is_built_in = false;
};

/// A scenario that comes with the program: its name, and the JSON of its file. Not parsed until it
/// is used, because parsing all of them would delay the start.
struct BuiltInScenario {
  std::string_view name;
  std::string_view text;
};

/// Loads the built-in scenario with this name; null if there is none.
std::shared_ptr<const Scenario> load_built_in(std::span<const BuiltInScenario> all,
                                              std::string_view name, RightsCheck rights_check);

/// Returns the built-in scenario's spelling of a name: `rate-limited` for the error `rate_limited`,
/// `empty-response` for the fault `EMPTY_RESPONSE`.
std::string built_in_spelling(std::string_view name);

/// The content of a scenario file, or what is wrong with it.
struct LoadedScenario {
  /// Complete only if there are no problems.
  Scenario scenario;
  /// All problems: `file:line:column: pointer: what, and what to do`.
  std::vector<std::string> problems;
};

/// Reads a scenario. `file` is its name for messages, and the default name of the scenario.
LoadedScenario load_scenario(const std::string& file, std::string text,
                             RightsCheck rights_check = RightsCheck::lowest_mode);

/// Reads the fields "on" (`POST /apikey/`) and "match" of an object. Without "on", the pattern
/// matches every method and path. If problems are added, it is incomplete.
RequestPattern read_request_pattern(const json::ObjectReader& reader);

/// The name of the rule at an index: `flaky-create, rule 1`.
std::string rule_name(const Scenario& scenario, size_t rule);

/// Describes an effect: `error permission_denied, delay 800 ms`.
std::string describe(const Effect& effect);

/// Describes the rule at an index in one line:
/// `flaky-create, rule 2: DELETE /apikey/:id/, error key_not_found`.
std::string describe(const Scenario& scenario, size_t rule);

}  // namespace scenario

template <>
inline constexpr std::array<std::string_view, 3> base::kNames<scenario::Delay::Type> = {
    "fixed", "uniform", "lognormal"};
/// As they begin in a file; a literal has no prefix.
template <>
inline constexpr std::array<std::string_view, 3> base::kNames<scenario::Target::Place> = {
    "query", "body", "path"};
template <>
inline constexpr std::array<std::string_view, 7> base::kNames<scenario::Example> = {
    "app", "apps", "bundles", "channels", "devices", "members", "organizations"};
