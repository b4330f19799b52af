#include "engine/guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/sha256.h"

namespace engine {
namespace {

using Address = std::array<unsigned char, 16>;

/// The first bytes of an IPv4 address that is mapped into IPv6.
constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

/// Parses an IP address without brackets and zone. Maps IPv4 into IPv6. Rejects other spellings
/// (`127.1`, `0x7f.0.0.1`, `127.0.0.01`): no browser sends them, and parsers disagree about them.
std::optional<Address> parse_address(std::string_view value) {
  bool is_ipv6 = value.find(':') != std::string_view::npos;
  // inet_pton stops at a NUL, and accepts `7f00:1` where a mapped IPv4 address may be.
  if (value.find('\0') != std::string_view::npos) return std::nullopt;
  if (!is_ipv6 && value.find('.') == std::string_view::npos) return std::nullopt;
  std::string ipv6 = (is_ipv6 ? "" : "::ffff:") + std::string(value);
  Address address{};
  if (inet_pton(AF_INET6, ipv6.c_str(), address.data()) != 1) return std::nullopt;
  return address;
}

bool is_mapped(const Address& address) {
  return std::equal(kMapped.begin(), kMapped.end(), address.begin());
}

bool is_loopback_address(const Address& address) {
  if (is_mapped(address)) return address[kMapped.size()] == 127;
  constexpr Address kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address == kLoopback;
}

/// Returns whether a server bound to it listens on every address: `0.0.0.0` or `::`.
bool is_wildcard(const Address& address) {
  auto begin = is_mapped(address) ? address.begin() + kMapped.size() : address.begin();
  return std::all_of(begin, address.end(), [](unsigned char byte) { return byte == 0; });
}

/// Returns the host in `localhost:80` or `[::1]`, with its brackets; nothing if the port is
/// invalid. The host may be invalid.
std::optional<std::string_view> without_port(std::string_view authority) {
  constexpr size_t kMaxPortSize = 5;
  size_t end = authority.find(authority.starts_with('[') ? ']' : ':');
  if (authority.starts_with('[')) {
    if (end == std::string_view::npos) return std::nullopt;
    ++end;
  }
  std::string_view host = authority.substr(0, end);
  std::string_view rest = authority.substr(host.size());
  bool is_valid = rest.empty() || (rest[0] == ':' && rest.size() <= kMaxPortSize + 1 &&
                                   std::all_of(rest.begin() + 1, rest.end(), base::is_digit));
  return is_valid ? std::optional(host) : std::nullopt;
}

bool is_bracketed(std::string_view host) { return host.starts_with('[') && host.ends_with(']'); }

std::string_view without_brackets(std::string_view host) {
  return is_bracketed(host) ? host.substr(1, host.size() - 2) : host;
}

/// Parses a host that is an IP address. Only IPv6 has brackets.
std::optional<Address> parse_literal(std::string_view host) {
  bool is_ipv6 = host.find(':') != std::string_view::npos;
  return is_bracketed(host) == is_ipv6 ? parse_address(without_brackets(host)) : std::nullopt;
}

/// Returns whether it consists of labels with single dots between them. A label may have an
/// underscore, as in names of containers.
bool is_host_name(std::string_view host) {
  constexpr size_t kMaxLength = 253;
  char last = '.';
  for (char c : host) {
    bool valid = c == '.' ? last != '.' : base::is_alnum(c) || c == '-' || c == '_';
    if (!valid) return false;
    last = c;
  }
  return last != '.' && host.size() <= kMaxLength;
}

/// A final dot only says that the name is fully qualified.
std::string_view without_final_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

/// Returns whether it is `localhost` or a subdomain, which browsers resolve to loopback without
/// DNS.
bool is_localhost(std::string_view name) {
  constexpr std::string_view kName = "localhost";
  if (name.size() <= kName.size()) return base::equal_ignoring_case(name, kName);
  std::string_view end = name.substr(name.size() - kName.size() - 1);
  return end[0] == '.' && base::equal_ignoring_case(end.substr(1), kName);
}

/// Returns the authority of an absolute target, `http://host/path`; nothing for other targets.
std::optional<std::string_view> authority_of_target(std::string_view target) {
  // The same rule as in http::Request::path, so that no target bypasses the guard.
  if (target.starts_with('/')) return std::nullopt;
  constexpr std::string_view kSeparator = "://";
  target = target.substr(0, target.find_first_of("?#"));
  size_t scheme = target.find(kSeparator);
  if (scheme == std::string_view::npos) return std::nullopt;
  target.remove_prefix(scheme + kSeparator.size());
  return target.substr(0, target.find('/'));
}

/// A header's value, shortened for a message.
std::string shorten(std::string_view value) {
  constexpr size_t kMaxSize = 100;
  std::string start;
  // In front of an @ there may be a password.
  if (size_t at = value.rfind('@'); at != std::string_view::npos) {
    start = "...@";
    value.remove_prefix(at + 1);
  }
  start += value.substr(0, kMaxSize);
  if (value.size() > kMaxSize) start += "...";
  return http::to_header_value(start);
}

std::optional<GuardRejection> check_origin(const http::Request& request) {
  auto host = request.headers.find("Host");
  for (const http::Header& header : request.headers) {
    if (!base::equal_ignoring_case(header.name, "Origin")) continue;
    if (host && base::equal_ignoring_case(header.value, "http://" + std::string(*host))) continue;
    GuardRejection rejection{403, "origin", "", {}};
    rejection.error =
        "Origin \"" + shorten(header.value) + "\" is not allowed to use the control API";
    rejection.details = {"call it from a program that sends no Origin header, not from a web page"};
    if (host) {
      rejection.details.push_back("the only allowed page is http://" + shorten(*host));
    }
    return rejection;
  }
  return std::nullopt;
}

/// The relation of the web page that makes the request to this server. Browsers send it, and pages
/// cannot change it. Empty if there is none.
std::string_view page_relation(const http::Request& request) {
  auto site = request.headers.find("Sec-Fetch-Site");
  return site.value_or("");
}

/// Returns whether it is the page of the web console or a file of it. They have no data, so links
/// to the page may be on any other page.
bool is_console(std::string_view method, std::string_view path) {
  return (method == "GET" || method == "HEAD") &&
         (path == "/__admin" || path == "/__admin/" || path.starts_with("/__admin/console/"));
}

/// Returns T of `Authorization: Bearer T`; empty if there is none.
std::string_view bearer_token(const http::Headers& headers) {
  auto value = headers.find("Authorization");
  if (!value) return "";
  std::string_view token = *value;
  std::string_view scheme = token.substr(0, token.find(' '));
  if (!base::equal_ignoring_case(scheme, "Bearer")) return "";
  token.remove_prefix(scheme.size());
  return token.substr(std::min(token.find_first_not_of(' '), token.size()));
}

}  // namespace

Guards::Guards(const Config& config)
    : on_loopback_(config.listens_on.empty() || is_loopback(config.listens_on)) {
  if (auto address = parse_address(config.listens_on)) {
    on_every_address_ = is_wildcard(*address);
    addresses_.push_back(*address);
  }
  for (std::string_view host : config.allowed_hosts) {
    host = without_brackets(host);
    if (auto address = parse_address(host)) {
      addresses_.push_back(*address);
    } else {
      names_.emplace_back(without_final_dot(host));
    }
  }
  if (config.admin_token) token_hash_ = base::sha256_hex(*config.admin_token);
}

std::optional<GuardRejection> Guards::check_host(const http::Request& request) const {
  if (auto authority = authority_of_target(request.target)) {
    if (auto rejection = check_authority("The target's host", *authority)) return rejection;
  }
  auto host = request.headers.find("Host");
  return host ? check_authority("Host", *host) : std::nullopt;
}

std::optional<GuardRejection> Guards::check_control(const http::Request& request,
                                                    std::string_view path) const {
  if (is_console(request.method, path)) return std::nullopt;
  auto rejection = check_origin(request);
  std::string_view relation = page_relation(request);
  if (!rejection && (relation == "cross-site" || relation == "same-site")) {
    rejection = {403,
                 "origin",
                 "a web page of another origin cannot use the control API",
                 {"call it from a program, not from a web page"}};
  }
  return rejection || path == "/__admin/health" ? rejection : check_token(request);
}

std::optional<GuardRejection> Guards::check_new_sandbox(const http::Request& request) const {
  auto origin = request.headers.find("Origin");
  // Browsers send Sec-Fetch-Site only to loopback addresses and over HTTPS.
  if (!origin && page_relation(request) != "cross-site") return std::nullopt;
  size_t scheme = origin ? origin->find("://") : std::string::npos;
  bool is_known = scheme != std::string::npos &&
                  !check_authority("Origin", std::string_view(*origin).substr(scheme + 3));
  if (is_known) return std::nullopt;
  return GuardRejection{403,
                        "origin",
                        "a web page of another site cannot create a sandbox",
                        {"create the sandbox before the page uses it, or start with --allow-host "
                         "and the host of the page"}};
}

std::optional<GuardRejection> Guards::check_authority(std::string_view what,
                                                      std::string_view authority) const {
  std::string_view host = without_final_dot(without_port(authority).value_or(""));
  auto address = parse_literal(host);
  bool valid = address || is_host_name(host);
  if (valid && (address ? has_address(*address) : has_name(host))) return std::nullopt;

  std::string sent = shorten(valid ? host : authority);
  GuardRejection rejection{kOtherHost, "host", "", {}};
  rejection.error = std::string(what) + " \"" + sent + "\" does not name this server";
  rejection.details.push_back(
      valid ? "start with --allow-host " + std::string(without_brackets(sent)) + " to allow it"
            : "send a name or an IP address, with or without a port, such as localhost:12113");
  return rejection;
}

std::optional<GuardRejection> Guards::check_token(const http::Request& request) const {
  auto reject = [](std::string error, std::string detail) {
    return GuardRejection{403, "admin_token", std::move(error), {std::move(detail)}};
  };
  if (!token_hash_) {
    if (on_loopback_) return std::nullopt;
    return reject(
        "the control API is disabled: other machines can reach this server, and it has no admin "
        "token",
        "start with --admin-token T and send it as Authorization: Bearer T");
  }
  std::string_view token = bearer_token(request.headers);
  // Comparing hashes reveals nothing about the token by its duration.
  if (!token.empty() && base::sha256_hex(token) == *token_hash_) return std::nullopt;
  return reject(token.empty() ? "the admin token is missing" : "the admin token is wrong",
                "send the value of --admin-token as Authorization: Bearer T");
}

bool Guards::has_address(const Address& address) const {
  // DNS rebinding needs a name: a client that sends an address as Host connected to that address.
  return is_loopback_address(address) || on_every_address_ ||
         std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
}

bool Guards::has_name(std::string_view name) const {
  return is_localhost(name) ||
         std::any_of(names_.begin(), names_.end(), [&](const std::string& known) {
           return base::equal_ignoring_case(known, name);
         });
}

bool is_loopback(std::string_view address) {
  auto parsed = parse_address(address);
  return parsed && is_loopback_address(*parsed);
}

}  // namespace engine
