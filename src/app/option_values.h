#pragma once

#include <optional>
#include <span>
#include <string>

#include "app/options.h"

namespace app {

/// What is wrong with a value, and what to write instead; nothing if it is valid.
using Problem = std::optional<std::string>;

/// An option with a value.
struct ValueOption {
  const char* name;
  /// The value's placeholder in the help text, such as `FILE`.
  const char* type;
  const char* help;
  /// Shown in the help text.
  const char* default_value;
  /// Sets the value in the options, or returns what is wrong with it.
  Problem (*read)(const std::string& value, Options& options);
  /// Whether the option can be repeated.
  bool is_list = false;
};

/// The options of serve, exec and check, in the order in which they are read.
std::span<const ValueOption> file_options();

/// The option for the contract, which `scenarios` has too.
std::span<const ValueOption> contract_option();

/// The options of serve and exec only.
std::span<const ValueOption> server_options();

/// The options of health.
std::span<const ValueOption> health_options();

/// Finds the contract with this name.
Problem read_contract(const std::string& value, const contract::Contract*& contract);

}  // namespace app
