#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/calling.h"

using engine_tests::bytes;
using engine_tests::header;
using engine_tests::send;

namespace {

/// A secret by its form, whether a key has it or not.
const std::string kSecret = "ak_0123456789abcdef0123456789abcdef";
/// One that only a key's having it makes a secret.
const std::string kHeld = "hunter2-is-held";

engine::Engine make_engine() {
  world::Wish wish;
  wish.fixture = R"([{"key":"ak_all","mode":"all","name":"k"},
                     {"key":")" +
                 kHeld + R"(","mode":"read","name":"k"}])";
  return world::make_engine(wish);
}

/// A call with `@` where the secret is to stand, in target or body.
struct Place {
  std::string method;
  std::string target;
  std::string body = {};
};

std::string filled(std::string text, const std::string& secret) {
  for (size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at)) {
    text.replace(at, 1, secret);
    at += secret.size();
  }
  return text;
}

/// Checks that calls are refused, and that no byte of the answers has the secret whole.
void check_shortened(const std::string& secret, const std::vector<Place>& places) {
  engine::Engine engine = make_engine();
  for (const Place& place : places) {
    const http::Response answer =
        send(engine, place.method, filled(place.target, secret), filled(place.body, secret));
    CAPTURE(place.target);
    CAPTURE(place.body);
    CAPTURE(answer.body);
    CHECK(answer.status >= 400);
    CHECK(bytes(answer).find(secret) == std::string::npos);
  }
}

/// Where a secret may stand alone.
const std::vector<Place> kAlone = {
    {"PUT", "/__admin/clock", R"({"now":"@"})"},
    {"PUT", "/__admin/clock", R"({"frozen":"@"})"},
    {"PUT", "/__admin/clock", R"("@")"},
    {"PUT", "/__admin/clock", R"({"now":["@"]})"},
    {"PUT", "/__admin/clock", R"({"now":{"x":"@"}})"},
    {"POST", "/__admin/clock/advance", R"({"by":"@"})"},
    {"POST", "/__admin/authorize", R"({"key":"k","action":"@"})"},
    {"POST", "/__admin/authorize", R"({"key":["@"],"action":"all"})"},
    {"POST", "/__admin/sandboxes", R"({"name":["@"]})"},
    {"GET", "/__admin/requests?@=1"},
    {"GET", "/__admin/requests?status=@"},
    {"GET", "/__admin/requests?since=@"},
    {"GET", "/__admin/requests?limit=@"},
    {"GET", "/__admin/requests?path=@"},
    {"POST", "/__admin/verify", R"({"on":"@"})"},
    {"POST", "/__admin/verify", R"({"status":"@"})"},
    {"POST", "/__admin/verify", R"({"count":"@"})"},
    {"POST", "/__admin/verify", R"({"count":{"exactly":"@"}})"},
    {"POST", "/__admin/verify", R"({"match":"@"})"},
    {"POST", "/__admin/verify", R"({"match":{"mode":"@"}})"},
    {"POST", "/__admin/verify", R"({"match":{"header":"@","query":["@"]}})"},
    {"PUT", "/__admin/scenarios/a", R"({"rules":"@"})"},
    {"PUT", "/__admin/scenarios/a", R"({"rules":["@"]})"},
    {"PUT", "/__admin/scenarios/a", R"({"rules":[{"on":"@","error":"@","fault":"@"}]})"},
    {"PUT", "/__admin/scenarios/a", R"({"rules":[{"on":"* *","respond":{"status":"@"}}]})"},
    {"PUT", "/__admin/scenarios/@"},
    {"DELETE", "/__admin/scenarios/@"},
    {"DELETE", "/__admin/sandboxes/@"},
    {"PUT", "/__admin/state", R"("@")"},
    {"PUT", "/__admin/state", R"({"keys":"@"})"},
    {"PUT", "/__admin/state", R"([{"key":"@","mode":"@","name":["@"]},{"key":"@"}])"},
    {"PUT", "/__admin/state", R"([{"key":["@"],"key_hash":"@","mode":"all","name":"n"}])"},
    {"PUT", "/__admin/state", R"([{"key":"ak_1","mode":"all","name":"n","expires_at":"@"}])"},
    {"PUT", "/__admin/state", R"({"orgs":[{"id":"@"},{"id":"@"}],"apps":["@"]})"},
};

}  // namespace

