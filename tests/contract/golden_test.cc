#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "capgo/user_token.h"
#include "json/body.h"
#include "test_engine.h"

// Each contract has a folder with a file for each case. A case is a list of exchanges, one after
// the other, with a new engine and the fixture `fixture-CONTRACT.json`. `"rate_limit"` turns on
// rate limits. An exchange has
//   request           method and target
//   key               the value of the authorization header, if it is sent
//   user              or the user whose token is sent in the authorization header
//   headers           other request headers; X-Request-Id is `case` unless it is here (null to send
//                     none)
//   send, send_hex    the body of the request: a string as it is, other values as compact JSON; or
//                     its bytes
//   status
//   reason            X-Mock-Reason, if there is one
//   response_headers  headers that differ from headers.json and from the X-Request-Id of the
//                     request; null for a missing one
//   body              a string, or JSON if the body is its compact form
//   repeat            how often the request is sent, if more than once
// MOCK_CAPGO_UPDATE_GOLDEN=1 writes the responses into the files. Compare the changes with the
// contract before you commit them.

namespace {

using json::Ordered;

std::string decode_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

/// Returns an authorization header with a token of the user, which is valid in every test.
std::string token_of(const std::string& user_id) {
  base::Time now = test_engine::frozen_clock().now();
  return "Bearer " + capgo::make_user_token(user_id, capgo::kLocalSupabaseSecret, now,
                                            now + std::chrono::hours(24 * 365));
}

http::Request to_request(const Ordered& exchange) {
  http::Request request;
  std::string line = exchange["request"].get<std::string>();
  request.method = line.substr(0, line.find(' '));
  request.target = line.substr(line.find(' ') + 1);
  if (exchange.contains("key")) {
    request.headers.add("authorization", exchange["key"].get<std::string>());
  }
  if (exchange.contains("user")) {
    request.headers.add("authorization", token_of(exchange["user"].get<std::string>()));
  }
  Ordered headers = exchange.value("headers", Ordered::object());
  for (const auto& [name, value] : headers.items()) {
    if (!value.is_null()) request.headers.add(name, value.get<std::string>());
  }
  if (!headers.contains("X-Request-Id")) request.headers.add("X-Request-Id", "case");
  if (exchange.contains("send_hex")) request.body = decode_hex(exchange["send_hex"]);
  if (!exchange.contains("send")) return request;
  const Ordered& body = exchange["send"];
  request.body = body.is_string() ? body.get<std::string>() : json::dump(body);
  return request;
}

/// Returns the headers that differ from headers.json; null for missing ones.
std::map<std::string, Ordered> differing_headers(const contract::Contract& contract,
                                                 const http::Request& request,
                                                 const http::Response& response) {
  static const Ordered kHeaders =
      json::parse_ordered(test_engine::read_file("tests/contract/headers.json"));
  bool is_control = request.target.starts_with("/__admin");
  Ordered usual = kHeaders[is_control ? "control" : std::string(contract.name)];
  auto id = request.headers.find("X-Request-Id");
  if (id && !is_control) usual["X-Request-Id"] = *id;
  std::map<std::string, Ordered> differing;
  for (const auto& item : usual.items()) differing[item.key()] = nullptr;
  std::set<std::string> seen;
  for (const http::Header& header : response.headers) {
    std::string name(header.name);
    CHECK_MESSAGE(seen.insert(name).second, "duplicate header " << name);
    differing[name] = header.value;
    if (usual.value(name, Ordered()) == header.value) differing.erase(name);
  }
  differing.erase("X-Mock-Reason");
  return differing;
}

/// Returns the exchange with this response, in the format of the file.
Ordered with_response(const contract::Contract& contract, const Ordered& exchange,
                      const http::Request& request, const http::Response& response) {
  Ordered value;
  for (const char* name : {"request", "key", "user", "headers", "send", "send_hex"}) {
    if (exchange.contains(name)) value[name] = exchange[name];
  }
  value["status"] = response.status;
  if (auto reason = response.headers.find("X-Mock-Reason")) value["reason"] = *reason;
  auto headers = differing_headers(contract, request, response);
  if (!headers.empty()) value["response_headers"] = headers;
  if (!response.body.empty()) {
    Ordered body = Ordered::parse(response.body, nullptr, false);
    bool is_compact =
        !body.is_discarded() && !body.is_string() && json::dump(body) == response.body;
    value["body"] = is_compact ? body : Ordered(response.body);
  }
  if (exchange.contains("repeat")) value["repeat"] = exchange["repeat"];
  return value;
}

std::vector<std::string> all_cases(const contract::Contract& contract) {
  std::string folder = "tests/contract/" + std::string(contract.name) + "/";
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(MOCK_CAPGO_SOURCE_DIR "/") + folder)) {
    names.push_back(folder + entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Ordered load_case(const std::string& name) {
  return json::parse_ordered(test_engine::read_file(name));
}

/// Checks every exchange of a case, or writes the responses to the file.
void check_case(const contract::Contract& contract, const std::string& name, bool update) {
  CAPTURE(name);
  Ordered golden = load_case(name);
  REQUIRE(!golden["exchanges"].empty());
  test_engine::Options options;
  options.contract = &contract;
  options.fixture =
      test_engine::read_file("tests/contract/fixture-" + std::string(contract.name) + ".json");
  if (golden.contains("rate_limit")) options.rate_limit = golden["rate_limit"].get<int64_t>();
  engine::Engine engine = test_engine::make_engine(options);
  size_t number = 0;
  for (Ordered& exchange : golden["exchanges"]) {
    CAPTURE(number++);
    http::Request request = to_request(exchange);
    const int repeat = exchange.value("repeat", 1);
    for (int i = 0; i < repeat; ++i) {
      Ordered actual = with_response(contract, exchange, request, engine.handle(request));
      if (update && i == 0) exchange = actual;
      CHECK(actual.dump(2) == exchange.dump(2));
    }
  }
  if (!update) return;
  std::ofstream file(std::string(MOCK_CAPGO_SOURCE_DIR "/") + name);
  file << golden.dump(2) << "\n";
}

/// The steps of an endpoint, and the one that rejected; or null, and a whole X-Mock-Reason.
using Rejection = std::pair<const contract::Step*, std::string>;

/// Returns the rejections in all golden files of a contract.
std::set<Rejection> rejections_of(const contract::Contract& contract) {
  std::set<Rejection> rejections;
  for (const std::string& name : all_cases(contract)) {
    Ordered golden = load_case(name);
    for (const Ordered& exchange : golden["exchanges"]) {
      http::Request request = to_request(exchange);
      auto endpoint = http::find_route(contract.endpoints, request.method, request.path()).row;
      std::string reason = exchange.value("reason", "");
      if (endpoint != nullptr) {
        rejections.insert({endpoint->steps.data(), reason.substr(0, reason.find(':'))});
      }
      rejections.insert({nullptr, reason});
    }
  }
  return rejections;
}

}  // namespace

TEST_CASE("every contract responds as in its golden files") {
  bool update = std::getenv("MOCK_CAPGO_UPDATE_GOLDEN") != nullptr;
  for (const contract::Contract* contract : contract::all()) {
    std::vector<std::string> names = all_cases(*contract);
    REQUIRE(names.size() > 50);
    for (const std::string& name : names) check_case(*contract, name, update);
  }
}

TEST_CASE("every step that can reject does so in a golden file, at every endpoint") {
  // Steps that never reject, or only if the store fails, which it does not do here.
  const std::set<std::string_view> others = {"clean_up", "create_key", "delete_key", "regenerate"};
  for (const contract::Contract* contract : contract::all()) {
    auto rejections = rejections_of(*contract);
    for (const contract::Endpoint& endpoint : contract->endpoints) {
      CAPTURE(endpoint.method);
      CAPTURE(endpoint.pattern);
      for (const contract::Step& step : endpoint.steps) {
        if (others.contains(step.name)) continue;
        CAPTURE(step.name);
        CHECK(rejections.contains({endpoint.steps.data(), std::string(step.name)}));
      }
    }
  }
}

TEST_CASE("every error of X-Mock-Scenario is in a golden file") {
  for (const contract::Contract* contract : contract::all()) {
    auto rejections = rejections_of(*contract);
    for (std::string_view name : base::kNames<capgo::ErrorName>) {
      CAPTURE(name);
      CHECK(rejections.contains({nullptr, "X-Mock-Scenario: error " + std::string(name)}));
    }
  }
}
