#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "test_engine.h"

/// How tests of the engine ask, and write down what they are answered.
namespace engine_tests {

/// An answer in one line: `200 {"now":...}`.
std::string shown(const http::Response& response);

/// All of an answer but what the transport does with it.
std::string bytes(const http::Response& response);

std::string header(const http::Response& response, std::string_view name);

/// Asks without a key, as control calls are made.
http::Response send(engine::Engine& engine, std::string method, std::string target,
                    std::string body = "");

/// The same, shown.
std::string ask(engine::Engine& engine, std::string method, std::string target,
                std::string body = "");

/// A request with a key.
http::Request request_of(std::string method, std::string target, std::string body = "",
                         std::string key = "ak_all");

http::Request get(std::string target, std::string key = "ak_all");

/// The request with one more header.
http::Request with_header(http::Request request, std::string name, std::string value);

/// A request that makes a key, below the path of a sandbox: `/sandbox/NAME`.
http::Request create(const std::string& name = "k", const std::string& below = "",
                     std::string key = "ak_all");

/// A rejection of the control API, as `shown` writes it.
std::string rejection(int status, const std::string& error,
                      const std::vector<std::string>& details);

/// All bytes of the rejection of a control call: the error and the first detail are in a header
/// too, and no page may read it.
std::string rejection_bytes(int status, const std::string& error,
                            const std::vector<std::string>& details);

constexpr const char* kBadBody = "the body is invalid; nothing was changed";

/// The text with every `"microseconds":N`, which no test can know, as `"microseconds":0`.
std::string without_times(std::string text);

}  // namespace engine_tests