TEST_CASE("a secret that stands alone in a control call comes back shortened") {
  check_shortened(kSecret, kAlone);
  check_shortened("0b8e5f52-9a53-4f6e-8e3c-7d1f0a4b2c61", kAlone);
}

TEST_CASE("a secret that only a key makes one comes back shortened too") {
  check_shortened(kHeld, kAlone);
}

TEST_CASE("a secret that looks like one is shortened as the name of a member, or in a path") {
  check_shortened(kSecret, {
                               {"PUT", "/__admin/clock", R"({"@":1})"},
                               {"PUT", "/__admin/clock", R"({"now":1,"@":1,"@":2})"},
                               {"PUT", "/__admin/state", R"({"@":1})"},
                               {"PUT", "/__admin/state", R"([{"@":1}])"},
                               {"PUT", "/__admin/scenarios/a", R"({"rules":[{"@":1}]})"},
                               {"POST", "/__admin/verify", R"({"match":{"header":{"@":1}}})"},
                               {"POST", "/__admin/verify", R"({"match":{"@":1}})"},
                               {"GET", "/__admin/@"},
                               {"GET", "/__admin/scenarios/a/@"},
                               {"GET", "/sandbox/a/__admin/@"},
                               {"GET", "/sandbox/@@@/apikey/"},
                           });
}

TEST_CASE("a secret in a body that is no JSON comes back shortened") {
  for (const std::string& secret : {kSecret, kHeld}) {
    check_shortened(secret, {
                                {"PUT", "/__admin/clock", "@"},
                                {"PUT", "/__admin/clock", R"({"now":@})"},
                                {"PUT", "/__admin/state", R"([{"key":"@)"},
                                {"PUT", "/__admin/state", "[{\"key\":\"@\n\"}]"},
                                {"PUT", "/__admin/state", R"([{"key":"@"x)"},
                                {"PUT", "/__admin/scenarios/a", "@"},
                            });
  }
}

TEST_CASE("the engine knows a secret that only one sandbox's key makes one, for the log") {
  engine::Engine engine = make_engine();
  const std::string own = "only-worker-1-has-it";
  const http::Response put = send(engine, "PUT", "/sandbox/worker-1/__admin/state",
                                  R"([{"key":")" + own + R"(","mode":"all","name":"n"}])");
  CHECK(put.status == 200);
  CHECK(engine.is_secret("worker-1", own));
  CHECK_FALSE(engine.is_secret("-", own));
  CHECK_FALSE(engine.is_secret("worker-2", own));
  for (const std::string sandbox : {"-", "worker-1", "worker-2"}) {
    CAPTURE(sandbox);
    CHECK(engine.is_secret(sandbox, kSecret));
    CHECK(engine.is_secret(sandbox, kHeld));
    CHECK_FALSE(engine.is_secret(sandbox, "apikey"));
  }
}

TEST_CASE("a secret sent as X-Mock-Scenario comes back shortened") {
  engine::Engine engine = make_engine();
  for (const std::string& secret : {kSecret, kHeld}) {
    for (const std::string& sent : {secret, "Bearer " + secret, "a," + secret}) {
      http::Request request = engine_tests::get("/apikey/");
      request.headers.add("X-Mock-Scenario", sent);
      const http::Response answer = engine.handle(request);
      CAPTURE(sent);
      CHECK(answer.status == 400);
      CHECK(bytes(answer).find(secret) == std::string::npos);
    }
  }
}

