#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/options.h"

namespace app {

/// Options as typed. What any text will do for stands in `options` already, as does the command;
/// the rest is texts that are still to be judged.
struct TypedOptions {
  Options options;
  std::string contract = "documented";
  std::vector<std::string> compared;
  std::string storage = "memory";
  std::optional<std::string> port;
  std::optional<std::string> seed;
  std::optional<std::string> now;
  std::optional<std::string> rate_limit;
  std::optional<std::string> journal;
  std::optional<std::string> max_sandboxes;
  std::vector<std::string> allowed_hosts;
  std::string log = "requests";
  std::string log_format = "text";
};

/// What is meant by them, or else the first problem there is: which option, what is wrong with its
/// value, and what to write.
std::variant<Options, std::string> judge(const TypedOptions& typed);

}  // namespace app
