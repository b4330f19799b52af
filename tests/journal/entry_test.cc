#include "journal/journal.h"

#include <doctest/doctest.h>

#include <string>

#include "base/time_format.h"
#include "json/value.h"

namespace {

using journal::Entry;

std::string to_json(const Entry& entry) {
  json::Writer writer;
  journal::write_entry(writer, entry);
  return writer.take();
}

/// Returns the JSON of the headers of an entry.
json::Value headers_to_json(const http::Headers& headers) {
  Entry entry;
  entry.request.headers = headers;
  entry.response.headers = headers;
  json::Value value = json::parse(to_json(entry));
  CHECK(value["headers"] == value["response"]["headers"]);
  return value["headers"];
}

}  // namespace

TEST_CASE("an entry has all fields that the control API lists") {
  Entry entry;
  entry.id = 12;
  entry.exchange.at = *base::parse_time("2024-02-12T00:00:00.25Z");
  entry.request = {"POST",
                   "/functions/v1/apikey/?a=1&b=%20",
                   {{"Content-Type", "application/json"}, {"capgkey", "ak_0123456789abcdef"}},
                   R"({"name":"CI"})"};
  entry.exchange.path = "/apikey/";
  entry.exchange.key_id = 3;
  entry.exchange.caller_mode = capgo::KeyMode::read;
  entry.response.status = 403;
  entry.response.headers = {{"X-Request-Id", "d9428888-122b-11e1-b85c-61cd3cbb3210"}};
  entry.response.body = R"({"error":"no"})";
  entry.request_body_size = entry.request.body.size();
  entry.response_body_size = entry.response.body.size();
  entry.exchange.rejected_by = "require_mode_all";
  entry.exchange.scenario = "flaky, rule 1";
  entry.exchange.microseconds = 87;
  CHECK(
      to_json(entry) ==
      R"({"id":12,"at":"2024-02-12T00:00:00.25Z","method":"POST","path":"/apikey/",)"
      R"("query":"a=1&b=%20","headers":{"Content-Type":"application/json","capgkey":"ak_012..."},)"
      R"("body":"{\"name\":\"CI\"}","key_id":3,"status":403,"response":{"headers":)"
      R"({"X-Request-Id":"d9428888-122b-11e1-b85c-61cd3cbb3210"},"body":"{\"error\":\"no\"}"},)"
      R"("rejected_by":"require_mode_all","scenario":"flaky, rule 1","microseconds":87})");
}

TEST_CASE("a truncated body is followed by its full size") {
  Entry entry;
  entry.request.body = "ab";
  entry.request_body_size = 70'000;
  entry.response.body = "cd";
  entry.response_body_size = 2;
  CHECK(to_json(entry).find(R"("body":"ab","body_size":70000,"key_id")") != std::string::npos);
  CHECK(to_json(entry).find(R"("body":"cd"},"rejected_by")") != std::string::npos);
  entry.request_body_size = 2;
  entry.response_body_size = 3;
  CHECK(to_json(entry).find(R"("body":"ab","key_id")") != std::string::npos);
  CHECK(to_json(entry).find(R"("body":"cd","body_size":3},"rejected_by")") != std::string::npos);
}

TEST_CASE("lines of the same header are combined at the position of the first") {
  CHECK(
      headers_to_json({{"Accept", "a"}, {"X-One", "1"}, {"accept", ""}, {"ACCEPT", "c"}}).dump() ==
      R"({"Accept":"a, , c","X-One":"1"})");
  CHECK(headers_to_json({{"X-Empty", ""}, {"x-empty", ""}}).dump() == R"({"X-Empty":", "})");
}

TEST_CASE("each line of a credential header is redacted") {
  CHECK(headers_to_json({{"Set-Cookie", "0123456789abcdef"},
                         {"set-cookie", "fedcba9876543210"},
                         {"Authorization", "ak_0123456789abcdef"},
                         {"X-Custom", "ak_0123456789abcdef"},
                         {"X-Empty", ""}}) == json::Value{{"Set-Cookie", "012345..., fedcba..."},
                                                          {"Authorization", "ak_012..."},
                                                          {"X-Custom", "ak_012..."},
                                                          {"X-Empty", ""}});
}

TEST_CASE("bytes that are not UTF-8 become U+FFFD anywhere in an entry") {
  Entry entry;
  entry.request = {"GET", "/\xFF?q=\xFF", {{"X-Latin", "caf\xE9"}}, "a\xFF\xE2\x82"};
  entry.exchange.path = "/\xFF";
  entry.response.body = std::string("b\0\xC3", 3);
  entry.request_body_size = entry.request.body.size();
  entry.response_body_size = entry.response.body.size();
  json::Value value = json::parse(to_json(entry));
  CHECK(value["path"] == "/\uFFFD");
  CHECK(value["query"] == "q=\uFFFD");
  CHECK(value["headers"]["X-Latin"] == "caf\uFFFD");
  CHECK(value["body"] == "a\uFFFD\uFFFD");
  CHECK(value["response"]["body"] == std::string("b\0\uFFFD", 5));
  CHECK_FALSE(value.contains("body_size"));
}
