#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"
#include "world.h"

/// How tests of the engine ask, and write down what they are answered.
namespace engine_tests {

/// An answer in one line: `200 {"now":...}`.
inline std::string shown(const http::Response& response) {
  return std::to_string(response.status) + " " + response.body;
}

/// All of an answer but what the transport does with it.
inline std::string bytes(const http::Response& response) {
  std::string text = std::to_string(response.status) + "\n";
  for (const http::Header& line : response.headers) text += line.name + ": " + line.value + "\n";
  return text + "\n" + response.body;
}

inline std::string header(const http::Response& response, std::string_view name) {
  const std::string* value = response.headers.find(name);
  return value == nullptr ? "(absent)" : *value;
}

/// Asks without a key, as control calls are made.
inline http::Response send(engine::Engine& engine, std::string method, std::string target,
                           std::string body = "") {
  return engine.handle({std::move(method), std::move(target), {}, std::move(body)});
}

/// The same, shown.
inline std::string ask(engine::Engine& engine, std::string method, std::string target,
                       std::string body = "") {
  return shown(send(engine, std::move(method), std::move(target), std::move(body)));
}

/// A request with a key.
inline http::Request request_of(std::string method, std::string target, std::string body = "",
                                std::string key = "ak_all") {
  return {
      std::move(method), std::move(target), {{"authorization", std::move(key)}}, std::move(body)};
}

inline http::Request get(std::string target, std::string key = "ak_all") {
  return request_of("GET", std::move(target), "", std::move(key));
}

/// A request that makes a key, below the path of a sandbox: `/sandbox/NAME`.
inline http::Request create(const std::string& name = "k", const std::string& below = "",
                            std::string key = "ak_all") {
  return request_of("POST", below + "/apikey/", R"({"name":")" + name + R"(","mode":"read"})",
                    std::move(key));
}

/// A refusal of the control API, as `shown` writes it.
inline std::string refusal(int status, const std::string& error,
                           const std::vector<std::string>& details) {
  json::Ordered body = {{"error", error}, {"details", details}};
  return std::to_string(status) + " " + body.dump();
}

/// All bytes of the refusal of a control call: the error and the first detail are in a header too,
/// and no page may read it.
inline std::string refusal_bytes(int status, const std::string& error,
                                 const std::vector<std::string>& details) {
  const std::string reason = details.empty() ? error : error + "; " + details.front();
  json::Ordered body = {{"error", error}, {"details", details}};
  return std::to_string(status) +
         "\nContent-Type: application/json\nX-Mock-Reason: " + http::as_header_value(reason) +
         "\nX-Content-Type-Options: nosniff\nCross-Origin-Resource-Policy: same-origin\n\n" +
         body.dump();
}

constexpr const char* kBadBody = "the body is not as it should be; nothing was changed";

/// The text with every `"microseconds":N`, which no test can know, as `"microseconds":0`.
inline std::string without_times(std::string text) {
  constexpr std::string_view kName = "\"microseconds\":";
  for (size_t at = text.find(kName); at != std::string::npos; at = text.find(kName, at)) {
    at += kName.size();
    size_t end = text.find_first_not_of("0123456789", at);
    text.replace(at, end - at, "0");
  }
  return text;
}

}  // namespace engine_tests
