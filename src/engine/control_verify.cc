#include <algorithm>
#include <array>
#include <limits>

#include "base/secret_text.h"
#include "contract/render.h"
#include "engine/asked.h"
#include "engine/control.h"
#include "http/shown_path.h"
#include "json/object_reader.h"
#include "json/writer.h"

/// The control call that checks what a sandbox was asked, and shows what came nearest.
namespace engine {
namespace {

using journal::Entry;

constexpr int64_t kNoEnd = std::numeric_limits<int64_t>::max();

/// How many requests there must be; both ends included.
struct Count {
  int64_t lower = 1;
  int64_t upper = kNoEnd;

  bool contains(int64_t number) const { return lower <= number && number <= upper; }
};

struct Expectation {
  scenario::RequestPattern pattern;
  std::optional<int64_t> status;
  Count count;
};

/// A request of the journal, and in what it differs from what was expected.
struct Judged {
  /// Its place in the journal.
  size_t place;
  std::vector<scenario::Difference> differences;
  /// Whether nobody can tell: it differs in a body of which the journal has the beginning only.
  bool is_cut = false;
};

Count read_count(json::Document& document, const json::ObjectReader& whole) {
  static constexpr std::array<std::string_view, 3> kFields = {"exactly", "at_least", "at_most"};
  constexpr json::Range kNumbers = {0, 1'000'000'000};
  const json::Ordered* value = whole.find("count");
  if (value == nullptr) return {};
  json::ObjectReader reader(document, *value, whole.pointer("count"), kFields);
  auto exactly = reader.integer("exactly", kNumbers);
  auto at_least = reader.integer("at_least", kNumbers);
  auto at_most = reader.integer("at_most", kNumbers);
  if (exactly && (at_least || at_most)) {
    reader.problem("\"exactly\" stands alone; remove it or the others");
  } else if (at_least && at_most && *at_least > *at_most) {
    reader.problem("\"at_least\" must not be above \"at_most\"");
  } else if (value->is_object() &&
             std::all_of(value->begin(), value->end(), [](auto& each) { return each.is_null(); })) {
    reader.problem("give one of " + json::quoted_list(kFields) + ", or leave \"count\" out for 1");
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
  expected.pattern = scenario::read_request_pattern(document, reader);
  expected.status = reader.integer("status", {100, 599});
  expected.count = read_count(document, reader);
  return expected;
}

/// The status that the client has seen; nothing if a fault kept it from that.
std::optional<int> seen_status(const Entry& entry) {
  bool has_head = !entry.fault || *entry.fault == http::Fault::malformed_response_chunk;
  return has_head ? std::optional(entry.status) : std::nullopt;
}

std::string shown_status(const Entry& entry) {
  if (seen_status(entry)) return std::to_string(entry.status);
  return "(none: fault " + std::string(http::kFaultNames[static_cast<size_t>(*entry.fault)]) + ")";
}

/// In what the requests of the journal differ from what is expected, newest last.
std::vector<Judged> judge_all(const Expectation& expected, const Sandbox& sandbox)
    REQUIRES(sandbox.mutex) {
  std::vector<Judged> judged;
  for (size_t i = 0; i < sandbox.journal.size(); ++i) {
    const Entry entry = sandbox.journal[i];
    scenario::Asked asked = as_asked(sandbox.contract, entry.request, entry.path);
    asked.caller_mode = [&entry] { return entry.caller_mode; };
    judged.push_back({i, scenario::compare(expected.pattern, asked)});
    Judged& each = judged.back();
    bool has_body = entry.request_body_size == entry.request.body.size();
    for (auto& [field, wanted, actual] : each.differences) {
      if (has_body || !field.starts_with("body")) continue;
      each.is_cut = each.differences.size() == 1;
      actual = "(the journal has only the beginning of this body)";
    }
    if (!expected.status || *expected.status == seen_status(entry)) continue;
    each.is_cut = false;
    each.differences.push_back({"status", std::to_string(*expected.status), shown_status(entry)});
  }
  return judged;
}

/// How far a request is from what was expected: another path or method is another call, whatever
/// else fits, and a body that is no object has nothing of one.
size_t distance(const Judged& judged) {
  constexpr size_t kFar = 100;
  constexpr size_t kWholeBody = 10;
  size_t sum = judged.differences.size();
  for (const auto& difference : judged.differences) {
    if (difference.field == "path" || difference.field == "method") sum += kFar;
    if (difference.field == "body") sum += kWholeBody;
  }
  return sum;
}

/// The few that differ least, of those the newest; those that do not differ are left out.
std::vector<Judged> find_nearest(std::vector<Judged> judged) {
  constexpr size_t kMost = 3;
  std::erase_if(judged, [](const Judged& each) { return each.differences.empty(); });
  std::reverse(judged.begin(), judged.end());
  std::stable_sort(judged.begin(), judged.end(), [](const Judged& left, const Judged& right) {
    return distance(left) < distance(right);
  });
  judged.resize(std::min(judged.size(), kMost));
  return judged;
}

/// Leaves of secrets, in what differs, no more than may be shown.
void shorten_secrets(std::vector<Judged>& all, const base::IsSecret& is_secret) {
  for (Judged& judged : all) {
    for (auto& [field, expected, actual] : judged.differences) {
      for (std::string* text : {&field, &expected, &actual}) {
        *text = base::shorten_secrets(*text, is_secret);
      }
    }
  }
}

std::string shown(const Count& count) {
  if (count.lower == count.upper) return "exactly " + std::to_string(count.lower);
  if (count.upper == kNoEnd) return "at least " + std::to_string(count.lower);
  if (count.lower == 0) return "at most " + std::to_string(count.upper);
  return std::to_string(count.lower) + " to " + std::to_string(count.upper);
}

std::string counted(int64_t number) {
  return std::to_string(number) + (number == 1 ? " request" : " requests");
}

/// `request 3, POST /apikey/ answered with 400`
std::string shown(const Entry& entry) {
  return "request " + std::to_string(entry.id) + ", " + entry.request.method + " " +
         http::shorten_secrets_in_path(entry.path, {}) + " answered with " + shown_status(entry);
}

/// `...: body/mode is "reed", expected "read"; ...`
std::string shown(const Judged& judged, const journal::Journal& journal) {
  std::string text = shown(journal[judged.place]);
  std::string_view separator = ": ";
  for (const auto& [field, expected, actual] : judged.differences) {
    text.append(separator).append(field).append(" is ").append(actual);
    text.append(", expected ").append(expected);
    separator = "; ";
  }
  return text;
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

void write_judged(json::Writer& body, const Judged& judged, const journal::Journal& journal,
                  const base::IsSecret& is_secret) {
  body.open_object().name("request");
  journal::write_entry(body, journal[judged.place], is_secret);
  body.name("differences").open_array();
  for (const auto& difference : judged.differences) {
    body.open_object().member("field", difference.field);
    body.member("expected", difference.expected).member("actual", difference.actual);
    body.close_object();
  }
  body.close_array().close_object();
}

/// What a person should know whose expectation was not met: what matched, and what came nearest
/// if that was too little.
std::vector<std::string> explain(const Expectation& expected, const std::vector<Judged>& all,
                                 int64_t count, const std::vector<Judged>& nearest,
                                 const journal::Journal& journal) {
  constexpr size_t kMost = 10;
  std::vector<std::string> details;
  for (const Judged& each : all) {
    if (each.differences.empty() && details.size() < kMost) {
      details.push_back("it matches " + shown(each, journal));
    }
  }
  if (count > expected.count.upper) return details;
  for (const Judged& each : nearest) details.push_back("near is " + shown(each, journal));
  return details;
}

/// Why the journal does not tell, and what to do.
std::vector<std::string> explain_doubt(const journal::Journal& journal, int64_t cut) {
  std::vector<std::string> details;
  if (journal.capacity() == 0) {
    details.push_back("it keeps nothing; start without --journal 0");
  } else if (journal.dropped() > 0) {
    details.push_back("it has lost " + counted(journal.dropped()) +
                      "; start with a greater --journal (it is " +
                      std::to_string(journal.capacity()) + "), or reset between tests");
  }
  if (cut > 0) {
    details.push_back("it has only the beginning of the bodies of " + counted(cut) +
                      ", which are longer than 16 KiB; match them by something else");
  }
  return details;
}

/// Which sandboxes have been asked anything, for who has asked another than the one looked at.
std::string tell_where_requests_came(const ControlCall& call) {
  constexpr size_t kMost = 5;
  std::vector<std::string> places;
  auto add = [&](const std::string& name, Sandbox& sandbox) {
    base::MutexLock lock(sandbox.mutex);
    int64_t count = sandbox.journal.recorded();
    if (count > 0) places.push_back(name + " (" + std::to_string(count) + ")");
  };
  add("the one without a name", call.sandboxes.plain());
  for (const auto& sandbox : call.sandboxes.list()) add(sandbox->name, *sandbox);
  if (places.empty()) return "no sandbox has had any";
  std::string text = "requests came to: " + places.front();
  for (size_t i = 1; i < std::min(places.size(), kMost); ++i) text += ", " + places[i];
  if (places.size() > kMost) text += " and " + std::to_string(places.size() - kMost) + " more";
  return text;
}

/// What came of an expectation.
struct Outcome {
  bool is_met;
  std::string error = {};
  std::vector<std::string> details = {};
  /// The members of the answer, as a JSON object.
  std::string members;
};

Outcome judge(const Expectation& expected, Sandbox& sandbox) {
  base::MutexLock lock(sandbox.mutex);
  std::vector<Judged> all = judge_all(expected, sandbox);
  auto count = static_cast<int64_t>(std::count_if(
      all.begin(), all.end(), [](const Judged& each) { return each.differences.empty(); }));
  int64_t lost = sandbox.journal.dropped();
  auto cut = static_cast<int64_t>(
      std::count_if(all.begin(), all.end(), [](const Judged& each) { return each.is_cut; }));
  // Requests that the journal has lost, or of which it has a part, may have matched too.
  int64_t most = count + lost + cut;
  bool is_sure = count > expected.count.upper || most < expected.count.lower ||
                 (count >= expected.count.lower && most <= expected.count.upper);
  bool is_met = is_sure && expected.count.contains(count);
  json::Writer body;
  body.open_object().member("verified", is_met).member("count", count);
  if (is_met) return {is_met, {}, {}, body.close_object().take()};

  std::vector<Judged> nearest = find_nearest(all);
  base::IsSecret is_secret = secrets_of(*sandbox.keys);
  shorten_secrets(nearest, is_secret);
  body.name("expected");
  write_count(body, expected.count);
  body.name("nearest").open_array();
  for (const Judged& each : nearest) write_judged(body, each, sandbox.journal, is_secret);
  std::string members = body.close_array().close_object().take();
  if (!is_sure) {
    std::vector<std::string> details = explain_doubt(sandbox.journal, cut);
    return {is_met, "nobody can tell: the journal lacks what may matter", details,
            std::move(members)};
  }
  return {is_met, "expected " + shown(expected.count) + ", and " + counted(count) + " matched",
          explain(expected, all, count, nearest, sandbox.journal), std::move(members)};
}

}  // namespace

http::Response verify_requests(const ControlCall& call) {
  json::Document document("body", call.request.body);
  Expectation expected = read_expectation(document);
  if (document.has_problems()) return refuse_body(call, document);
  Outcome outcome = judge(expected, call.sandbox);
  if (!outcome.is_met) {
    if (outcome.details.empty()) {
      outcome.details = {
          "this sandbox was asked nothing since it began or was reset, or its journal "
          "was emptied; " +
          tell_where_requests_came(call)};
    }
    http::Response refusal = refuse(call, 409, outcome.error, outcome.details);
    // What programs want to know follows what people read.
    refusal.body.back() = ',';
    refusal.body += outcome.members.substr(1);
    return refusal;
  }
  return contract::json_response(200, outcome.members);
}

}  // namespace engine
