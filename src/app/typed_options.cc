#include "app/typed_options.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/number_text.h"
#include "base/suggest.h"
#include "base/time_text.h"
#include "contract/catalog.h"

namespace app {
namespace {

/// A whole number written in decimal digits, at most `greatest`.
std::optional<uint64_t> parse_number(std::string_view text, uint64_t greatest) {
  auto number = base::parse_number<uint64_t>(text);
  return number && *number <= greatest ? number : std::nullopt;
}

using Problem = std::optional<std::string>;

/// Why there is no contract of this name.
std::string explain_no_contract(const std::string& wanted) {
  std::vector<std::string_view> names;
  for (const contract::Contract* each : contract::all()) names.push_back(each->name);
  std::string known;
  for (std::string_view name : names) known += " " + std::string(name);
  return "there is no contract \"" + wanted + "\"" + base::did_you_mean(wanted, names) +
         "; there are:" + known;
}

Problem judge_contract(const TypedOptions& typed, Options& options) {
  options.contract = contract::find_contract(typed.contract);
  if (options.contract == nullptr) return "--contract: " + explain_no_contract(typed.contract);
  for (const std::string& name : typed.compared) {
    options.compared.push_back(contract::find_contract(name));
    if (options.compared.back() == nullptr) return "contracts: " + explain_no_contract(name);
  }
  if (options.compared.size() == 1 || options.compared.size() > 2) {
    return "contracts: name two of them to see where they differ, or none to list them all";
  }
  return std::nullopt;
}

Problem judge_numbers(const TypedOptions& typed, Options& options) {
  constexpr uint64_t kGreatestPort = 65535;
  if (typed.port) {
    auto port = parse_number(*typed.port, kGreatestPort);
    if (!port) return "--port: \"" + *typed.port + "\" must be a number from 0 to 65535";
    options.port = static_cast<int>(*port);
  } else if (options.command == Command::exec) {
    options.port = 0;  // A test run beside another must not meet its port.
  }
  if (typed.seed) {
    options.seed = parse_number(*typed.seed, UINT64_MAX);
    if (!options.seed) {
      return "--seed: \"" + *typed.seed + "\" must be a number from 0 to 18446744073709551615";
    }
  }
  if (typed.now) {
    options.now = base::parse_time(*typed.now);
    if (!options.now) {
      return "--now: \"" + *typed.now + "\" is no time; write it as 2024-01-31T12:00:00Z";
    }
  }
  return std::nullopt;
}

Problem judge_rate_limit(const TypedOptions& typed, Options& options) {
  if (!typed.rate_limit || options.contract == nullptr) return std::nullopt;
  constexpr uint64_t kGreatest = 1'000'000'000;
  const contract::RateLimits& limits = options.contract->rate_limits;
  auto number = parse_number(*typed.rate_limit, kGreatest);
  if (typed.rate_limit == "standard") {
    options.rate_limit = limits.standard;
  } else if (typed.rate_limit == "enterprise") {
    options.rate_limit = limits.enterprise;
  } else if (number && *number > 0) {
    options.rate_limit = static_cast<int64_t>(*number);
  } else {
    return "--rate-limit: \"" + *typed.rate_limit +
           "\" must be standard, enterprise or a number from 1 to 1000000000";
  }
  return std::nullopt;
}

Problem judge_places(const TypedOptions& typed, Options& options) {
  if (options.host.empty()) return "--host: must not be empty; leave it out for 127.0.0.1";
  if (typed.storage.starts_with("sqlite:") && typed.storage.size() > 7) {
    options.sqlite_file = typed.storage.substr(7);
  } else if (typed.storage != "memory") {
    return "--storage: \"" + typed.storage + "\" must be memory or sqlite:FILE";
  }
  while (options.base_path.ends_with('/')) options.base_path.pop_back();
  const std::string& path = options.base_path;
  bool is_path = path.starts_with('/') && path.find_first_of(" ?#%") == std::string::npos;
  if (!path.empty() && !is_path) {
    return "--base-path: \"" + path + "\" must begin with / and be a plain path, as /functions/v1";
  }
  for (std::string_view own : {"/__admin", "/sandbox", "/apikey"}) {
    if (path != own && !path.starts_with(std::string(own) + "/")) continue;
    return "--base-path: " + std::string(own) + " has a meaning of its own; choose another path";
  }
  return std::nullopt;
}

Problem judge_log(const TypedOptions& typed, Options& options) {
  constexpr auto kLevels = std::to_array<std::string_view>({"none", "requests", "debug"});
  const auto* level = std::find(kLevels.begin(), kLevels.end(), typed.log);
  if (level == kLevels.end()) {
    return "--log: \"" + typed.log + "\" must be none, requests or debug" +
           base::did_you_mean(typed.log, kLevels);
  }
  options.log = static_cast<Log>(level - kLevels.begin());
  constexpr auto kFormats = std::to_array<std::string_view>({"text", "json"});
  const auto* format = std::find(kFormats.begin(), kFormats.end(), typed.log_format);
  if (format == kFormats.end()) {
    return "--log-format: \"" + typed.log_format + "\" must be text or json" +
           base::did_you_mean(typed.log_format, kFormats);
  }
  options.log_format = static_cast<LogFormat>(format - kFormats.begin());
  return std::nullopt;
}

/// How many of something there are to be; `count` stays as it is if the option is not given.
Problem judge_count(std::string_view option, const std::optional<std::string>& text,
                    size_t& count) {
  constexpr uint64_t kGreatest = 100'000;
  if (!text) return std::nullopt;
  auto number = parse_number(*text, kGreatest);
  if (!number) {
    return std::string(option) + ": \"" + *text + "\" must be a number from 0 to 100000";
  }
  count = static_cast<size_t>(*number);
  return std::nullopt;
}

Problem judge_counts(const TypedOptions& typed, Options& options) {
  if (auto problem = judge_count("--journal", typed.journal, options.journal)) return problem;
  return judge_count("--max-sandboxes", typed.max_sandboxes, options.max_sandboxes);
}

/// A host name or an IP address in lower case, without the brackets of IPv6; nothing if the text is
/// neither.
std::optional<std::string> parse_host(std::string_view text) {
  constexpr size_t kLongest = 253;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  std::string host(text);
  std::transform(host.begin(), host.end(), host.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
  });
  bool is_in_brackets = host.starts_with('[') && host.ends_with(']');
  if (is_in_brackets) host = host.substr(1, host.size() - 2);
  in6_addr address;
  if (inet_pton(AF_INET6, host.c_str(), &address) == 1) return host;
  bool has_labels = !host.empty() && !host.starts_with('.') && host.find("..") == std::string::npos;
  bool is_name = !is_in_brackets && has_labels && host.size() <= kLongest &&
                 host.find_first_not_of(kLetters) == std::string::npos;
  if (!is_name) return std::nullopt;
  return host;
}

/// What a URL or an address has between its scheme and its port.
std::string_view host_part(std::string_view text) {
  size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find('/'));
  if (text.starts_with('[')) return text.substr(0, text.find(']') + 1);
  return text.substr(0, text.rfind(':'));
}

