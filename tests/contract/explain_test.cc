#include "contract/explain.h"

#include <doctest/doctest.h>

#include "test_engine.h"

namespace {

/// Returns the X-Mock-Reason of a list with this key.
std::string reason_for(engine::Engine& engine, const std::string& secret) {
  auto response = engine.handle({"GET", "/apikey/", {{"x-api-key", secret}}, ""});
  CHECK(response.status == 401);
  return std::string(*response.headers.find("X-Mock-Reason"));
}

}  // namespace

TEST_CASE("a misspelled key is compared with the first 1,000 keys") {
  json::Ordered keys = json::Ordered::array();
  for (int id = 1; id <= 1001; ++id) {
    std::string number = std::to_string(id);
    keys.push_back({{"id", id}, {"key", number + "-" + number}, {"mode", "all"}, {"name", "k"}});
  }
  test_engine::Options options;
  options.fixture = json::Ordered{{"keys", keys}}.dump();
  engine::Engine engine = test_engine::make_engine(options);
  CHECK(reason_for(engine, "1000-1000x").ends_with("; did you mean key 1000 (\"k\")?"));
  CHECK(reason_for(engine, "1001-1001x").find("did you mean") == std::string::npos);
}
