#include "app/contracts.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "app/inputs.h"
#include "base/embedded_files.h"
#include "contract/catalog.h"
#include "json/value.h"

namespace app {
namespace {

using contract::Contract;
using contract::Endpoint;
using contract::Step;

std::string pad(std::string_view value, size_t width) {
  std::string padded(value);
  padded.resize(std::max(width, value.size()), ' ');
  return padded;
}

std::string heading(const std::string& title) { return "\n" + title + "\n\n"; }

std::string name_of(const Endpoint& endpoint) {
  return std::string(endpoint.method) + " " + std::string(endpoint.pattern);
}

/// The contract's endpoint with the same method and pattern; null if it has none.
const Endpoint* find(const Contract& contract, const Endpoint& like) {
  for (const Endpoint& each : contract.endpoints) {
    if (each.method == like.method && each.pattern == like.pattern) return &each;
  }
  return nullptr;
}

/// The endpoints of both contracts; those that only the right one has come last.
std::vector<const Endpoint*> endpoints_of(const Contract& left, const Contract& right) {
  std::vector<const Endpoint*> all;
  for (const Endpoint& each : left.endpoints) all.push_back(&each);
  for (const Endpoint& each : right.endpoints) {
    if (find(left, each) == nullptr) all.push_back(&each);
  }
  return all;
}

/// Steps with the same name; null if only the other contract has the step.
struct Row {
  const Step* left;
  const Step* right;
};

/// Aligns two lists of steps: steps with the same name share a row if they are in the same order.
std::vector<Row> align(std::span<const Step> left, std::span<const Step> right) {
  std::vector<Row> rows;
  for (const Step& step : left) {
    auto same = std::find_if(right.begin(), right.end(),
                             [&](const Step& each) { return each.name == step.name; });
    if (same == right.end()) {
      rows.push_back({&step, nullptr});
      continue;
    }
    auto before = static_cast<size_t>(same - right.begin());
    for (const Step& each : right.first(before)) rows.push_back({nullptr, &each});
    rows.push_back({&step, &*same});
    right = right.subspan(before + 1);
  }
  for (const Step& each : right) rows.push_back({nullptr, &each});
  return rows;
}

std::string compare_endpoints(const Contract& left, const Contract& right) {
  std::string text = heading("Endpoints");
  for (const Endpoint* endpoint : endpoints_of(left, right)) {
    std::string where = "both";
    if (find(left, *endpoint) == nullptr) where = "only " + std::string(right.name);
    if (find(right, *endpoint) == nullptr) where = "only " + std::string(left.name);
    text += "  " + pad(name_of(*endpoint), 22) + where + "\n";
  }
  return text;
}

std::string compare_steps(const Contract& left, const Contract& right) {
  constexpr size_t kWidth = 32;
  std::string text =
      heading("Steps, in order (= same rule in both, ~ different rule with the same name)");
  for (const Endpoint* endpoint : endpoints_of(left, right)) {
    if (endpoint->steps.empty()) continue;
    text += "  " + name_of(*endpoint) + "\n    " + pad(left.name, kWidth + 3);
    text += std::string(right.name) + "\n";
    auto steps_of = [&](const Contract& contract) {
      const Endpoint* own = find(contract, *endpoint);
      return own == nullptr ? std::span<const Step>() : own->steps;
    };
    for (const Row& row : align(steps_of(left), steps_of(right))) {
      const bool in_both = row.left != nullptr && row.right != nullptr;
      std::string mark = in_both ? (row.left->function == row.right->function ? "=" : "~") : " ";
      std::string line = "    " + pad(row.left != nullptr ? row.left->name : "", kWidth) + mark;
      if (row.right != nullptr) line += "  " + std::string(row.right->name);
      text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    text += "\n";
  }
  text.pop_back();
  return text;
}

/// Example requests come from a web page with this origin, which every contract allows.
constexpr std::string_view kOrigin = "http://localhost:3000";

/// The demo data of a contract in an engine with a frozen clock and a fixed seed.
struct Demo {
  explicit Demo(const Contract& contract) {
    Options options;
    options.contract = &contract;
    options.seed = 1;
    base::Clock clock;
    clock.freeze();
    clock.set(base::Time{std::chrono::hours{24} * 20'454});  // 2026-01-01
    Inputs inputs = read_inputs(options, clock.now());
    if (!inputs.snapshot.orgs.empty()) org_id = inputs.snapshot.orgs.front().id;
    key = inputs.snapshot.keys.front().key.value_or("");
    engine = make_engine(options, std::move(inputs), clock);
  }

  std::string org_id;
  std::string key;
  std::unique_ptr<engine::Engine> engine;
};

/// The body of an example of a valid request to create a key.
std::string body_of_create(const Contract& contract, const std::string& org_id) {
  if (!contract.has_roles()) return R"({"name":"CI","mode":"read"})";
  return R"({"name":"CI","bindings":[{"role_name":"org_member","scope_type":"org","org_id":")" +
         org_id + R"("}]})";
}

/// An example of a valid request to an endpoint of a contract, without a credential.
http::Request request_to(const Endpoint& endpoint, const Contract& contract, const Demo& demo) {
  http::Request request;
  request.method = endpoint.method;
  request.target = endpoint.pattern.substr(0, endpoint.pattern.find('*'));
  if (request.target.empty()) request.target = "/";
  size_t id = request.target.find(":id");
  if (id != std::string::npos) request.target.replace(id, 3, "1");
  bool is_create = request.method == "POST" && request.target.starts_with("/apikey");
  if (is_create) request.body = body_of_create(contract, demo.org_id);
  if (request.method == "PUT") {
    request.body = id != std::string::npos ? R"({"name":"CI 2"})" : R"({"id":1,"name":"CI 2"})";
  }
  request.headers.add("X-Request-Id", "example");
  request.headers.add("Origin", kOrigin);
  return request;
}

