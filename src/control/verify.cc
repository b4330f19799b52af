#include <algorithm>
#include <array>
#include <limits>

#include "base/redact.h"
#include "control/control.h"
#include "engine/match_input.h"
#include "json/object_reader.h"

/// The control call that checks which requests a sandbox received, and lists near misses.
namespace control {
namespace {

using journal::Entry;

/// The limit for the fields of a pattern, which are compared with each request of the journal.
constexpr size_t kMaxFields = 200;
constexpr int64_t kNoEnd = std::numeric_limits<int64_t>::max();

/// The expected number of requests, both limits included.
struct Count {
  int64_t lower = 1;
  int64_t upper = kNoEnd;
};

struct Expectation {
  scenario::RequestPattern pattern;
  std::optional<int64_t> status;
  Count count;
};

/// A request that does not match, and how much it differs.
struct NearMiss {
  /// Its index in the journal.
  size_t index;
  size_t distance;
};

/// The result of comparing all requests of the journal.
struct Comparison {
  /// The indexes of those that match.
  std::vector<size_t> matching;
  /// How many differ only in a body that the journal has truncated.
  int64_t truncated = 0;
  /// A few of those that do not match: those that differ least, the newest first.
  std::vector<NearMiss> nearest;
};

Count read_count(const json::ObjectReader& whole) {
  static constexpr std::array<std::string_view, 3> kFields = {"exactly", "at_least", "at_most"};
  constexpr json::Range kNumbers = {0, 1'000'000'000};
  if (const json::Ordered* value = whole.find("count"); value != nullptr && value->is_number()) {
    auto exactly = whole.integer("count", kNumbers);
    return {exactly.value_or(0), exactly.value_or(0)};
  }
  auto reader = whole.object("count", kFields);
  if (!reader) return {};
  auto exactly = reader->integer("exactly", kNumbers);
  auto at_least = reader->integer("at_least", kNumbers);
  auto at_most = reader->integer("at_most", kNumbers);
  const json::Ordered& value = reader->value();
  if (exactly && (at_least || at_most)) {
    reader->add_problem("\"exactly\" excludes the others; remove it or them");
  } else if (at_least && at_most && *at_least > *at_most) {
    reader->add_problem("\"at_least\" must not be greater than \"at_most\"");
  } else if (value.is_object() &&
             std::all_of(value.begin(), value.end(), [](auto& each) { return each.is_null(); })) {
    reader->add_problem("send one of " + json::quoted_list(kFields) +
                        ", or leave out \"count\" for at least 1");
  }
  if (exactly) return {*exactly, *exactly};
  return {at_least.value_or(0), at_most.value_or(kNoEnd)};
}

Expectation read_expectation(json::Document& document) {
  static constexpr std::array<std::string_view, 4> kFields = {"on", "match", "status", "count"};
  Expectation expected;
  if (document.has_problems()) return expected;
  json::ObjectReader reader(document, document.root(), "", kFields);
  if (!document.root().is_object()) return expected;
  expected.pattern = scenario::read_request_pattern(reader);
  if (scenario::count_fields(expected.pattern) > kMaxFields) {
    reader.add_problem("match", "has too many fields; the limit is " + std::to_string(kMaxFields));
  }
  expected.status = reader.integer("status", {100, 599});
  expected.count = read_count(reader);
  return expected;
}

/// The status that the client received; nothing if a fault prevented that.
std::optional<int> received_status(const Entry& entry) {
  auto fault = entry.response.fault;
  bool has_head = !fault || *fault == http::Fault::malformed_response_chunk;
  return has_head ? std::optional(entry.response.status) : std::nullopt;
}

std::string describe_status(const Entry& entry) {
  if (received_status(entry)) return std::to_string(entry.response.status);
  return "(none: fault " + std::string(base::name_of(*entry.response.fault)) + ")";
}

bool has_whole_body(const Entry& entry) {
  return entry.request_body_size == entry.request.body.size();
}

/// `entry` and `body`, which has the entry's body, must outlive the result.
scenario::MatchInput input_of(const Entry& entry, const engine::Sandbox& sandbox,
                              json::Body& body) {
  auto input = engine::match_input(sandbox.contract, entry.request, entry.exchange.path, body);
  input.caller_mode = [&entry] { return entry.exchange.caller_mode; };
  return input;
}

/// How much a request differs. A different path or method weighs more than all fields, because it
/// is another call, and a different whole body more than some of its members.
size_t distance_of(const scenario::DifferenceCount& count) {
  constexpr size_t kFar = 100;
  constexpr size_t kWholeBody = 10;
  return count.total + kFar * count.in_route + (count.whole_body ? kWholeBody : 0);
}

/// Compares every request of the journal with the expectation.
Comparison compare_all(const Expectation& expected, const engine::Sandbox& sandbox)
    REQUIRES(sandbox.mutex) {
  constexpr size_t kMaxNearest = 3;
  Comparison comparison;
  std::vector<NearMiss>& nearest = comparison.nearest;
  for (size_t i = 0; i < sandbox.journal.size(); ++i) {
    const Entry entry = sandbox.journal[i];
    if (entry.request.is_preflight() && expected.pattern.method != entry.request.method) continue;
    json::Body body(entry.request.body);
    auto input = input_of(entry, sandbox, body);
    auto count = scenario::count_differences(expected.pattern, input);
    bool same_status = !expected.status || *expected.status == received_status(entry);
    if (!same_status) ++count.total;
    if (count.total == 0) {
      comparison.matching.push_back(i);
      continue;
    }
    if (count.total == 1 && count.in_body == 1 && !has_whole_body(entry)) ++comparison.truncated;
    NearMiss miss{i, distance_of(count)};
    auto place = std::find_if(nearest.begin(), nearest.end(),
                              [&](const NearMiss& each) { return each.distance >= miss.distance; });
    nearest.insert(place, miss);
    if (nearest.size() > kMaxNearest) nearest.pop_back();
  }
  return comparison;
}

/// How an entry differs from the expectation.
std::vector<scenario::Difference> find_differences(const Expectation& expected, const Entry& entry,
                                                   const engine::Sandbox& sandbox) {
  json::Body body(entry.request.body);
  auto input = input_of(entry, sandbox, body);
  auto differences = scenario::compare(expected.pattern, input);
  for (auto& [field, value, actual] : differences) {
    if (has_whole_body(entry) || !field.starts_with("body")) continue;
    actual = "(the journal has only the start of this body)";
  }
  if (expected.status && *expected.status != received_status(entry)) {
    differences.push_back({"status", std::to_string(*expected.status), describe_status(entry)});
  }
  return differences;
}

std::string describe(const Count& count) {
  if (count.lower == count.upper) return "exactly " + std::to_string(count.lower);
  if (count.upper == kNoEnd) return "at least " + std::to_string(count.lower);
  if (count.lower == 0) return "at most " + std::to_string(count.upper);
  return std::to_string(count.lower) + " to " + std::to_string(count.upper);
}

std::string count_requests(int64_t number) {
  return std::to_string(number) + (number == 1 ? " request" : " requests");
}

/// `request 3, POST /apikey/ answered with 400`
std::string describe(const Entry& entry) {
  return "request " + std::to_string(entry.id) + ", " + entry.request.method + " " +
         base::redact_path(entry.exchange.path) + " answered with " + describe_status(entry);
}

void write_count(json::Writer& body, const Count& count) {
  body.open_object();
  if (count.lower == count.upper) {
    body.member("exactly", count.lower);
  } else {
    if (count.lower > 0) body.member("at_least", count.lower);
    if (count.upper != kNoEnd) body.member("at_most", count.upper);
  }
  body.close_object();
}

/// Writes the near misses as the member `nearest`, and adds a line for each to the details.
void write_nearest(json::Writer& body, const Expectation& expected,
                   std::span<const NearMiss> nearest, const engine::Sandbox& sandbox,
                   std::vector<std::string>& details) REQUIRES(sandbox.mutex) {
  body.name("nearest").open_array();
  for (const NearMiss& miss : nearest) {
    const Entry entry = sandbox.journal[miss.index];
    std::string line = "near miss: " + describe(entry);
    std::string_view separator = ": ";
    body.open_object().name("request");
    journal::write_entry(body, entry);
    body.name("differences").open_array();
    for (const auto& [field, value, actual] : find_differences(expected, entry, sandbox)) {
      body.open_object().member("field", field).member("expected", value);
      body.member("actual", actual).close_object();
      line.append(separator).append(field).append(" is ").append(actual);
      line.append(", expected ").append(value);
      separator = "; ";
    }
    body.close_array().close_object();
    details.push_back(std::move(line));
  }
  body.close_array();
}

/// Explains why the journal cannot decide, and what to do about it.
std::vector<std::string> explain_undecided(const journal::Journal& journal, int64_t truncated) {
  std::vector<std::string> details;
  if (journal.capacity() == 0) {
    details.push_back("the journal is off; start without --journal 0");
  } else if (journal.dropped() > 0) {
    details.push_back("the journal has dropped " + count_requests(journal.dropped()) +
                      "; start with a larger --journal (it is " +
                      std::to_string(journal.capacity()) + "), or reset between tests");
  }
  if (truncated > 0) {
    details.push_back("the journal has only the first 16 KiB of the bodies of " +
                      count_requests(truncated) + "; match them by something else");
  }
  return details;
}

/// Lists the sandboxes that received requests, in case the client used another one.
std::string list_busy_sandboxes(const Call& call) {
  constexpr size_t kMaxPlaces = 5;
  std::string text;
  size_t places = 0;
  auto add = [&](const std::string& name, engine::Sandbox& sandbox) {
    base::MutexLock lock(sandbox.mutex);
    int64_t count = sandbox.journal.recorded();
    if (count == 0 || ++places > kMaxPlaces) return;
    text += (places == 1 ? "requests were sent to: " : ", ") + name;
    text += " (" + std::to_string(count) + ")";
  };
  add("the default sandbox", call.sandboxes.default_sandbox());
  for (const auto& sandbox : call.sandboxes.list()) add(sandbox->name, *sandbox);
  if (places == 0) return "no sandbox has received any";
  if (places > kMaxPlaces) text += " and " + std::to_string(places - kMaxPlaces) + " more";
  return text;
}

/// The result of checking an expectation.
struct Outcome {
  bool is_met;
  std::string error = {};
  std::vector<std::string> details = {};
  /// The members of the body's JSON object, for programs.
  json::Writer members;
};

Outcome check(const Expectation& expected, engine::Sandbox& sandbox) {
  base::MutexLock lock(sandbox.mutex);
  constexpr size_t kMaxMatching = 10;
  Comparison found = compare_all(expected, sandbox);
  auto count = static_cast<int64_t>(found.matching.size());
  // Requests that the journal has dropped or truncated may have matched too.
  int64_t max = count + sandbox.journal.dropped() + found.truncated;
  const Count& range = expected.count;
  Outcome outcome{count >= range.lower && max <= range.upper, {}, {}, {}};
  json::Writer& body = outcome.members;
  body.member("verified", outcome.is_met).member("count", count);
  if (outcome.is_met) return outcome;

  for (size_t i = 0; i < std::min(found.matching.size(), kMaxMatching); ++i) {
    outcome.details.push_back("matched: " + describe(sandbox.journal[found.matching[i]]));
  }
  body.name("expected");
  write_count(body, range);
  std::vector<std::string> unused;
  std::vector<std::string>& details = count <= range.upper ? outcome.details : unused;
  write_nearest(body, expected, found.nearest, sandbox, details);
  outcome.error = "expected " + describe(range) + ", but " + count_requests(count) + " matched";
  bool is_sure = count > range.upper || max < range.lower;
  if (!is_sure) {
    outcome.error = "undecided: the journal no longer has everything needed to answer";
    outcome.details = explain_undecided(sandbox.journal, found.truncated);
  } else if (count == 0 && found.nearest.empty() && sandbox.journal.size() > 0) {
    outcome.details = {
        "this sandbox has received only requests with the method OPTIONS, such as "
        "CORS preflights; name OPTIONS in \"on\" to match them"};
  }
  return outcome;
}

}  // namespace

http::Response verify_requests(const Call& call) {
  json::Document document("body", call.request.body);
  Expectation expected = read_expectation(document);
  if (document.has_problems()) return reject_body(call, document);
  Outcome outcome = check(expected, call.sandbox);
  std::string members = outcome.members.take();
  if (outcome.is_met) return contract::json_response(200, "{" + members + "}");
  if (outcome.details.empty()) {
    outcome.details = {
        "this sandbox has received no requests since it was created, reset or its journal "
        "cleared; " +
        list_busy_sandboxes(call)};
  }
  return reject(call, 409, outcome.error, outcome.details, members);
}

}  // namespace control
