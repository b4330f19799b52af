#include "app/option_values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/suggest.h"
#include "base/time_format.h"
#include "contract/catalog.h"

namespace app {
namespace {

constexpr uint64_t kMaxPort = 65535;

std::string quote(const std::string& value) { return "\"" + value + "\""; }

/// A whole number in decimal digits, at most `max`; else a problem with the range.
Problem read_number(const std::string& value, uint64_t min, uint64_t max, uint64_t& number) {
  auto read = base::parse_number(value, min, max);
  if (!read) {
    return quote(value) + " must be a number from " + std::to_string(min) + " to " +
           std::to_string(max);
  }
  number = *read;
  return std::nullopt;
}

/// A value that must be one of the names of an enum; `names` lists them for the problem.
template <typename Enum>
Problem read_name(const std::string& value, std::string_view names, Enum& read) {
  auto found = base::parse_name<Enum>(value);
  if (!found) {
    return quote(value) + " must be " + std::string(names) +
           base::did_you_mean(value, base::kNames<Enum>);
  }
  read = *found;
  return std::nullopt;
}

/// A host name or an IP address in lower case, without the brackets of IPv6; nothing if the value
/// is neither.
std::optional<std::string> parse_host(std::string_view value) {
  constexpr size_t kMaxSize = 253;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  std::string host = base::lower(value);
  bool is_in_brackets = host.starts_with('[') && host.ends_with(']');
  if (is_in_brackets) host = host.substr(1, host.size() - 2);
  in6_addr address;
  if (inet_pton(AF_INET6, host.c_str(), &address) == 1) return host;
  bool has_labels = !host.empty() && !host.starts_with('.') && host.find("..") == std::string::npos;
  bool is_name = !is_in_brackets && has_labels && host.size() <= kMaxSize &&
                 host.find_first_not_of(kAllowed) == std::string::npos;
  if (!is_name) return std::nullopt;
  return host;
}

/// The parts of a URL (`http://[::1]:3000/`), or of a host with a port.
struct UrlParts {
  bool is_url;
  std::string host;
  /// Empty if there is none.
  std::string port;
};

UrlParts split_url(std::string_view value) {
  size_t scheme = value.find("://");
  bool is_url = scheme != std::string_view::npos;
  if (is_url) value.remove_prefix(scheme + 3);
  value = value.substr(0, value.find('/'));
  size_t colon = value.rfind(':');
  bool has_port = colon != std::string_view::npos && base::is_digits(value.substr(colon + 1));
  if (!has_port) return {is_url, std::string(value), ""};
  return {is_url, std::string(value.substr(0, colon)), std::string(value.substr(colon + 1))};
}

Problem read_host(const std::string& value, Options& options) {
  if (value.empty()) return "must not be empty; leave it out for 127.0.0.1";
  if (auto host = parse_host(value)) {
    options.host = *std::move(host);
    return std::nullopt;
  }
  auto [is_url, host, port] = split_url(value);
  if ((is_url || !port.empty()) && parse_host(host)) {
    return "expected a host" + std::string(is_url ? ", not a URL" : " without a port") +
           "; write " + host + (port.empty() ? "" : " and use --port " + port);
  }
  // The system may know what to do with it: fe80::1%eth0.
  options.host = value;
  return std::nullopt;
}

Problem read_port(const std::string& value, Options& options) {
  uint64_t port = 0;
  auto problem = read_number(value, 0, kMaxPort, port);
  options.port = static_cast<int>(port);
  return problem;
}

/// The URL of a server, or of its control API.
Problem read_url(const std::string& value, Options& options) {
  constexpr std::string_view kScheme = "http://";
  if (base::lower(value).starts_with("https://")) {
    return quote(value) + " must begin with http://, because mock-capgo has no TLS";
  }
  UrlParts parts = split_url(value);
  auto host = parse_host(parts.host);
  auto port = base::parse_number<int>(parts.port.empty() ? "80" : parts.port, 1, kMaxPort);
  bool is_http = base::lower(value).starts_with(kScheme);
  if (!is_http || !host || !port || value.find_first_of(" ?#") != std::string::npos) {
    return quote(value) + " must be a URL such as http://127.0.0.1:12113";
  }
  std::string path = value.substr(std::min(value.find('/', kScheme.size()), value.size()));
  while (path.ends_with('/')) path.pop_back();
  if (path.ends_with("/__admin")) path += "/health";
  if (!path.ends_with(options.health_path)) path += options.health_path;
  options.host = *std::move(host);
  options.port = *port;
  options.health_path = std::move(path);
  return std::nullopt;
}

Problem read_base_path(const std::string& value, Options& options) {
  std::string path = value;
  while (path.ends_with('/')) path.pop_back();
  bool is_path = path.starts_with('/') && path.find_first_of(" ?#%") == std::string::npos;
  if (!path.empty() && !is_path) {
    return quote(path) + " must be a path that begins with /, such as /functions/v1";
  }
  for (std::string_view own : {"/__admin", "/sandbox", "/apikey"}) {
    if (path != own && !path.starts_with(std::string(own) + "/")) continue;
    return std::string(own) + " is reserved; choose another path";
  }
  options.base_path = std::move(path);
  return std::nullopt;
}

Problem read_storage(const std::string& value, Options& options) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (value == "sqlite::memory:") return quote(value) + " is not a file; write memory";
  if (value.starts_with(kSqlite) && value.size() > kSqlite.size()) {
    options.sqlite_file = value.substr(kSqlite.size());
  } else if (value != "memory") {
    return quote(value) + " must be memory or sqlite:FILE";
  }
  return std::nullopt;
}

Problem read_now(const std::string& value, Options& options) {
  options.now = base::parse_typed_time(value);
  if (options.now) return std::nullopt;
  return quote(value) + " is not a valid time; " + std::string(base::kTypedTimeForms);
}

/// `standard` and `enterprise` are limits of the contract, which is read before.
Problem read_rate_limit(const std::string& value, Options& options) {
  constexpr uint64_t kMax = 1'000'000'000;
  const contract::RateLimits& limits = options.contract->rate_limits;
  uint64_t number = 0;
  if (value == "standard") {
    options.rate_limit = limits.standard;
  } else if (value == "enterprise") {
    options.rate_limit = limits.enterprise;
  } else if (read_number(value, 1, kMax, number)) {
    return quote(value) + " must be standard, enterprise or a number from 1 to 1000000000";
  } else {
    options.rate_limit = static_cast<int64_t>(number);
  }
  return std::nullopt;
}

Problem read_allowed_host(const std::string& value, Options& options) {
  if (auto host = parse_host(value)) {
    options.allowed_hosts.push_back(*std::move(host));
    return std::nullopt;
  }
  std::string problem = quote(value) + " must be ";
  if (UrlParts parts = split_url(value); parse_host(parts.host)) {
    return problem + "the host alone, without scheme, port or slash; write " + parts.host;
  }
  return problem + "a host name or an IP address, such as ci.internal or 192.0.2.7";
}

/// The token is a secret: problems do not repeat it.
Problem read_admin_token(const std::string& value, Options& options) {
  constexpr size_t kMaxSize = 256;
  bool is_visible =
      std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c <= '~'; });
  options.admin_token = value;
  if (!value.empty() && value.size() <= kMaxSize && is_visible) return std::nullopt;
  return "must be 1 to 256 visible ASCII characters, without spaces";
}

