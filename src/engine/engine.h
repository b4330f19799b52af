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

/// Gets every request that was answered. Called on the threads that call `handle`, several at a
/// time; must not throw.
using Observer =
    std::function<void(const http::Request&, const http::Response&, const journal::Exchange&)>;

/// A request below `/__admin`, which the guards let pass.
struct ControlRequest {
  const http::Request& request;
  /// Within the sandbox.
  std::string_view path;
  /// The sandbox that the path names, if it names one; the name is not checked yet.
  std::optional<std::string_view> sandbox;
  Sandboxes& sandboxes;
};

/// Answers control calls; notes in the exchange why one is rejected. Called as `handle` is.
using ControlApi = std::function<http::Response(const ControlRequest&, journal::Exchange&)>;

/// What an engine is made of.
struct EngineConfig {
  /// What every sandbox begins with.
  SandboxConfig sandbox;
  /// Keeps the keys of the default sandbox, and holds what it is to begin with; null keeps them in
  /// memory, where they begin as the fixtures.
  std::unique_ptr<store::KeyStore> durable = nullptr;
  /// How many sandboxes with a name there may be.
  size_t max_sandboxes = 1000;
  /// Requests below this path are answered as if it were not there; empty for none.
  std::string base_path = {};
  Guards::Config guards = {};
  ControlApi control;
  Observer observer = {};
};

/// How long something took.
class Stopwatch {
 public:
  int64_t microseconds() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now();
};

/// Answers requests. Everything the emulator does is behind `handle`; no socket is needed.
class Engine {
 public:
  explicit Engine(EngineConfig config);

  /// Answers one request. From any thread; never sleeps: a delay is data in the answer.
  http::Response handle(const http::Request& request);

  /// All keys, orgs and apps that the default sandbox has now. From any thread. May throw
  /// store::StoreError.
  capgo::Snapshot snapshot();

  /// The key to begin with (pick_key), as every sandbox has it at first.
  const std::optional<std::string>& first_key() const { return sandboxes_.config().key; }

  /// The rules of scenarios that have never fired: see RuleUsage::dead. From any thread.
  std::vector<std::string> unused_rules() { return sandboxes_.unused_rules(); }

 private:
  /// Where a request goes: the sandbox that its path names, if it names one, and the path there.
  struct Place {
    std::optional<std::string_view> sandbox;
    std::string_view path;
  };

  Place find_place(std::string_view path) const;
  std::string_view without_base_path(std::string_view path) const;
  http::Response answer(const http::Request& request, const Place& place, const Stopwatch& watch,
                        journal::Exchange& exchange);

  const std::string base_path_;
  const Guards guards_;
  const ControlApi control_;
  const Observer observer_;
  Sandboxes sandboxes_;
};

}  // namespace engine
