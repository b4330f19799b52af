// The contract deployed-2026-02 against a model of its page: random requests to random worlds.

#include <doctest/doctest.h>

#include <set>

#include "contract/deployed_model_bodies.h"
#include "contract/deployed_model_writes.h"
#include "fixtures/fixture_file.h"
#include "json/body.h"
#include "store/test_seed.h"
#include "world.h"

namespace {

using namespace deployed_model;

struct Advance {
  std::string by;
  microseconds length;
};

const std::vector<Advance> kAdvances = {
    {"PT45.0007S", microseconds(45'000'700)}, {"PT45.0007S", microseconds(45'000'700)},
    {"1s", std::chrono::seconds(1)},          {"45s", std::chrono::seconds(45)},
    {"60s", std::chrono::seconds(60)},        {"PT59.999S", milliseconds(59999)},
    {"PT0.0005S", microseconds(500)},         {"500ms", milliseconds(500)},
    {"14m59s", std::chrono::seconds(899)},    {"15m", std::chrono::seconds(900)},
    {"1d", std::chrono::hours(24)},           {"10d", std::chrono::hours(240)}};

std::string told(const http::Request& request) {
  std::string text = "\n" + request.method + " " + request.target + "\n";
  for (const http::Header& header : request.headers) {
    text += header.name + ": " + header.value + "\n";
  }
  return text + "\n" + request.body + "\n";
}

std::string header_of(const http::Response& response, const char* name) {
  const std::string* const value = response.headers.find(name);
  return value == nullptr ? "(none)" : *value;
}

bool is_uuid_4(const std::string& text) {
  return is_uuid(text) && text[14] == '4' &&
         std::string("89ab").find(text[19]) != std::string::npos &&
         std::ranges::none_of(text, [](char letter) { return letter >= 'A' && letter <= 'F'; });
}

/// The headers of section 2.
void check_headers(const Sent& sent, const http::Response& response) {
  if (!response.body.empty()) CHECK(header_of(response, "Content-Type") == "application/json");
  CHECK(header_of(response, "X-Worker-Source") == "capgo_api-prod-12.113.2");
  const bool is_ours = sent.request.target.starts_with("/apikey");
  CHECK(header_of(response, "Access-Control-Allow-Origin") == (is_ours ? "*" : "(none)"));
  const std::string* const given = sent.request.headers.find("X-Request-Id");
  const std::string request_id = header_of(response, "X-Request-Id");
  const bool is_usable = given != nullptr && !given->empty() && given->size() <= 255 &&
                         std::ranges::all_of(*given, [](char letter) {
                           return (std::isalnum(static_cast<unsigned char>(letter)) &&
                                   static_cast<signed char>(letter) > 0) ||
                                  letter == '_' || letter == '=' || letter == '-';
                         });
  const std::string* const ray = sent.request.headers.find("cf-ray");
  if (is_usable || ray != nullptr) {
    CHECK(request_id == (is_usable ? *given : *ray));
  } else {
    CHECK(is_uuid_4(request_id));
  }
}

void check_retry(const Answer& answer, base::Time now, const http::Response& response) {
  using std::chrono::ceil;
  using std::chrono::seconds;
  const auto expected = [&](microseconds span) {
    return answer.retry_at ? std::to_string(ceil<seconds>(span).count()) : "(none)";
  };
  const base::Time at = answer.retry_at.value_or(now);
  CHECK(header_of(response, "Retry-After") == expected(at - now));
  CHECK(header_of(response, "X-RateLimit-Reset") == expected(at.time_since_epoch()));
}

/// Everything that can happen to a request: every refusal of the page's table (section 16) but
/// those marked [R], which only a broken database can cause, and every success.
std::set<std::string> all_labels() {
  std::set<std::string> labels = {"unknown route",
                                  "preflight",
                                  "IP locked out",
                                  "no_jwt_apikey_or_subkey",
                                  "invalid_jwt",
                                  "invalid_apikey",
                                  "key rate",
                                  "invalid_subkey",
                                  "invalid_subkey: no limits",
                                  "cannot_list_apikeys",
                                  "cannot_get_apikey",
                                  "cannot_create_apikey",
                                  "PUT cannot_update_apikey",
                                  "cannot_delete_apikey",
                                  "list",
                                  "list: none",
                                  "get",
                                  "create",
                                  "create: hashed",
                                  "update",
                                  "regenerate",
                                  "regenerate: hashed",
                                  "delete",
                                  "POST no object",
                                  "POST invalid_limited_to_apps",
                                  "POST invalid_limited_to_apps: items",
                                  "POST invalid_limited_to_orgs",
                                  "POST invalid_limited_to_orgs: items",
                                  "POST name_is_required",
                                  "POST mode_is_required",
                                  "POST org_not_found PGRST116",
                                  "POST org_not_found 22P02",
                                  "POST app_not_found PGRST116",
                                  "POST app_not_found 22P02",
                                  "PUT api_key_id_required",
                                  "PUT name_must_be_a_string",
                                  "PUT limited_to_apps_must_be_an_array_of_strings",
                                  "PUT limited_to_orgs_must_be_an_array_of_strings",
                                  "PUT regenerate_must_be_boolean",
                                  "PUT no_valid_fields_provided_for_update"};
  for (const std::string method : {"GET ", "DELETE ", "PUT "}) {
    for (const char* const what : {"invalid_id_format", "PGRST116", "22003", "22P02"}) {
      labels.insert(method + what);
    }
  }
  for (const std::string method : {"POST ", "PUT "}) {
    for (const char* const what :
         {"invalid_json_parse_body", "unknown_error", "unknown_error: device_id", "invalid_mode",
          "invalid_expiration_date: format", "invalid_expiration_date: future",
          "expiration_required", "expiration_exceeds_max"}) {
      labels.insert(method + what);
    }
    for (const char* const code : {"22007", "22008", "22P02", "22P05"}) {
      labels.insert(method +
                    (method == "PUT " ? "failed_to_update_apikey " : "failed_to_create_apikey ") +
                    code);
    }
  }
  return labels;
}

/// One world, the engine that answers there, and the model of it.
class Play {
 public:
  /// `missing` is what no answer has shown yet.
  Play(Chance& chance, std::set<std::string>& missing, std::optional<int64_t> rate_limit)
      : chance_(chance),
        missing_(missing),
        world_(make_world(chance, world::standing_clock().now())),
        engine_(world::make_engine({.contract = contract::find_contract("deployed-2026-02"),
                                    .fixture = fixtures::write_fixtures(world_.snapshot),
                                    .rate_limit = rate_limit})),
        model_(world_.snapshot, world::standing_clock().now(), rate_limit),
        maker_(model_, chance, world_.secrets) {}

