#include <doctest/doctest.h>

#include "contract/catalog.h"
#include "test_engine.h"

// Headers on several lines, which golden files cannot have. (deployed contract of February 2026,
// section 3)

namespace {

const std::string kKey = "11111111-1111-4111-8111-111111111111";

/// Gets key 2 with these headers, and returns the status and the body.
std::string get_with(http::Headers headers) {
  test_engine::Options options;
  options.contract = &contract::kDeployed2026February;
  options.fixture = test_engine::read_file("tests/contract/fixture-deployed-2026-02.json");
  http::Request request{"GET", "/apikey/2", std::move(headers), ""};
  http::Response response = test_engine::make_engine(options).handle(request);
  return std::to_string(response.status) + " " + response.body;
}

}  // namespace

TEST_CASE("a key that is sent twice is unknown") {
  const std::string invalid_key =
      R"(401 {"error":"invalid_apikey","message":"Invalid apikey","moreInfo":{}})";
  CHECK(get_with({{"x-api-key", kKey}}).starts_with("200 "));
  CHECK(get_with({{"x-api-key", kKey}, {"X-Api-Key", kKey}}) == invalid_key);
  CHECK(get_with({{"capgkey", kKey}, {"x-api-key", kKey}, {"capgkey", kKey}}) == invalid_key);
  // Not a UUID, so it is read as a JWT.
  CHECK(get_with({{"authorization", kKey}, {"authorization", kKey}}) ==
        R"(401 {"error":"invalid_jwt","message":"Invalid JWT","moreInfo":{}})");
}

TEST_CASE("x-limited-key-id that is sent twice is ignored") {
  http::Headers headers = {{"x-api-key", kKey}, {"x-limited-key-id", "999"}};
  CHECK(get_with(headers) ==
        R"(401 {"error":"invalid_subkey","message":"Invalid subkey","moreInfo":{}})");
  headers.add("x-limited-key-id", "999");
  CHECK(get_with(headers).starts_with("200 "));
}
