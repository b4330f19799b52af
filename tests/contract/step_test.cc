#include "contract/step.h"

#include <doctest/doctest.h>

#include <string>

#include "contract/contract.h"
#include "store/memory_store.h"

namespace {

using contract::ApiError;
using contract::Call;
using contract::Found;
using contract::Steps;

struct First {
  std::string value;
};
struct Second {
  std::string value;
};

/// The names of the functions that were called.
std::string ran;

Found<First> find_first(const Call& call) {
  ran += "find_first ";
  return First{call.request.method};
}

Found<Second> find_second(const Call&, const First& first) {
  ran += "find_second ";
  if (first.value == "NONE") return ApiError{capgo::ErrorName::key_not_found, "no second"};
  return Second{first.value + "+2"};
}

std::optional<ApiError> check_both(const Second& second, const First& first) {
  ran += "check_both ";
  if (first.value != "BAD") return std::nullopt;
  return ApiError{capgo::ErrorName::not_found, second.value};
}

http::Response render(Call&, const First& first, const Second& second) {
  ran += "render ";
  http::Response response;
  response.body = first.value + " " + second.value;
  return response;
}

constexpr Steps kFirst(STEP(find_first));
constexpr Steps kAll(kFirst, STEP(find_second), STEP(check_both));
constexpr contract::Endpoint kEndpoints[] = {contract::endpoint<kAll, render>("GET", "/a")};

/// Returns the body of the response to this method, or the step that rejects and the reason.
std::string outcome_of(const std::string& method) {
  ran.clear();
  http::Request request{method, "/a", {}, ""};
  json::Body body("");
  http::PathParams params;
  auto keys = store::make_memory_store(store::make_seed({}));
  base::Ids ids(1);
  contract::RateWindows windows;
  Call call{request, body, params, kEndpoints, *keys, ids, windows, {}, {}, ""};
  contract::Outcome outcome = kEndpoints[0].run(call);
  if (auto* response = std::get_if<http::Response>(&outcome)) return response->body;
  const auto& rejection = std::get<contract::Rejection>(outcome);
  return std::string(rejection.step) + ": " + rejection.error.reason;
}

}  // namespace

TEST_CASE("steps run in their order, and later ones get the facts of earlier ones") {
  CHECK(outcome_of("GET") == "GET GET+2");
  CHECK(ran == "find_first find_second check_both render ");
}

TEST_CASE("the first step that rejects is reported, and no other runs after it") {
  CHECK(outcome_of("NONE") == "find_second: no second");
  CHECK(ran == "find_first find_second ");
  CHECK(outcome_of("BAD") == "check_both: BAD+2");
  CHECK(ran == "find_first find_second check_both ");
}

TEST_CASE("a list of steps can start with another, and a function is the same step in both") {
  std::span<const contract::Step> steps = kEndpoints[0].steps;
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].name == "find_first");
  CHECK(steps[2].name == "check_both");
  CHECK(steps[0].function == kFirst.table[0].function);
  CHECK(steps[1].function != steps[2].function);
}