  void step() {
    if (chance_.once_in(12)) advance();
    const Sent sent = maker_.make();
    const http::Response response = engine_.handle(sent.request);
    INFO(told(sent.request));
    INFO("reason: ", header_of(response, "X-Mock-Reason"));
    const base::Time now = model_.now;
    Answer answer = model_.answer(sent.ask, header_of(response, "X-Request-Id"));
    if (answer.to_learn) learn(answer, response);
    check_answer(answer, response);
    check_headers(sent, response);
    check_retry(answer, now, response);
  }

  bool has_failed() const { return has_failed_; }

 private:
  void advance() {
    const Advance span = chance_.one_of(kAdvances);
    const http::Response response =
        engine_.handle({"POST", "/__admin/clock/advance", {}, "{\"by\":\"" + span.by + "\"}"});
    REQUIRE(response.status == 200);
    model_.now += span.length;
  }

  /// Takes what only the answer tells: a new secret, and a new row's second id.
  void learn(Answer& answer, const http::Response& response) {
    const Ordered row = Ordered::parse(response.body, nullptr, false);
    const bool is_row = response.status == 200 && row.is_object() && row.contains("key") &&
                        row["key"].is_string() && row["rbac_id"].is_string();
    if (!is_row) return;
    const auto secret = row["key"].get<std::string>();
    const auto rbac_id = row["rbac_id"].get<std::string>();
    CHECK(is_uuid_4(secret));
    CHECK(is_uuid_4(rbac_id.starts_with("b0000000-") ? "b0000000-0000-4000-8000-000000000000"
                                                     : rbac_id));
    CHECK(told_.insert(secret).second);
    const int64_t id = answer.to_learn->id;
    answer.variants[0].body = model_.learn(*answer.to_learn, secret, rbac_id);
    maker_.note(id, secret);
  }

  void check_answer(const Answer& answer, const http::Response& response) {
    const auto is_it = [&](const Variant& variant) {
      return variant.status == response.status && variant.body == response.body;
    };
    const auto found = std::ranges::find_if(answer.variants, is_it);
    if (found != answer.variants.end()) {
      missing_.erase(found->label);
      return;
    }
    const Variant& wanted = answer.variants.at(0);
    INFO("expected (", wanted.label, "): ", wanted.status, "\n", wanted.body);
    INFO("answered: ", response.status, "\n", response.body);
    has_failed_ = true;
    FAIL_CHECK("not what the page says");
  }

  Chance& chance_;
  std::set<std::string>& missing_;
  World world_;
  engine::Engine engine_;
  Model model_;
  Maker maker_;
  std::set<std::string> told_;
  bool has_failed_ = false;
};

}  // namespace

TEST_CASE("deployed-2026-02 answers random requests as the rules of its page say") {
  const uint64_t seed = store_tests::test_seed();
  INFO("MOCK_CAPGO_TEST_SEED=", seed);
  Chance chance(seed);
  std::set<std::string> missing = all_labels();
  // What is rare may need a few rounds more.
  for (int round = 0; round < 36 || (round < 400 && !missing.empty()); ++round) {
    static const std::vector<std::optional<int64_t>> kRateLimits = {std::nullopt, 4, 9};
    Play play(chance, missing, kRateLimits[static_cast<size_t>(round) % kRateLimits.size()]);
    for (int step = 0; step < 100; ++step) {
      CAPTURE(round);
      CAPTURE(step);
      play.step();
      // After a wrong answer the model no longer knows what there is.
      if (play.has_failed()) return;
    }
  }
  for (const std::string& label : missing) FAIL_CHECK("never seen: ", label);
}
