#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "control/messages.h"
#include "engine/requests.h"

using control_tests::kUndecided;
using control_tests::verified;
using engine_tests::create;
using engine_tests::request_of;

namespace {

/// The response of verify: `200 {"verified":true,"count":1}`, or the error and the details of a
/// 409, one per line.
std::string verify_in_lines(engine::Engine& engine, const std::string& expected) {
  const http::Response answer = engine_tests::send(engine, "POST", "/__admin/verify", expected);
  if (answer.status != 409) return engine_tests::shown(answer);
  auto body = json::parse(answer.body);
  CHECK(body["verified"] == false);
  auto text = body["error"].get<std::string>();
  for (const auto& detail : body["details"]) text += "\n" + detail.get<std::string>();
  return text;
}

/// A request that creates a key with mode read, with a body of this size in bytes.
http::Request create_long(size_t size) {
  const std::string begin = R"({"name":"CI","mode":"read","note":")";
  return request_of("POST", "/apikey/", begin + std::string(size - begin.size() - 2, 'x') + "\"}");
}

std::string truncated_bodies_of(const std::string& requests) {
  return "\nthe journal has only the first 16 KiB of the bodies of " + requests +
         "; match them by something else";
}

}  // namespace

TEST_CASE("verify is undecided about a truncated body that may match") {
  engine::Engine engine = test_engine::make_engine();
  CHECK(engine.handle(create_long(17'000)).status == 200);
  const std::string undecided = kUndecided + truncated_bodies_of("1 request");
  const std::string pattern = R"({"on":"POST /apikey/","match":{"body":{"mode":"read"}})";
  for (const std::string count : {"", R"(,"count":{"exactly":0})", R"(,"count":{"exactly":1})",
                                  R"(,"count":{"at_most":0})"}) {
    CAPTURE(count);
    CHECK(verify_in_lines(engine, pattern + count + "}") == undecided);
    CHECK(verify_in_lines(engine, pattern + R"(,"status":200)" + count + "}") == undecided);
  }
  auto body =
      json::parse(engine_tests::send(engine, "POST", "/__admin/verify", pattern + "}").body);
  CHECK(body["count"] == 0);
  REQUIRE(body["nearest"].size() == 1);
  CHECK(body["nearest"][0]["differences"] ==
        json::parse(R"-([{"field":"body","expected":"{\"mode\":\"read\"}",)-"
                    R"-("actual":"(the journal has only the start of this body)"}])-"));
  engine.handle(create_long(16'385));
  CHECK(verify_in_lines(engine, pattern + "}") == kUndecided + truncated_bodies_of("2 requests"));
}

TEST_CASE("verify is decided if a truncated body does not matter") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(create_long(17'000));
  const std::string body = R"("match":{"body":{"mode":"read"}})";
  const std::string none = R"(,"count":{"exactly":0}})";
  CHECK(verify_in_lines(engine, R"({"on":"POST *","count":{"exactly":1}})") == verified(1));
  // A request that differs in another field cannot match, whatever its body.
  CHECK(verify_in_lines(engine, R"({"on":"PUT *",)" + body + none) == verified(0));
  CHECK(verify_in_lines(engine, R"({"on":"POST /other",)" + body + none) == verified(0));
  CHECK(verify_in_lines(engine, "{" + body + R"(,"status":400)" + none) == verified(0));
  CHECK(verify_in_lines(engine, R"({"match":{"key":"ak_read","body":{"mode":"read"}})" + none) ==
        verified(0));
  // One certain match decides, whatever the truncated body contains.
  engine.handle(create());
  CHECK(verify_in_lines(engine, "{" + body + "}") == verified(1));
  CHECK(verify_in_lines(engine, "{" + body + none) ==
        "expected exactly 0, but 1 request matched\n"
        "matched: request 2, POST /apikey/ answered with 200");
}

TEST_CASE("a body of 16 KiB is not truncated, and matches") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(create_long(16'384));
  CHECK(verify_in_lines(engine, R"({"match":{"body":{"mode":"read"}},"count":{"exactly":1}})") ==
        verified(1));
}

TEST_CASE("everything that the journal lacks is reported: dropped requests and truncated bodies") {
  test_engine::Options options;
  options.journal = 1;
  engine::Engine engine = test_engine::make_engine(options);
  engine.handle(create());
  engine.handle(create_long(17'000));
  CHECK(verify_in_lines(engine, R"({"match":{"body":{"mode":"read"}}})") ==
        kUndecided +
            std::string(
                "\nthe journal has dropped 1 request; start with a larger --journal (it is 1), or "
                "reset between tests") +
            truncated_bodies_of("1 request"));
}

TEST_CASE("a response that the client did not receive because of a fault matches no status") {
  for (const std::string fault :
       {"CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "RANDOM_DATA_THEN_CLOSE", "HANG"}) {
    CAPTURE(fault);
    test_engine::Options options;
    options.scenarios = {R"({"rules":[{"on":"GET *","fault":")" + fault + "\"}]}"};
    engine::Engine engine = test_engine::make_engine(options);
    engine.handle(engine_tests::get("/apikey/"));
    CHECK(verify_in_lines(engine, R"({"on":"GET *","count":{"exactly":1}})") == verified(1));
    CHECK(verify_in_lines(engine, R"({"on":"GET *","status":200,"count":{"exactly":0}})") ==
          verified(0));
    const std::string none = "(none: fault " + fault + ")";
    CHECK(verify_in_lines(engine, R"({"on":"GET *","status":200})") ==
          "expected at least 1, but 0 requests matched\n"
          "near miss: request 1, GET /apikey/ answered with " +
              none + ": status is " + none + ", expected 200");
  }
}

TEST_CASE("a response with a malformed body matches its status") {
  test_engine::Options options;
  options.scenarios = {R"({"rules":[{"on":"GET *","fault":"MALFORMED_RESPONSE_CHUNK"}]})"};
  engine::Engine engine = test_engine::make_engine(options);
  engine.handle(engine_tests::get("/apikey/"));
  CHECK(verify_in_lines(engine, R"({"on":"GET *","status":200,"count":{"exactly":1}})") ==
        verified(1));
  CHECK(verify_in_lines(engine, R"({"on":"GET *","count":{"exactly":0}})") ==
        "expected exactly 0, but 1 request matched\n"
        "matched: request 1, GET /apikey/ answered with 200");
}
