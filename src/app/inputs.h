#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/options.h"
#include "capgo/api_key.h"
#include "engine/engine.h"
#include "scenario/scenario.h"

namespace app {

/// The files named on the command line, read, or what is wrong with them.
struct Inputs {
  capgo::Snapshot snapshot;
  std::vector<scenario::Scenario> scenarios;
  /// A line each, for stderr: what, where, what to do.
  std::vector<std::string> problems;
};

/// Reads the fixtures (or the built-in demo set) and scenarios that the options name. `now` is
/// the time of keys that have none.
Inputs read_inputs(const Options& options, base::Time now);

/// What is wrong with the files to be written: a missing folder, a file that is not a regular one,
/// or one that is read from too and would be lost. A line each.
std::vector<std::string> find_unwritable_files(const Options& options);

/// A clock that stands or starts where the options say.
base::Clock make_clock(const Options& options);

/// What an engine knows of the program around it.
struct Hooks {
  /// The numeric address of the server; empty for loopback.
  std::string listens_on = {};
  engine::Observer observer = {};
  /// Called with warnings for the user.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

/// Builds the engine: a store, filled from the fixtures if it never held anything, and the
/// scenarios. Warns if a filled store ignores fixtures. Throws store::StoreError.
std::unique_ptr<engine::Engine> make_engine(const Options& options, Inputs inputs,
                                            base::Clock clock, const Hooks& hooks = {});

}  // namespace app
