#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract/catalog.h"
#include "engine/engine.h"

/// Engines for tests: with stores in memory, and a clock frozen at the time of the examples in the
/// vendor's documents, 2024-02-12T00:00:00Z.
namespace test_engine {

/// Reads a file of the repository; empty if there is none.
std::string read_file(const std::string& name);

base::Clock frozen_clock();

struct Options {
  const contract::Contract* contract = contract::all().front();
  std::string fixture = read_file("tests/contract/fixture-documented.json");
  std::vector<std::string> scenarios = {};
  uint64_t seed = 7;
  std::string base_path = {};
  std::optional<int64_t> rate_limit = std::nullopt;
  size_t journal = 1000;
  size_t max_sandboxes = 1000;
  engine::Guards::Config guards = {};
  engine::Observer observer = {};
};

engine::EngineConfig make_config(const Options& options);

engine::Engine make_engine(const Options& options = {});

}  // namespace test_engine
