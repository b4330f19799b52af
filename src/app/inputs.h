#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/options.h"
#include "capgo/key_list.h"
#include "engine/engine.h"
#include "scenario/scenario.h"

namespace app {

/// The content of the files named on the command line.
struct Inputs {
  capgo::Snapshot snapshot;
  std::vector<scenario::Scenario> scenarios;
  /// What is wrong with the files, one line for each problem.
  std::vector<std::string> problems;
  /// What the user should know about valid fixtures, one line each.
  std::vector<std::string> notes = {};
};

/// Reads the fixtures (or the built-in demo set) and scenarios that the options name. `now` is
/// the creation time of keys that have none.
Inputs read_inputs(const Options& options, base::Time now);

/// Checks the files that the options write: reports a missing folder, a file that is not regular,
/// and one that is also read from. One line for each problem.
std::vector<std::string> find_unwritable_files(const Options& options);

/// A clock that starts or is frozen at the time in the options.
base::Clock make_clock(const Options& options);

/// What connects an engine with the program.
struct Hooks {
  /// The numeric address the server listens on; empty for loopback.
  std::string listens_on = {};
  engine::Observer observer = {};
  /// Called with warnings for the user.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

/// Builds the engine. A new database is filled from the fixtures; one that has been used is not,
/// and there is a warning if it ignores --fixtures. Throws store::StoreError.
std::unique_ptr<engine::Engine> make_engine(const Options& options, Inputs inputs,
                                            base::Clock clock, const Hooks& hooks = {});

}  // namespace app
