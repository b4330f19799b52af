#include "engine/requests.h"

#include <utility>

#include "json/value.h"

namespace engine_tests {

std::string shown(const http::Response& response) {
  return std::to_string(response.status) + " " + response.body;
}

std::string bytes(const http::Response& response) {
  std::string text = std::to_string(response.status) + "\n";
  for (const http::Header& line : response.headers)
    text.append(line.name).append(": ").append(line.value).append("\n");
  return text + "\n" + response.body;
}

std::string header(const http::Response& response, std::string_view name) {
  auto value = response.headers.find(name);
  return std::string(value.value_or("(absent)"));
}

http::Response send(engine::Engine& engine, std::string method, std::string target,
                    std::string body) {
  return engine.handle({std::move(method), std::move(target), {}, std::move(body)});
}

std::string ask(engine::Engine& engine, std::string method, std::string target, std::string body) {
  return shown(send(engine, std::move(method), std::move(target), std::move(body)));
}

http::Request request_of(std::string method, std::string target, std::string body,
                         std::string key) {
  return {
      std::move(method), std::move(target), {{"authorization", std::move(key)}}, std::move(body)};
}

http::Request get(std::string target, std::string key) {
  return request_of("GET", std::move(target), "", std::move(key));
}

http::Request with_header(http::Request request, std::string name, std::string value) {
  request.headers.add(std::move(name), std::move(value));
  return request;
}

std::string creator(const engine::Engine& engine, const std::string& key) {
  auto token = engine.first_user_token();
  return token ? "Bearer " + *token : key;
}

http::Request create(const std::string& name, const std::string& below, std::string key) {
  const std::string rights = key.starts_with("Bearer ")
                                 ? R"("bindings":[{"role_name":"org_member","scope_type":"org",)"
                                   R"("org_id":"0a000000-0000-4000-8000-00000000000a"}])"
                                 : R"("mode":"read")";
  return request_of("POST", below + "/apikey/", R"({"name":")" + name + "\"," + rights + "}",
                    std::move(key));
}

std::string rejection(int status, const std::string& error,
                      const std::vector<std::string>& details) {
  json::Ordered body = {{"error", error}, {"details", details}};
  return std::to_string(status) + " " + body.dump();
}

std::string control_bytes(int status, const std::string& body, const std::string& reason) {
  return std::to_string(status) + "\nContent-Type: application/json" +
         (reason.empty() ? "" : "\nX-Mock-Reason: " + http::to_header_value(reason)) +
         "\nX-Content-Type-Options: nosniff\nCross-Origin-Resource-Policy: same-origin"
         "\nDate: Mon, 12 Feb 2024 00:00:00 GMT\n\n" +
         body;
}

std::string rejection_bytes(int status, const std::string& error,
                            const std::vector<std::string>& details) {
  const std::string reason = details.empty() ? error : error + "; " + details.front();
  json::Ordered body = {{"error", error}, {"details", details}};
  return control_bytes(status, body.dump(), reason);
}

std::string without_times(std::string json) {
  constexpr std::string_view kName = "\"microseconds\":";
  for (size_t at = json.find(kName); at != std::string::npos; at = json.find(kName, at)) {
    at += kName.size();
    size_t end = json.find_first_not_of("0123456789", at);
    json.replace(at, end - at, "0");
  }
  return json;
}

}  // namespace engine_tests
