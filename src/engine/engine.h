#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret_text.h"
#include "capgo/api_key.h"
#include "contract/contract.h"
#include "engine/guard.h"
#include "engine/sandboxes.h"
#include "engine/trace.h"
#include "http/message.h"
#include "scenario/scenario.h"

namespace engine {

/// A scenario that comes with the program: its name, and the text of its file.
struct ShippedScenario {
  std::string_view name;
  std::string_view text;
};

/// Is told of every request that was answered. Called on the threads that call `handle`, several
/// at a time; must not throw.
using Observer = std::function<void(const http::Request&, const http::Response&, const Trace&)>;

/// What an engine is made of.
struct Setup {
  const contract::Contract& contract;
  /// What every sandbox begins with.
  capgo::Snapshot fixtures = {};
  /// Keeps the keys of the sandbox without a name, and holds what it is to begin with; null keeps
  /// them in memory, where they begin as the fixtures.
  std::unique_ptr<store::KeyStore> durable = nullptr;
  base::Clock clock = {};
  /// Where each sandbox's clock starts, if it goes on; nothing for the real time.
  std::optional<base::Time> starts_at = std::nullopt;
  uint64_t seed = 0;
  /// How many requests a key may make a minute; nothing if nobody counts.
  std::optional<int64_t> rate_limit = std::nullopt;
  std::vector<scenario::Scenario> scenarios = {};
  /// Those that control calls may ask for by name.
  std::vector<ShippedScenario> shipped = {};
  /// Requests below this path are answered as if it were not there; empty for none.
  std::string base_path = {};
  /// Of the program, for the control API.
  std::string version = {};
  /// How many requests each sandbox's journal keeps.
  size_t journal = 1000;
  /// How many sandboxes with a name there may be.
  size_t max_sandboxes = 1000;
  Guards::Rules guards = {};
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
  /// Throws store::StoreError if two keys of the fixtures have one id or one secret.
  explicit Engine(Setup setup);

  /// Answers one request. From any thread; never sleeps: a delay is data in the answer.
  http::Response handle(const http::Request& request);

  /// All keys, orgs and apps that the sandbox without a name has now. From any thread. May throw
  /// store::StoreError.
  capgo::Snapshot snapshot();

  /// The key to begin with (pick_key), as every sandbox has it at first.
  const std::optional<std::string>& first_key() const { return sandboxes_.beginning().key; }

  /// Whether a text looks like a secret, is one of the fixtures, or one of a key that the sandbox
  /// of this name has now (secrets_of); the plain one, where there is none such. From any thread.
  bool is_secret(std::string_view sandbox, std::string_view text);

  /// The rules of scenarios that have never acted: see RuleUse::dead. From any thread.
  std::vector<std::string> dead_rules() { return sandboxes_.dead_rules(); }

 private:
  /// Where a request goes: the sandbox that its path names, if it names one, and the path there.
  struct Place {
    std::optional<std::string_view> sandbox;
    std::string_view path;
  };

  Place find_place(std::string_view path) const;
  std::string_view without_base_path(std::string_view path) const;
  http::Response answer(const http::Request& request, const Stopwatch& watch, Trace& trace);

  const std::string base_path_;
  const std::string version_;
  const std::vector<ShippedScenario> shipped_;
  const Guards guards_;
  const Observer observer_;
  Sandboxes sandboxes_;
};

}  // namespace engine