/// The secret is not repeated either.
Problem read_jwt_secret(const std::string& value, Options& options) {
  options.jwt_secret = value;
  if (!value.empty()) return std::nullopt;
  return "must not be empty; leave it out for the secret of local Supabase stacks";
}

/// Sets a member to any value.
template <auto member>
Problem set(const std::string& value, Options& options) {
  options.*member = value;
  return std::nullopt;
}

/// Adds any value to a list.
template <auto member>
Problem append(const std::string& value, Options& options) {
  (options.*member).push_back(value);
  return std::nullopt;
}

template <auto member>
Problem read_count(const std::string& value, Options& options) {
  constexpr uint64_t kMax = 100'000;
  uint64_t number = 0;
  auto problem = read_number(value, 0, kMax, number);
  options.*member = static_cast<size_t>(number);
  return problem;
}

constexpr bool kIsList = true;

constexpr auto kFileOptions = std::to_array<ValueOption>({
    {"--fixtures", "FILE",
     "initial data, a JSON file; repeat it for more files (default: built-in demo data)", "",
     append<&Options::fixtures>, kIsList},
    {"--scenario", "FILE|NAME",
     "scenario to activate at start, a JSON file or a built-in name; repeat it for more", "",
     append<&Options::scenarios>, kIsList},
    {"--contract", "NAME", "contract to follow; see mock-capgo contracts", "documented",
     [](const std::string& value, Options& options) {
       return read_contract(value, options.contract);
     }},
});

