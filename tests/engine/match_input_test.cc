#include "engine/match_input.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "contract/catalog.h"

TEST_CASE("the body of a request is parsed once for all rules") {
  auto add_rule = [](scenario::ActiveScenarios& rules, const std::string& mode) {
    rules.add(std::make_shared<scenario::Scenario>(
        scenario::load_scenario("s.json", R"({"rules":[{"on":"* *","error":"not_found","match":)"
                                          R"({"body":{"mode":")" +
                                              mode + "\"}}}]}")
            .scenario));
  };
  http::Request request{"POST", "/apikey/", {}, R"({"mode":"read"})"};
  json::Body body(request.body);
  scenario::MatchInput input =
      engine::match_input(*contract::all().front(), request, request.path(), body);
  scenario::ActiveScenarios rules(1);
  add_rule(rules, "write");
  CHECK_FALSE(rules.decide(input).has_value());
  // Parsing it again would fail.
  std::fill(request.body.begin(), request.body.end(), ' ');
  add_rule(rules, "read");
  CHECK(rules.decide(input).has_value());
}
