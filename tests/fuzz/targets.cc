#include "fuzz/targets.h"

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/time_format.h"
#include "fixtures/fixture_file.h"
#include "json/body.h"
#include "json/value.h"
#include "scenario/scenario.h"
#include "test_engine.h"
#include "transport/request_parser.h"

namespace fuzz {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

/// Cuts the text up to the next `end` off `rest`.
std::string_view next_part(std::string_view& rest, char end) {
  std::string_view part = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

// Framing.

/// The requests in a stream of bytes that come `size` at a time, and how the stream ends.
std::vector<std::string> parse_requests(std::string_view input, size_t size) {
  using Status = transport::RequestParser::Status;
  transport::RequestParser parser({128, 512, 8, 256});
  std::vector<std::string> seen;
  while (!input.empty()) {
    std::string_view chunk = input.substr(0, size);
    input.remove_prefix(chunk.size());
    while (!chunk.empty()) {
      size_t count = parser.read(chunk);
      require(count <= chunk.size(), "more bytes are read than there are");
      require(count > 0 || parser.status() != Status::incomplete, "no byte is read");
      chunk.remove_prefix(count);
      if (parser.status() == Status::rejected) {
        seen.push_back(std::to_string(parser.error().status) + " " + parser.error().what());
        return seen;
      }
      if (parser.status() != Status::complete) continue;
      transport::ParsedRequest parsed = parser.take();
      const http::Request& request = parsed.request;
      std::string text = request.method + " " + request.target + "\n";
      for (const http::Header& line : request.headers)
        text.append(line.name).append(":").append(line.value).append("\n");
      seen.push_back(text + request.body + (parsed.keep_alive ? "\nkeep-alive" : "\nclose"));
    }
  }
  seen.push_back(parser.has_begun() ? "incomplete" : "complete");
  return seen;
}

void framing(std::string_view input) {
  std::vector<std::string> whole = parse_requests(input, input.size() + 1);
  for (size_t size : {size_t{1}, size_t{7}}) {
    require(parse_requests(input, size) == whole, "the result depends on how the bytes arrive");
  }
}

// Files.

void fixtures(std::string_view input) {
  fixtures::FixtureText text{"f.json", std::string(input)};
  fixtures::Defaults defaults{base::Time{}};
  fixtures::Fixtures loaded = fixtures::load_fixtures({&text, 1}, defaults);
  if (!loaded.problems.empty()) return;
  fixtures::FixtureText written{"f.json", fixtures::write_fixtures(loaded.snapshot)};
  fixtures::Fixtures again = fixtures::load_fixtures({&written, 1}, defaults);
  require(again.problems.empty(), "an export does not load: " + written.text);
  require(again.snapshot == loaded.snapshot, "an export loads as something else: " + written.text);
}

void scenarios(std::string_view input) {
  scenario::load_scenario("s.json", std::string(input), scenario::RightsCheck::modes);
  scenario::load_scenario("s.json", std::string(input), scenario::RightsCheck::permissions);
  auto loaded = scenario::load_scenario("s.json", std::string(input));
  if (!loaded.problems.empty()) return;
  test_engine::Options options;
  options.scenarios = {std::string(input)};
  engine::Engine engine = test_engine::make_engine(options);
  for (const char* method : {"GET", "POST", "OPTIONS"}) {
    http::Request request{method, "/apikey/?a=1", {{"authorization", "ak_all"}}, "{\"a\":1}"};
    http::Response response = engine.handle(request);
    require(response.status >= 100 && response.status <= 999, "a status is out of range");
    require(response.delay.count() >= 0, "a delay is negative");
  }
}

// Requests.

void check_json(const http::Response& response, const http::Request& request) {
  if (response.body.empty()) return;
  require(json::Value::accept(response.body), request.target + ": the body is not JSON");
}

/// An engine for each contract. Made once, because that takes far longer than a request.
std::deque<engine::Engine>& engines() {
  static std::deque<engine::Engine> all;
  if (!all.empty()) return all;
  for (const contract::Contract* contract : contract::all()) {
    test_engine::Options options;
    options.contract = contract;
    options.fixture =
        test_engine::read_file("tests/contract/fixture-" + std::string(contract->name) + ".json");
    all.emplace_back(test_engine::make_config(options));
  }
  return all;
}

void bodies(std::string_view input) {
  for (engine::Engine& engine : engines()) {
    engine.handle({"POST", "/__admin/reset", {}, ""});
    std::string key = engine.first_key().value();
    for (const char* method : {"POST", "PUT"}) {
      http::Request request{method, "/apikey/", {{"authorization", key}}, std::string(input)};
      check_json(engine.handle(request), request);
    }
    http::Request list{"GET", "/apikey/", {{"authorization", key}}, ""};
    http::Response response = engine.handle(list);
    // The body may have replaced the calling key.
    require(response.status == 200 || response.status == 401, "the keys cannot be listed");
    check_json(response, list);
  }
}

/// Each line is a call: `PUT /clock {"now":"2024-01-31"}`.
void control(std::string_view input) {
  constexpr int kMaxCalls = 20;
  engine::Engine engine = test_engine::make_engine();
  for (int calls = 0; !input.empty() && calls < kMaxCalls; ++calls) {
    std::string_view line = next_part(input, '\n');
    std::string method(next_part(line, ' '));
    std::string target = "/__admin" + std::string(next_part(line, ' '));
    http::Request request{method, target, {{"Host", "localhost"}}, std::string(line)};
    http::Response response = engine.handle(request);
    bool is_full = response.body.find("no ids left") != std::string::npos;
    require(response.status < 500 || is_full, target + ": a call fails");
    if (response.status != 204) check_json(response, request);
  }
  http::Request request{"GET", "/__admin/state", {{"Host", "localhost"}}, ""};
  fixtures::FixtureText state{"state", engine.handle(request).body};
  require(fixtures::load_fixtures({&state, 1}, {base::Time{}}).problems.empty(),
          "the state does not load: " + state.text);
}

void dates(std::string_view input) {
  if (auto time = base::parse_time(input)) {
    require(base::parse_time(base::format_time_with_fraction(*time)) == time,
            "a time is written as another one");
    require(base::parse_typed_time(input) == time, "the same time is typed differently");
  }
  base::parse_extended_time(input);
  if (auto duration = base::parse_duration(input)) base::add(base::Time{}, *duration);
  const std::string text = json::dump(json::Ordered(std::string(input)));
  const std::string key = R"({"name":"k","mode":"read","limited_to_orgs":[)" + text + "],";
  bodies(key + "\"expires_at\":" + text + "}");
  bodies(key + "\"expires_at\":" + std::string(input) + "}");
}

constexpr auto kTargets = std::to_array<Target>({{"framing", framing},
                                                 {"fixtures", fixtures},
                                                 {"scenarios", scenarios},
                                                 {"bodies", bodies},
                                                 {"control", control},
                                                 {"dates", dates}});

}  // namespace

std::span<const Target> targets() { return kTargets; }

}  // namespace fuzz