constexpr auto kServerOptions = std::to_array<ValueOption>({
    {"--host", "HOST", "address to listen on", "127.0.0.1", read_host},
    {"--port", "N", "port to listen on; 0 picks a free one", "12113", read_port},
    {"--base-path", "PATH", "also answer below this path", "", read_base_path},
    {"--storage", "memory|sqlite:FILE", "where keys are stored", "memory", read_storage},
    {"--seed", "N", "generate the same keys and ids in every run (default: random)", "",
     [](const std::string& value, Options& options) {
       return read_number(value, 0, UINT64_MAX, options.seed.emplace());
     }},
    {"--now", "TIME", "start the clock at this time, such as 2024-01-31T12:00:00Z", "", read_now},
    {"--rate-limit", "standard|enterprise|N",
     "requests per minute and key: standard, enterprise or a number (default: off)", "",
     read_rate_limit},
    {"--ready-file", "FILE", "also write the ready line to this file", "",
     set<&Options::ready_file>},
    {"--export-on-exit", "FILE", "write the keys as a fixture file on a clean stop", "",
     set<&Options::export_on_exit>},
    {"--journal", "N", "requests to keep in each sandbox's journal, up to 100000", "1000",
     read_count<&Options::journal>},
    {"--journal-on-exit", "FILE", "write the journals of all sandboxes as JSON on a clean stop", "",
     set<&Options::journal_on_exit>},
    {"--max-sandboxes", "N", "maximum number of sandboxes, up to 100000", "1000",
     read_count<&Options::max_sandboxes>},
    {"--allow-host", "NAME",
     "accept this host name in the Host header, besides loopback; repeat it for more", "",
     read_allowed_host, kIsList},
    {"--admin-token", "TOKEN",
     "require Authorization: Bearer TOKEN on control calls (default: none on loopback; "
     "elsewhere control calls are rejected)",
     "", read_admin_token},
    {"--jwt-secret", "SECRET",
     "secret that signs the tokens of users (default: that of local Supabase stacks)", "",
     read_jwt_secret},
    {"--log", "none|errors|requests|debug",
     "what to log: nothing, rejected requests, all requests, or also headers and control calls",
     "requests",
     [](const std::string& value, Options& options) {
       return read_name(value, "none, errors, requests or debug", options.log);
     }},
    {"--log-file", "FILE", "append the log to this file (default: stderr)", "",
     set<&Options::log_file>},
    {"--log-format", "text|json", "log format; json writes one object per line", "text",
     [](const std::string& value, Options& options) {
       return read_name(value, "text or json", options.log_format);
     }},
});

constexpr auto kHealthOptions = std::to_array<ValueOption>({
    {"--url", "URL", "URL of the server, or of its control API", "http://127.0.0.1:12113",
     read_url},
});

}  // namespace

std::span<const ValueOption> file_options() { return kFileOptions; }
std::span<const ValueOption> contract_option() { return std::span(kFileOptions).last<1>(); }
std::span<const ValueOption> server_options() { return kServerOptions; }
std::span<const ValueOption> health_options() { return kHealthOptions; }

Problem read_contract(const std::string& value, const contract::Contract*& contract) {
  if (const contract::Contract* found = contract::find_contract(value)) {
    contract = found;
    return std::nullopt;
  }
  std::vector<std::string_view> names;
  for (const contract::Contract* each : contract::all()) names.push_back(each->name);
  return base::unknown_name("contract", value, names);
}

}  // namespace app
