#pragma once

#include <optional>
#include <span>
#include <string>

#include "app/options.h"

namespace app {

/// What is wrong with a value, and what to write instead; nothing if it is fine.
using Problem = std::optional<std::string>;

/// An option that takes a value.
struct ValueOption {
  const char* name;
  /// What help calls the value, what it says of it, and the value if the option is not given.
  const char* type;
  const char* help;
  const char* default_value;
  /// Puts the value into the options, or returns what is wrong with it.
  Problem (*read)(const std::string& value, Options& options);
  /// Whether it may be given again.
  bool is_list = false;
};

/// Those of serve, exec and check, in the order in which they are read.
std::span<const ValueOption> file_options();

/// Those of serve and exec.
std::span<const ValueOption> server_options();

/// Finds the contract of this name.
Problem read_contract(const std::string& value, const contract::Contract*& contract);

}  // namespace app
