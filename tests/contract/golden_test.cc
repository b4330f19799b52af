#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "json/body.h"
#include "world.h"

// A folder for each contract, one file for each case: what is asked, one request after the other in
// one new world (`world-CONTRACT.json`; with `"rate_limit"` requests are counted), and the whole of
// each answer. A body that is not a string is its compact JSON
// text, member by member. MOCK_CAPGO_UPDATE_GOLDEN=1 writes what is answered into the files; read
// the difference against the contract before you keep it.

namespace {

using json::Ordered;

std::string folder_of(const contract::Contract& contract) {
  return "tests/contract/" + std::string(contract.name) + "/";
}

std::string body_text(const Ordered& message) {
  if (message.contains("body_hex")) {
    std::string hex = message["body_hex"].get<std::string>();
    std::string bytes;
    for (size_t i = 0; i < hex.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return bytes;
  }
  if (!message.contains("body")) return "";
  const Ordered& body = message["body"];
  return body.is_string() ? body.get<std::string>() : json::dump(body);
}

http::Request to_request(const Ordered& value) {
  http::Request request;
  request.method = value["method"].get<std::string>();
  request.target = value["target"].get<std::string>();
  for (const auto& [name, text] : value["headers"].items()) {
    request.headers.add(name, text.get<std::string>());
  }
  request.body = body_text(value);
  return request;
}

std::map<std::string, std::string> header_map(const http::Headers& headers) {
  std::map<std::string, std::string> map;
  for (const http::Header& header : headers) {
    CHECK_MESSAGE(!map.contains(header.name), "doubled header " << header.name);
    map[header.name] = header.value;
  }
  return map;
}

/// What was answered, in the form of the file. The body stays a string unless it is the compact
/// text of the JSON it holds.
Ordered to_json(const http::Response& response) {
  Ordered value = {{"status", response.status}, {"headers", Ordered::object()}};
  for (const http::Header& header : response.headers) value["headers"][header.name] = header.value;
  if (response.body.empty()) return value;
  Ordered body = Ordered::parse(response.body, nullptr, false);
  value["body"] =
      !body.is_discarded() && json::dump(body) == response.body ? body : Ordered(response.body);
  return value;
}

std::vector<std::string> all_cases(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(MOCK_CAPGO_SOURCE_DIR "/") + folder)) {
    names.push_back(folder + entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Ordered load_case(const std::string& name) { return json::parse_ordered(world::read_file(name)); }

void save_case(const std::string& name, const Ordered& value) {
  std::ofstream file(std::string(MOCK_CAPGO_SOURCE_DIR "/") + name);
  file << value.dump(2) << "\n";
}

void check_exchange(engine::Engine& engine, const Ordered& exchange) {
  http::Response response = engine.handle(to_request(exchange["request"]));
  const Ordered& wanted = exchange["response"];
  CHECK(response.status == wanted["status"].get<int>());
  CHECK(response.body == body_text(wanted));
  CHECK(header_map(response.headers) ==
        wanted["headers"].get<std::map<std::string, std::string>>());
}

/// Checks every exchange of a case in one new world, or writes down what is answered.
void check_case(const contract::Contract& contract, const std::string& name, bool update) {
  CAPTURE(name);
  Ordered golden = load_case(name);
  REQUIRE(!golden["exchanges"].empty());
  world::Wish wish;
  wish.contract = &contract;
  wish.fixture = world::read_file("tests/contract/world-" + std::string(contract.name) + ".json");
  if (golden.contains("rate_limit")) wish.rate_limit = golden["rate_limit"].get<int64_t>();
  engine::Engine engine = world::make_engine(wish);
  size_t number = 0;
  for (Ordered& exchange : golden["exchanges"]) {
    CAPTURE(number++);
    if (update) {
      exchange["response"] = to_json(engine.handle(to_request(exchange["request"])));
    } else {
      check_exchange(engine, exchange);
    }
  }
  if (update) save_case(name, golden);
}

}  // namespace

TEST_CASE("every contract answers as its golden files say") {
  bool update = std::getenv("MOCK_CAPGO_UPDATE_GOLDEN") != nullptr;
  for (const contract::Contract* contract : contract::all()) {
    std::vector<std::string> names = all_cases(folder_of(*contract));
    REQUIRE(names.size() > 50);
    for (const std::string& name : names) check_case(*contract, name, update);
  }
}