Problem judge_allowed_hosts(const TypedOptions& typed, Options& options) {
  for (const std::string& text : typed.allowed_hosts) {
    auto host = parse_host(text);
    if (host) {
      options.allowed_hosts.push_back(*std::move(host));
      continue;
    }
    std::string problem = "--allow-host: \"" + text + "\" must be ";
    if (std::string part(host_part(text)); parse_host(part)) {
      return problem + "the host alone, without scheme, port or slash; write " + part;
    }
    return problem + "a host name or an IP address, such as ci.internal or 192.0.2.7";
  }
  return std::nullopt;
}

/// The token is a secret: no problem repeats it.
Problem judge_admin_token(const Options& options) {
  constexpr size_t kLongest = 256;
  if (!options.admin_token) return std::nullopt;
  const std::string& token = *options.admin_token;
  bool is_visible = std::all_of(token.begin(), token.end(),
                                [](char letter) { return letter > ' ' && letter <= '~'; });
  if (!token.empty() && token.size() <= kLongest && is_visible) return std::nullopt;
  return "--admin-token: must be 1 to 256 visible ASCII characters, without blanks";
}

Problem judge_child(const Options& options) {
  bool is_exec = options.command == Command::exec;
  if (is_exec && options.child.empty()) {
    return "exec: no command to run; put it after --, as in: mock-capgo exec -- npm test";
  }
  if (!is_exec && !options.child.empty()) return "only exec runs a command after --";
  return std::nullopt;
}

}  // namespace

std::variant<Options, std::string> judge(const TypedOptions& typed) {
  Options options = typed.options;
  for (Problem problem :
       {judge_contract(typed, options), judge_numbers(typed, options),
        judge_rate_limit(typed, options), judge_places(typed, options),
        judge_counts(typed, options), judge_allowed_hosts(typed, options),
        judge_admin_token(options), judge_log(typed, options), judge_child(options)}) {
    if (problem) return *std::move(problem);
  }
  return options;
}

}  // namespace app
