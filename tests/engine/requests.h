#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "test_engine.h"

/// Requests and responses in the tests of the engine.
namespace engine_tests {

/// The status and the body: `200 {"now":...}`.
std::string shown(const http::Response& response);

/// The status, the headers and the body.
std::string bytes(const http::Response& response);

std::string header(const http::Response& response, std::string_view name);

/// Sends a request without a key, such as a control call.
http::Response send(engine::Engine& engine, std::string method, std::string target,
                    std::string body = "");

/// Sends a request without a key, and returns the status and the body.
std::string ask(engine::Engine& engine, std::string method, std::string target,
                std::string body = "");

/// A request with a key.
http::Request request_of(std::string method, std::string target, std::string body = "",
                         std::string key = "ak_all");

http::Request get(std::string target, std::string key = "ak_all");

/// The request with one more header.
http::Request with_header(http::Request request, std::string name, std::string value);

/// What creates keys in the engine's contract: a user token if it has roles, else the key.
std::string creator(const engine::Engine& engine, const std::string& key);

/// A request that creates a key, below the path of a sandbox: `/sandbox/NAME`. With a user token,
/// the key is a member of the org 0a000000-0000-4000-8000-00000000000a.
http::Request create(const std::string& name = "k", const std::string& below = "",
                     std::string key = "ak_all");

/// The status and the body of a rejection by the control API.
std::string rejection(int status, const std::string& error,
                      const std::vector<std::string>& details);

/// All bytes of a response of the control API, while the clock is at its start.
std::string control_bytes(int status, const std::string& body, const std::string& reason = "");

/// All bytes of a rejection by the control API, while the clock is at its start.
std::string rejection_bytes(int status, const std::string& error,
                            const std::vector<std::string>& details);

constexpr const char* kBadBody = "the body is invalid; nothing was changed";

/// Replaces every `"microseconds":N`, which is random, by `"microseconds":0`.
std::string without_times(std::string json);

}  // namespace engine_tests
