#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "capgo/api_key.h"
#include "contract/contract.h"
#include "engine/sandbox.h"
#include "http/message.h"
#include "scenario/rulebook.h"

namespace engine {

/// What an engine is made of.
struct Setup {
  const contract::Contract& contract;
  std::unique_ptr<store::KeyStore> keys;
  base::Clock clock;
  uint64_t seed = 0;
  /// How many requests a key may make a minute; nothing if nobody counts.
  std::optional<int64_t> rate_limit;
  std::vector<scenario::Scenario> scenarios;
  /// Requests below this path are answered as if it were not there; empty for none.
  std::string base_path;
  /// Of the program, for the control API.
  std::string version;
};

/// Answers requests. Everything the emulator does is behind `handle`; no socket is needed.
class Engine {
 public:
  explicit Engine(Setup setup);

  /// Answers one request. From any thread; never sleeps: a delay is data in the answer.
  http::Response handle(const http::Request& request);

  /// All keys, orgs and apps there are now. From any thread. May throw store::StoreError.
  capgo::Snapshot snapshot();

 private:
  std::string_view without_base_path(std::string_view path) const;

  std::string base_path_;
  std::string version_;
  Sandbox sandbox_;
};

}  // namespace engine