/// An example request and its response.
struct Example {
  http::Request request;
  http::Response response;
};

/// Sends an example request as the first key, or, if the contract has roles, as its owner, because
/// keys cannot create keys then. `error` is the name of an error to inject into a request of the
/// key, if any.
Example try_out(const Endpoint& endpoint, const Contract& contract, std::string_view error = "") {
  Demo demo(contract);
  http::Request request = request_to(endpoint, contract, demo);
  auto token = demo.engine->first_user_token();
  bool is_user = token && error.empty();
  request.headers.add("authorization", is_user ? "Bearer " + *token : demo.key);
  if (!error.empty()) request.headers.add("X-Mock-Scenario", error);
  http::Response response = demo.engine->handle(request);
  return {std::move(request), std::move(response)};
}

std::string format(const http::Response& response) {
  return std::to_string(response.status) + (response.body.empty() ? "" : " ") + response.body;
}

/// A title and the values of both contracts, in one line if they are the same.
std::string compare(const std::string& title, const Contract& left, const std::string& of_left,
                    const Contract& right, const std::string& of_right) {
  size_t width = std::max(left.name.size(), right.name.size()) + 2;
  auto line = [&](std::string_view name, const std::string& value) {
    return "    " + pad(name, width) + value + "\n";
  };
  if (of_left == of_right) return "  " + title + "\n" + line("both", of_left);
  return "  " + title + "\n" + line(left.name, of_left) + line(right.name, of_right);
}

/// The responses of each endpoint to an error. Endpoints with the same responses share their lines.
std::string compare_errors(const Contract& left, const Contract& right) {
  std::string text = heading("Errors, by the names that scenarios use");
  for (std::string_view name : base::kNames<capgo::ErrorName>) {
    // Lines, and the endpoints that share them.
    std::vector<std::pair<std::string, std::string>> groups;
    for (const Endpoint* endpoint : endpoints_of(left, right)) {
      if (endpoint->steps.empty()) continue;
      auto response = [&](const Contract& contract) {
        bool exists = find(contract, *endpoint) != nullptr;
        return exists ? format(try_out(*endpoint, contract, name).response) : "-";
      };
      std::string lines = compare("", left, response(left), right, response(right));
      auto same = std::find_if(groups.begin(), groups.end(),
                               [&](const auto& each) { return each.first == lines; });
      if (same == groups.end()) same = groups.insert(same, {lines, ""});
      if (!same->second.empty()) same->second += ", ";
      same->second += name_of(*endpoint);
    }
    for (const auto& [lines, endpoints] : groups) {
      text += "  " + std::string(name) + ": " + endpoints + lines.substr(lines.find('\n'));
    }
  }
  return text;
}

std::string compare_examples(const Contract& left, const Contract& right) {
  std::string text = heading("Example requests and responses, from a sandbox with the demo data");
  for (const Endpoint* endpoint : endpoints_of(left, right)) {
    Example of_left = try_out(*endpoint, left);
    Example of_right = try_out(*endpoint, right);
    std::string title = of_left.request.method + " " + of_left.request.target;
    bool has_same_body = of_left.request.body == of_right.request.body;
    if (has_same_body && !of_left.request.body.empty()) title += " " + of_left.request.body;
    auto describe = [&](const Example& example) {
      std::string response = format(example.response);
      return has_same_body ? response : example.request.body + " gets " + response;
    };
    text += compare(title, left, describe(of_left), right, describe(of_right));
  }
  return text;
}

/// The headers of the response to a new key.
std::string compare_headers(const Contract& left, const Contract& right) {
  auto names = [](const Contract& contract) {
    const Endpoint* create = http::find_route(contract.endpoints, "POST", "/apikey/").row;
    std::string joined;
    for (const http::Header& header : try_out(*create, contract).response.headers) {
      if (header.name.starts_with("X-Mock-")) continue;
      joined.append(joined.empty() ? "" : ", ").append(header.name);
    }
    return joined;
  };
  return heading("Headers of the response to a web page of " + std::string(kOrigin)) +
         compare("POST /apikey/", left, names(left), right, names(right));
}

/// What changed from one contract to the next, as far as a file of the newer one says it; empty if
/// neither contract is the predecessor of the other.
std::string list_changes(const Contract& left, const Contract& right) {
  for (const auto& [older, newer] : {std::pair(&left, &right), {&right, &left}}) {
    std::string_view file = base::embedded_file(std::string(newer->folder) + "/changes.json");
    if (file.empty()) continue;
    json::Ordered changes = json::parse_ordered(file);
    if (changes["since"] != older->name) continue;
    std::string text = heading("What changed from " + std::string(older->name) + " to " +
                               std::string(newer->name));
    for (const json::Ordered& each : changes["changes"]) {
      auto field = [&](const char* name) { return each[name].get<std::string>(); };
      text += "  " + field("topic") + ": " + field("before") + " -> " + field("after") + "\n";
    }
    return text;
  }
  return "";
}

std::string line_of(const Contract& contract) {
  return pad(contract.name, 18) + "  " + std::string(contract.date) + "  " +
         std::string(contract.source) + "\n";
}

}  // namespace

std::string list_contracts() {
  std::string text;
  for (const Contract* each : contract::all()) text += line_of(*each);
  return text;
}

std::string compare_contracts(const Contract& left, const Contract& right) {
  return line_of(left) + line_of(right) + list_changes(left, right) +
         compare_endpoints(left, right) + compare_steps(left, right) +
         compare_headers(left, right) + compare_errors(left, right) + compare_examples(left, right);
}

}  // namespace app
