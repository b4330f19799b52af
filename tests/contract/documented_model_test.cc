#include <doctest/doctest.h>

#include <set>

#include "contract/documented_model_requests.h"
#include "fixtures/fixture_file.h"
#include "store/test_seed.h"
#include "world.h"

// The documented contract against its rules written once more, from the page: random worlds, random
// requests, every answer byte for byte.

namespace {

using namespace documented_model;

/// How often each rule of the page gave the answer.
using Coverage = std::map<std::string, int>;

constexpr int kRounds = 45;
constexpr int kSteps = 200;

std::string told(const http::Request& request) {
  std::string text = request.method + " " + request.target + "\n";
  for (const http::Header& header : request.headers)
    text += header.name + ": " + header.value + "\n";
  return text + "\n" + request.body;
}

http::Request to_clock(Random& random, const Model& model, Moment& moment) {
  if (random.chance(50)) {
    Moment by = random.pick(std::vector<Moment>{1, 1000, 20'000, 59'999, 60'000, 3'600'000});
    if (random.chance(15)) by = 86'400'000 * static_cast<Moment>(1 + random.below(40));
    moment = model.now + by * 1000;
    return {"POST", "/__admin/clock/advance", {}, R"({"by":")" + std::to_string(by) + "ms\"}"};
  }
  // To where something changes for one of the keys, or just beyond.
  moment = model.now;
  for (int i = 0; i < 8 && moment <= model.now; ++i) {
    auto found = model.keys.begin();
    std::advance(found, random.below(model.keys.size()));
    moment = found->second.expires.value_or(model.now);
    if (random.chance(30)) moment += 30 * kDay;
    if (random.chance(30)) moment += 1;
  }
  if (moment < model.now || moment > model.now + 100 * kDay) moment = model.now + 1;
  return {"PUT", "/__admin/clock", {}, R"({"now":")" + exact_text(moment) + "\"}"};
}

std::string header_of(const http::Response& response, std::string_view name) {
  const std::string* value = response.headers.find(name);
  return value == nullptr ? "none" : *value;
}

/// What section 12 promises of headers.
void check_headers(const http::Request& request, const http::Response& response,
                   const Answer& wanted, Moment now) {
  bool is_below = request.target.starts_with("/apikey");
  CHECK(header_of(response, "Access-Control-Allow-Origin") == (is_below ? "*" : "none"));
  CHECK(header_of(response, "Content-Type") ==
        (wanted.status == 204 ? "none" : "application/json"));
  std::string after = "none";
  std::string reset = "none";
  if (wanted.retry_at) {
    after = std::to_string(round_up(*wanted.retry_at - now) / kSecond);
    reset = std::to_string(round_up(*wanted.retry_at) / kSecond);
  }
  CHECK(header_of(response, "Retry-After") == after);
  CHECK(header_of(response, "X-RateLimit-Reset") == reset);
}

/// The secret in the answer to a create; it must be a new one, of the documented form.
std::string made_secret(const std::string& body, std::set<std::string>& secrets) {
  size_t at = body.find(R"("key":"ak_)");
  REQUIRE(at != std::string::npos);
  std::string secret = body.substr(at + 7, 35);
  CHECK(secret.find_first_not_of("0123456789abcdef", 3) == std::string::npos);
  CHECK(secrets.insert(secret).second);
  return secret;
}

void check_step(engine::Engine& engine, Model& model, const Asked& asked, Coverage& coverage,
                std::set<std::string>& secrets) {
  http::Response response = engine.handle(asked.request);
  Answer wanted = model.answer(asked);
  INFO("request: ", told(asked.request));
  INFO("at ", exact_text(model.now), ", by the rule: ", wanted.rule);
  INFO("X-Mock-Reason: ", header_of(response, "X-Mock-Reason"));
  REQUIRE(response.status == wanted.status);
  if (wanted.made) wanted.body = model.keep(*wanted.made, made_secret(response.body, secrets));
  REQUIRE(response.body == wanted.body);
  check_headers(asked.request, response, wanted, model.now);
  ++coverage[wanted.rule];
}

void run_round(Random& random, Coverage& coverage) {
  Model model = some_world(random, 1'707'696'000 * kSecond);
  world::Wish wish;
  wish.fixture = fixture_of(model);
  wish.rate_limit = model.rate_limit;
  wish.seed = random.below(1000);
  std::vector<fixtures::FixtureText> texts = {{"world.json", wish.fixture}};
  REQUIRE(fixtures::load_fixtures(texts, {}).problems.empty());
  engine::Engine engine = world::make_engine(wish);
  Requests requests(random, model);
  std::set<std::string> secrets;
  // A user may delete its last key; without any there is little left to ask.
  for (int step = 0; step < kSteps && !model.keys.empty(); ++step) {
    CAPTURE(step);
    if (random.chance(15)) {
      Moment moment = 0;
      http::Request request = to_clock(random, model, moment);
      REQUIRE(engine.handle(request).status == 200);
      model.now = moment;
    }
    check_step(engine, model, requests.next(), coverage, secrets);
  }
}

/// Every row of section 14, and every success.
std::vector<std::string> all_rules() {
  std::vector<std::string> rules = {"route",
                                    "preflight",
                                    "GET",
                                    "GET at expires_at",
                                    "POST",
                                    "POST hashed",
                                    "POST no object",
                                    "POST apps",
                                    "POST orgs",
                                    "POST items of apps",
                                    "POST items of orgs",
                                    "POST no name",
                                    "POST name",
                                    "POST mode",
                                    "POST hashed type",
                                    "POST date form",
                                    "POST past",
                                    "POST date required",
                                    "POST beyond maximum",
                                    "DELETE",
                                    "DELETE itself",
                                    "DELETE expired",
                                    "DELETE id form",
                                    "DELETE UUID",
                                    "DELETE no such key",
                                    "DELETE cleaned up",
                                    "DELETE of another user"};
  for (const char* endpoint : {"GET ", "POST ", "DELETE "}) {
    for (const char* rule :
         {"401 missing", "401 unknown", "401 cleaned up", "401 Bearer", "401 JWT", "401 expired",
          "401 expired before 403", "429", "429 before 403", "403 mode", "403 apps", "403 orgs"}) {
      rules.push_back(std::string(endpoint) + rule);
    }
  }
  return rules;
}

}  // namespace

TEST_CASE("any requests in any order are answered as the documented page says") {
  const uint64_t seed = store_tests::test_seed();
  INFO("MOCK_CAPGO_TEST_SEED=", seed);
  Random random(seed);
  Coverage coverage;
  const std::vector<std::string> rules = all_rules();
  // Chance may keep a rare rule waiting; longer than this it does not.
  for (int round = 0; round < kRounds || (coverage.size() < rules.size() && round < 10 * kRounds);
       ++round) {
    CAPTURE(round);
    run_round(random, coverage);
  }
  for (const std::string& rule : rules) {
    CAPTURE(rule);
    CHECK(coverage[rule] > 0);
  }
  CHECK(coverage.size() == rules.size());
}
