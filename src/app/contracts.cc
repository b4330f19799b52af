#include "app/contracts.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "app/world.h"
#include "contract/catalog.h"

namespace app {
namespace {

using contract::Contract;
using contract::Endpoint;
using contract::Step;

std::string padded(std::string_view text, size_t width) {
  std::string filled(text);
  filled.resize(std::max(width, text.size()), ' ');
  return filled;
}

std::string heading(const std::string& text) { return "\n" + text + "\n\n"; }

std::string name_of(const Endpoint& endpoint) {
  return std::string(endpoint.method) + " " + std::string(endpoint.pattern);
}

const Endpoint* find(const Contract& contract, const Endpoint& like) {
  auto found =
      std::find_if(contract.endpoints.begin(), contract.endpoints.end(), [&](const Endpoint& each) {
        return each.method == like.method && each.pattern == like.pattern;
      });
  return found == contract.endpoints.end() ? nullptr : &*found;
}

/// The endpoints of both, those of the left one first.
std::vector<const Endpoint*> endpoints_of(const Contract& left, const Contract& right) {
  std::vector<const Endpoint*> all;
  for (const Endpoint& each : left.endpoints) all.push_back(&each);
  for (const Endpoint& each : right.endpoints) {
    if (find(left, each) == nullptr) all.push_back(&each);
  }
  return all;
}

/// A step of the left table beside one of the right with the same name; null where one has none.
struct Row {
  const Step* left;
  const Step* right;
};

/// Puts two tables of steps side by side so that as many names as possible meet.
std::vector<Row> align(std::span<const Step> left, std::span<const Step> right) {
  // longest[i][j]: how many names meet in what follows the i-th and the j-th step.
  std::vector<std::vector<size_t>> longest(left.size() + 1,
                                           std::vector<size_t>(right.size() + 1, 0));
  for (size_t i = left.size(); i-- > 0;) {
    for (size_t j = right.size(); j-- > 0;) {
      longest[i][j] = left[i].name == right[j].name
                          ? longest[i + 1][j + 1] + 1
                          : std::max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  std::vector<Row> rows;
  size_t i = 0;
  size_t j = 0;
  while (i < left.size() || j < right.size()) {
    if (i < left.size() && j < right.size() && left[i].name == right[j].name) {
      rows.push_back({&left[i++], &right[j++]});
    } else if (j == right.size() || (i < left.size() && longest[i + 1][j] >= longest[i][j + 1])) {
      rows.push_back({&left[i++], nullptr});
    } else {
      rows.push_back({nullptr, &right[j++]});
    }
  }
  return rows;
}

std::string compare_endpoints(const Contract& left, const Contract& right) {
  std::string text = heading("Endpoints");
  for (const Endpoint* endpoint : endpoints_of(left, right)) {
    text += "  " + padded(name_of(*endpoint), 22);
    const bool in_left = find(left, *endpoint) != nullptr;
    const bool in_right = find(right, *endpoint) != nullptr;
    text += in_left && in_right ? "both" : "only " + std::string((in_left ? left : right).name);
    text += "\n";
  }
  return text;
}

std::string compare_steps(const Contract& left, const Contract& right) {
  constexpr size_t kWidth = 32;
  std::string text =
      heading("Steps in their order: = is the same rule in both, ~ another rule of the same name");
  for (const Endpoint* endpoint : endpoints_of(left, right)) {
    const Endpoint* of_left = find(left, *endpoint);
    const Endpoint* of_right = find(right, *endpoint);
    if (endpoint->steps.empty()) continue;
    text += "  " + name_of(*endpoint) + "\n    " + padded(left.name, kWidth + 3);
    text += std::string(right.name) + "\n";
    auto steps_of = [](const Endpoint* each) {
      return each == nullptr ? std::span<const Step>() : each->steps;
    };
    for (const Row& row : align(steps_of(of_left), steps_of(of_right))) {
      const bool in_both = row.left != nullptr && row.right != nullptr;
      std::string mark = in_both ? (row.left->run == row.right->run ? "=" : "~") : " ";
      std::string line = "    " + padded(row.left != nullptr ? row.left->name : "", kWidth) + mark;
      if (row.right != nullptr) line += "  " + std::string(row.right->name);
      text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    text += "\n";
  }
  text.pop_back();
  return text;
}

/// A world with one key, standing still, whose secrets are always the same.
class Example {
 public:
  explicit Example(const Contract& contract) {
    Options options;
    options.contract = &contract;
    options.seed = 1;
    base::Clock clock;
    clock.freeze();
    clock.set(base::Time{std::chrono::hours{24} * 20'454});  // 2026-01-01
    Inputs inputs = read_inputs(options, clock.now());
    key_ = inputs.snapshot.keys.front().key.value_or("");
    engine_ = make_engine(options, std::move(inputs), clock);
  }

  http::Response ask(std::string method, std::string target, std::string body,
                     std::string scenario = "") {
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers.add("authorization", key_);
    request.headers.add("X-Request-Id", "example");
    if (!scenario.empty()) request.headers.add("X-Mock-Scenario", std::move(scenario));
    request.body = std::move(body);
    return engine_->handle(request);
  }

 private:
  std::string key_;
  std::unique_ptr<engine::Engine> engine_;
};

std::string shown(const http::Response& response) {
  return std::to_string(response.status) + (response.body.empty() ? "" : " ") + response.body;
}

/// The two answers below what was asked, or one line if they are the same.
std::string both(const std::string& asked, const Contract& left, const std::string& of_left,
                 const Contract& right, const std::string& of_right) {
  size_t width = std::max(left.name.size(), right.name.size()) + 2;
  if (of_left == of_right) return "  " + asked + "\n    " + padded("both", width) + of_left + "\n";
  return "  " + asked + "\n    " + padded(left.name, width) + of_left + "\n    " +
         padded(right.name, width) + of_right + "\n";
}

/// An endpoint as somebody asks for it: its method, a path, and a body that is fine.
struct Question {
  std::string method;
  std::string path;
  std::string body;

  explicit Question(const Endpoint& endpoint)
      : method(endpoint.method), path(endpoint.pattern.substr(0, endpoint.pattern.find('*'))) {
    bool has_id = path.find(":id") != std::string::npos;
    if (has_id) path.replace(path.find(":id"), 3, "1");
    if (method == "POST" && path.starts_with("/apikey")) body = R"({"name":"CI","mode":"read"})";
    if (method == "PUT") body = has_id ? R"({"name":"CI 2"})" : R"({"id":1,"name":"CI 2"})";
  }

  std::string text() const { return method + " " + path + (body.empty() ? "" : " ") + body; }

  http::Response ask(const Contract& contract, std::string_view scenario = "") const {
    return Example(contract).ask(method, path, body, std::string(scenario));
  }
};

/// How each endpoint of both refuses with an error; endpoints that do so alike share their lines.
std::string compare_refusals(const Contract& left, const Contract& right) {
  std::string text = heading("Refusals, by the names that scenarios use");
  for (std::string_view name : capgo::kErrorNames) {
    std::vector<std::pair<std::string, std::string>> said;
    for (const Endpoint* endpoint : endpoints_of(left, right)) {
      if (endpoint->steps.empty()) continue;
      auto refusal = [&](const Contract& contract) {
        bool has_it = find(contract, *endpoint) != nullptr;
        return has_it ? shown(Question(*endpoint).ask(contract, name)) : "-";
      };
      std::string lines = both("", left, refusal(left), right, refusal(right));
      auto same = std::find_if(said.begin(), said.end(),
                               [&](const auto& each) { return each.second == lines; });
      if (same == said.end()) {
        said.emplace_back(name_of(*endpoint), lines);
      } else {
        same->first += ", " + name_of(*endpoint);
      }
    }
    for (const auto& [endpoints, lines] : said) {
      text += "  " + std::string(name) + ": " + endpoints + lines.substr(lines.find('\n'));
    }
  }
  return text;
}

std::string compare_examples(const Contract& left, const Contract& right) {
  std::string text = heading("An example of each endpoint, from a world with one key");
  for (const Endpoint* endpoint : endpoints_of(left, right)) {
    Question question(*endpoint);
    text +=
        both(question.text(), left, shown(question.ask(left)), right, shown(question.ask(right)));
  }
  return text;
}

std::string compare_headers(const Contract& left, const Contract& right) {
  std::string text = heading("Headers of a list");
  auto names = [](const Contract& contract) {
    std::string joined;
    for (const http::Header& header : Example(contract).ask("GET", "/apikey/", "").headers) {
      if (!header.name.starts_with("X-Mock-")) joined += (joined.empty() ? "" : ", ") + header.name;
    }
    return joined;
  };
  return text + both("GET /apikey/", left, names(left), right, names(right));
}

std::string line_of(const Contract& contract) {
  return padded(contract.name, 18) + "  " + std::string(contract.date) + "  " +
         std::string(contract.source) + "\n";
}

}  // namespace

std::string list_contracts() {
  std::string text;
  for (const Contract* each : contract::all()) text += line_of(*each);
  return text;
}

std::string compare_contracts(const Contract& left, const Contract& right) {
  return line_of(left) + line_of(right) + compare_endpoints(left, right) +
         compare_steps(left, right) + compare_headers(left, right) + compare_refusals(left, right) +
         compare_examples(left, right);
}

}  // namespace app
