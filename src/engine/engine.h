#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capgo/api_key.h"
#include "engine/guard.h"
#include "engine/sandboxes.h"
#include "http/message.h"
#include "journal/exchange.h"

namespace engine {

/// Called after each request, on the thread that called `handle`, concurrently. Must not throw.
using Observer =
    std::function<void(const http::Request&, const http::Response&, const journal::Exchange&)>;

/// A request below `/__admin` that the guards allow.
struct ControlRequest {
  const http::Request& request;
  /// Within the sandbox.
  std::string_view path;
  /// The sandbox that the path names, if any. The name may be invalid.
  std::optional<std::string_view> sandbox;
  Sandboxes& sandboxes;
};

/// Handles a control call, and records in the exchange why it is rejected. From any thread.
using ControlApi = std::function<http::Response(const ControlRequest&, journal::Exchange&)>;

struct EngineConfig {
  SandboxConfig sandbox;
  /// The store of the default sandbox, with its initial keys; null for the fixtures in memory.
  std::unique_ptr<store::KeyStore> durable = nullptr;
  /// The maximum number of named sandboxes.
  size_t max_sandboxes = 1000;
  /// A prefix of paths that is ignored; empty for none.
  std::string base_path = {};
  Guards::Config guards = {};
  ControlApi control;
  Observer observer = {};
};

using SteadyTime = std::chrono::steady_clock::time_point;

/// The emulator without sockets.
class Engine {
 public:
  explicit Engine(EngineConfig config);

  /// Handles one request. From any thread. Never sleeps: a delay is data in the response.
  http::Response handle(const http::Request& request);

  /// Adds the headers that mock-capgo's own errors have to one that was made elsewhere. From any
  /// thread.
  void add_headers(const http::Request& request, http::Response& response);

  /// Returns all keys, orgs and apps of the default sandbox. From any thread. May throw
  /// store::StoreError.
  capgo::Snapshot snapshot();

  /// Returns the journals of the default sandbox and the named ones as JSON:
  /// `{"sandboxes":[{"name":null,"requests":[…],"dropped":0}]}`, oldest request first, each as
  /// `GET /__admin/requests` lists it and on its own line. From any thread.
  std::string journals();

  /// A key to start with: see SandboxConfig::key.
  const std::optional<std::string>& first_key() const { return sandboxes_.config().key; }

  /// A token to start with: see SandboxConfig::make_user_token.
  std::optional<std::string> first_user_token() const {
    return sandboxes_.config().make_user_token();
  }

  /// Returns the rules that have never fired: see RuleUsage::unused. From any thread.
  std::vector<std::string> unused_rules() { return sandboxes_.unused_rules(); }

 private:
  struct Target {
    /// The sandbox that the path names, if any.
    std::optional<std::string_view> sandbox;
    /// The path in the sandbox.
    std::string_view path;
  };

  Target find_target(std::string_view path) const;
  void add_headers(const http::Request& request, const Target& target, http::Response& response);
  std::string_view without_base_path(std::string_view path) const;
  http::Response answer(const http::Request& request, const Target& target, SteadyTime start,
                        journal::Exchange& exchange);

  const std::string base_path_;
  const Guards guards_;
  const ControlApi control_;
  const Observer observer_;
  Sandboxes sandboxes_;
};

}  // namespace engine