TEST_CASE("of the requests near an expectation, secrets are shortened in error, details, reason") {
  engine::Engine engine = make_engine();
  const std::string body = R"({"name":")" + kSecret + R"(","mode":[")" + kSecret + "\"]}";
  http::Request request{"POST",
                        "/apikey/" + kSecret + "?a=" + kSecret,
                        {{"authorization", kSecret}, {"X-Other", kSecret}},
                        body};
  engine.handle(request);
  const std::string other = "ak_ffffffffffffffffffffffffffffffff";
  const http::Response answer =
      send(engine, "POST", "/__admin/verify",
           R"({"on":"GET /apikey/)" + other + R"(","match":{"key":")" + other +
               R"(","header":{"X-Other":")" + other + R"("},"query":{"a":")" + other +
               R"("},"body":{"name":")" + other + R"(","mode":")" + other + "\"}}}");
  CHECK(answer.status == 409);
  CHECK(header(answer, "X-Mock-Reason").find(kSecret) == std::string::npos);
  CHECK(bytes(answer).find(other) == std::string::npos);
  auto told = json::parse(answer.body);
  CHECK(told["details"].dump().find(kSecret) == std::string::npos);
  CHECK(told["nearest"][0]["differences"].size() == 7);
  CHECK(told["nearest"][0]["differences"].dump().find(kSecret) == std::string::npos);
  CHECK(told["nearest"][0]["request"]["headers"].dump().find(kSecret) == std::string::npos);
}

TEST_CASE(
    "of the requests near an expectation, headers keep the secrets that only keys make such") {
  engine::Engine engine = make_engine();
  engine.handle({"GET", "/apikey/", {{"authorization", "ak_all"}, {"X-Other", kHeld}}, ""});
  const http::Response answer = send(engine, "POST", "/__admin/verify", R"({"status":404})");
  CHECK(answer.status == 409);
  auto headers = json::parse(answer.body)["nearest"][0]["request"]["headers"];
  CHECK(headers["X-Other"] == "hunter...");
}

TEST_CASE(
    "names of fields that were expected and look like secrets are shortened where they differ") {
  engine::Engine engine = make_engine();
  engine.handle(engine_tests::create());
  for (const std::string field : {"header", "query", "body"}) {
    CAPTURE(field);
    const http::Response answer =
        send(engine, "POST", "/__admin/verify",
             R"({"match":{")" + field + R"(":{")" + kSecret + R"(":"x"}}})");
    CHECK(answer.status == 409);
    CHECK(bytes(answer).find(kSecret) == std::string::npos);
  }
}

TEST_CASE("a secret that was shortened is not shortened once more: its first 6 characters stay") {
  engine::Engine engine = make_engine();
  CHECK(engine_tests::shown(send(engine, "PUT", "/__admin/clock", "\"" + kSecret + "\"")) ==
        engine_tests::refusal(400, engine_tests::kBadBody,
                              {"body:1:1: \"ak_012...\" must be an object with the fields "
                               "\"now\", \"frozen\""}));
}

TEST_CASE("a secret among other words of a text comes back shortened") {
  for (const std::string& secret : {kSecret, kHeld}) {
    check_shortened(secret, {
                                {"PUT", "/__admin/clock", R"({"now":"Bearer @"})"},
                                {"POST", "/__admin/clock/advance", R"({"by":"by @ days"})"},
                                {"POST", "/__admin/sandboxes", R"({"name":"Bearer @"})"},
                                {"POST", "/__admin/sandboxes", R"({"name":"/@"})"},
                                {"GET", "/__admin/requests?status=Bearer+@"},
                                {"GET", "/__admin/requests?key%20@=1"},
                                {"POST", "/__admin/verify", R"({"on":"get /apikey/@"})"},
                                {"POST", "/__admin/verify", R"({"on":"DELETE /apikey/@?x"})"},
                                {"PUT", "/__admin/scenarios/a",
                                 R"({"rules":[{"on":"delete /apikey/@","error":"not_found"}]})"},
                                {"PUT", "/__admin/scenarios/Bearer%20@"},
                                {"DELETE", "/__admin/scenarios/Bearer%20@"},
                                {"DELETE", "/__admin/sandboxes/Bearer%20@"},
                                {"PUT", "/__admin/clock", R"({"now":"Bearer @","frozen":1})"},
                            });
  }
}

