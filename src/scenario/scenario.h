#pragma once

#include <array>
#include <cstdint>
#include <optional>
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

/// Narrows a pattern to some requests; what is absent does not count.
struct Match {
  /// The `:id` of the path. A number matches any writing of it (`2`, `002`), a text only itself.
  std::variant<std::monostate, int64_t, std::string> id;
  /// The secret of the caller.
  std::optional<std::string> key;
  /// The mode of the caller's key.
  std::optional<capgo::KeyMode> mode;
  std::vector<http::Header> headers;
  std::vector<std::pair<std::string, std::string>> query;
  /// A subset of the body: an object matches one that has these members, others being free.
  std::optional<json::Value> body;
};

/// Which requests are meant.
struct RequestPattern {
  /// `*` for any.
  std::string method;
  /// A pattern as in http::match_path.
  std::string path;
  Match match;
};

/// How long an answer is held back.
struct Delay {
  enum class Type { fixed, uniform, lognormal };
  Type type;
  /// In milliseconds: the delay, the lower bound, or the median.
  double first;
  /// The upper bound in milliseconds, or sigma.
  double second = 0;
};

/// What a rule does. At most one of `error` and `respond` is set; without either the request is
/// answered as usual.
struct Effect {
  std::optional<capgo::ErrorName> error;
  /// A literal answer: status, headers and body.
  std::optional<http::Response> respond;
  std::optional<Delay> delay;
  std::optional<http::Fault> fault;
  std::optional<http::Dribble> dribble;
};

struct Rule {
  RequestPattern on;
  /// How many matching requests pass at first.
  int64_t skip = 0;
  /// How often it acts at most; nothing means without end.
  std::optional<int64_t> times;
  /// With N, it acts on each Nth of the matching requests after the skipped ones.
  int64_t every = 1;
  /// How likely it acts where it would.
  double probability = 1;
  Effect effect;
  /// As its file has it, in compact JSON: what tells it from others.
  std::string written;
};

/// Rules that are tried in order.
struct Scenario {
  std::string name;
  std::string description;
  std::vector<Rule> rules;
  /// Whether it comes with the program: its rules are for every endpoint of every contract, and one
  /// that never acts is no mistake.
  bool is_built_in = false;
};

/// A scenario file, or what is wrong with it.
struct LoadedScenario {
  /// Complete only if there is no problem.
  Scenario scenario;
  /// `file:line:column: pointer: what, and what to do`, all there are.
  std::vector<std::string> problems;
};

/// Reads a scenario. `file` is its name for messages; a scenario without a `name` of its own is
/// called after its file.
LoadedScenario load_scenario(const std::string& file, std::string text);

/// Reads the fields "on" (`POST /apikey/`) and "match" of an object, which may have others; without
/// "on", every method and path is meant. Notes problems in the document; the pattern is complete
/// only if there is none.
RequestPattern read_request_pattern(json::Document& document, const json::ObjectReader& reader);

/// A rule by its place in its scenario, from 0: `flaky-create, rule 1`.
std::string rule_name(const Scenario& scenario, size_t rule);

/// What a rule does: `error permission_denied, delay 800 ms`.
std::string describe(const Effect& effect);

/// A rule by its place in its scenario, from 0, in a line:
/// `flaky-create, rule 2: DELETE /apikey/:id/, error key_not_found`.
std::string describe(const Scenario& scenario, size_t rule);

}  // namespace scenario

template <>
inline constexpr std::array<std::string_view, 3> base::kNames<scenario::Delay::Type> = {
    "fixed", "uniform", "lognormal"};
