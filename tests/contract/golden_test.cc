#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "json/body.h"
#include "test_engine.h"

// A folder for each contract, one file for each case: exchanges, one after the other in one new
// world (`fixture-CONTRACT.json`; with `"rate_limit"` requests are counted). An exchange has
//   request           method and target
//   key               the value of the authorization header, if one is sent
//   headers           other request headers; X-Request-Id is `case` unless it stands here (null for
//                     none)
//   send, send_hex    the request's body: a string as it is, else its compact JSON; or its bytes
//   status
//   reason            X-Mock-Reason, if there is one
//   response_headers  those that differ from headers.json and from the X-Request-Id that was sent;
//                     null for one that is missing
//   body              a string, unless it is the compact text of this JSON
//   repeat            how often the exchange happens, if more than once
// MOCK_CAPGO_UPDATE_GOLDEN=1 writes what is answered into the files; read the difference against
// the contract before you keep it.

namespace {

using json::Ordered;

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

http::Request to_request(const Ordered& exchange) {
  http::Request request;
  std::string line = exchange["request"].get<std::string>();
  request.method = line.substr(0, line.find(' '));
  request.target = line.substr(line.find(' ') + 1);
  if (exchange.contains("key")) request.headers.add("authorization", exchange["key"]);
  Ordered headers = exchange.value("headers", Ordered::object());
  for (const auto& [name, value] : headers.items()) {
    if (!value.is_null()) request.headers.add(name, value);
  }
  if (!headers.contains("X-Request-Id")) request.headers.add("X-Request-Id", "case");
  if (exchange.contains("send_hex")) request.body = bytes_of(exchange["send_hex"]);
  if (!exchange.contains("send")) return request;
  const Ordered& body = exchange["send"];
  request.body = body.is_string() ? body.get<std::string>() : json::dump(body);
  return request;
}

/// The headers in which an answer differs from all others; null for one that it lacks.
std::map<std::string, Ordered> differing_headers(const contract::Contract& contract,
                                                 const http::Request& request,
                                                 const http::Response& response) {
  static const Ordered kHeaders =
      json::parse_ordered(test_engine::read_file("tests/contract/headers.json"));
  bool is_control = request.target.starts_with("/__admin");
  Ordered usual = kHeaders[is_control ? "control" : std::string(contract.name)];
  const std::string* id = request.headers.find("X-Request-Id");
  if (id != nullptr && !is_control) usual["X-Request-Id"] = *id;
  std::map<std::string, Ordered> differing;
  for (const auto& item : usual.items()) differing[item.key()] = nullptr;
  std::set<std::string> seen;
  for (const http::Header& header : response.headers) {
    CHECK_MESSAGE(seen.insert(header.name).second, "duplicate header " << header.name);
    differing[header.name] = header.value;
    if (usual.value(header.name, Ordered()) == header.value) differing.erase(header.name);
  }
  differing.erase("X-Mock-Reason");
  return differing;
}

/// The exchange with this answer, in the form of the file.
Ordered with_answer(const contract::Contract& contract, const Ordered& exchange,
                    const http::Request& request, const http::Response& response) {
  Ordered value;
  for (const char* name : {"request", "key", "headers", "send", "send_hex"}) {
    if (exchange.contains(name)) value[name] = exchange[name];
  }
  value["status"] = response.status;
  if (const std::string* reason = response.headers.find("X-Mock-Reason")) value["reason"] = *reason;
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

/// Checks every exchange of a case in one new world, or writes down what is answered.
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
    for (int left = exchange.value("repeat", 1); left > 0; --left) {
      Ordered answered = with_answer(contract, exchange, request, engine.handle(request));
      if (update) exchange = answered;
      CHECK(answered.dump(2) == exchange.dump(2));
    }
  }
  if (!update) return;
  std::ofstream file(std::string(MOCK_CAPGO_SOURCE_DIR "/") + name);
  file << golden.dump(2) << "\n";
}

/// What an answer names as the reason, and the endpoint that gave it; null where there is none.
using Rejection = std::pair<const contract::Step*, std::string>;

/// Of all golden files of a contract: the endpoint's steps, and what stands before ':' in the
/// reason. A request for an error by name tells which.
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
  // These never refuse, or do so only if the store fails.
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