TEST_CASE("a secret that names a sandbox or a scenario comes back shortened in refusals") {
  // One by its form names neither.
  check_shortened(kSecret, {{"POST", "/__admin/sandboxes", R"({"name":"@"})"},
                            {"GET", "/sandbox/@/apikey/"},
                            {"PUT", "/__admin/scenarios/@", R"({"rules":[]})"}});
  engine::Engine engine = make_engine();
  CHECK(send(engine, "POST", "/__admin/sandboxes", R"({"name":")" + kHeld + "\"}").status == 201);
  const http::Response taken =
      send(engine, "POST", "/__admin/sandboxes", R"({"name":")" + kHeld + "\"}");
  CHECK(taken.status == 409);
  CHECK(bytes(taken).find(kHeld) == std::string::npos);
  CHECK(send(engine, "PUT", "/__admin/scenarios/" + kHeld, R"({"rules":[]})").status == 200);
  const http::Response unknown = send(engine, "DELETE", "/__admin/scenarios/none");
  CHECK(unknown.status == 404);
  CHECK(bytes(unknown).find(kHeld) == std::string::npos);
}

TEST_CASE("a key of fewer than 6 characters takes no words out of refusals, one of 6 does") {
  world::Wish wish;
  wish.fixture = R"([{"key":"lists","mode":"all","name":"k"},
                     {"key":"fields","mode":"read","name":"k"}])";
  engine::Engine engine = world::make_engine(wish);
  CHECK(engine_tests::ask(engine, "DELETE", "/__admin/sandboxes/a") ==
        engine_tests::refusal(404, "there is no sandbox \"a\"",
                              {"GET /__admin/sandboxes lists them"}));
  CHECK(engine_tests::ask(engine, "PUT", "/__admin/clock", "1") ==
        engine_tests::refusal(400, engine_tests::kBadBody,
                              {"body:1:1: 1 must be an object with the fie... \"now\", "
                               "\"frozen\""}));
}

TEST_CASE("a text that begins with a slash is no token as a whole, but its segments may be") {
  engine::Engine engine = make_engine();
  struct Row {
    std::string sent;
    std::string shown;
  };
  for (const Row& row :
       {Row{"%2Forganizations%2F12345%2Fapps", "/organizations/12345/apps"},
        Row{"%2Forganizations%2F" + kSecret + "%2Fapps", "/organizations/ak_012.../apps"},
        Row{"%2Fapps%2F" + kHeld, "/apps/hunter..."}}) {
    CAPTURE(row.sent);
    CHECK(engine_tests::ask(engine, "DELETE", "/__admin/sandboxes/" + row.sent) ==
          engine_tests::refusal(404, "there is no sandbox \"" + row.shown + "\"",
                                {"GET /__admin/sandboxes lists them"}));
  }
}

TEST_CASE("a secret comes back shortened from a method, a sandbox's name and an escaped one") {
  engine::Engine engine = make_engine();
  CHECK(bytes(send(engine, kSecret, "/__admin/health")).find(kSecret) == std::string::npos);
  check_shortened(kSecret, {{"GET", "/sandbox/a:@/apikey/"}, {"GET", "/sandbox/ @/apikey/"}});
  const std::string escaped = "ak%5F0123456789abcdef0123456789abcdef";
  check_shortened(escaped, {{"GET", "/sandbox/@/apikey/"}});
}

TEST_CASE("a path is shortened piece by piece: no secret is in it for being long, with digits") {
  engine::Engine engine = make_engine();
  send(engine, "POST", "/__admin/sandboxes", R"({"name":"worker-1234"})");
  CHECK(engine_tests::ask(engine, "POST", "/__admin/sandboxes", R"({"name":"worker-1234"})") ==
        engine_tests::refusal(409, "there is a sandbox \"worker-1234\" already",
                              {"use it as it is, drop it with DELETE "
                               "/__admin/sandboxes/worker-1234, or leave the name out"}));
  CHECK(engine_tests::ask(engine, "GET", "/__admin/sandboxes/worker-1234")
            .starts_with(R"(404 {"error":"there is no control call )"
                         R"(GET /__admin/sandboxes/worker-1234",)"));
  engine.handle(engine_tests::get("/organizations/12345/apps"));
  CHECK(engine_tests::ask(engine, "POST", "/__admin/verify", R"({"count":{"exactly":0}})")
            .find("it matches request 1, GET /organizations/12345/apps answered with 404") !=
        std::string::npos);
}
