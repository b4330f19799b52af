#include "engine/guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/sha256.h"

namespace engine {
namespace {

using Address = std::array<unsigned char, 16>;

/// What an IPv4 address begins with when it is mapped into IPv6.
constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

/// An address of this family without brackets and zone, written as inet_pton wants it. Other
/// spellings (`127.1`, `0x7f.0.0.1`, `127.0.0.01`) are none: no browser sends them, and readers of
/// addresses differ about them.
template <typename Bytes>
bool parse_family(int family, std::string_view value, Bytes* bytes) {
  // A NUL would end the string for inet_pton.
  return value.find('\0') == std::string_view::npos &&
         inet_pton(family, std::string(value).c_str(), bytes) == 1;
}

std::optional<Address> parse_ipv4(std::string_view value) {
  Address address{};
  std::copy(kMapped.begin(), kMapped.end(), address.begin());
  if (!parse_family(AF_INET, value, address.data() + kMapped.size())) return std::nullopt;
  return address;
}

std::optional<Address> parse_ipv6(std::string_view value) {
  Address address{};
  if (!parse_family(AF_INET6, value, address.data())) return std::nullopt;
  return address;
}

std::optional<Address> parse_address(std::string_view value) {
  auto address = parse_ipv4(value);
  return address ? address : parse_ipv6(value);
}

bool is_mapped(const Address& address) {
  return std::equal(kMapped.begin(), kMapped.end(), address.begin());
}

bool is_loopback_address(const Address& address) {
  if (is_mapped(address)) return address[kMapped.size()] == 127;
  constexpr Address kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address == kLoopback;
}

/// Whether a server bound to it listens on all there are: `0.0.0.0` or `::`.
bool is_wildcard(const Address& address) {
  auto begin = is_mapped(address) ? address.begin() + kMapped.size() : address.begin();
  return std::all_of(begin, address.end(), [](unsigned char byte) { return byte == 0; });
}

/// `localhost:80` or `[::1]` in its parts.
struct Authority {
  /// An IPv6 address has its brackets.
  std::string_view host;
  /// 80 if there is none.
  std::string_view port;
};

/// Nothing if the text cannot be cut in two. The host may still be anything.
std::optional<Authority> parse_authority(std::string_view text) {
  constexpr size_t kMaxPortSize = 5;
  size_t end = text.find(text.starts_with('[') ? ']' : ':');
  if (text.starts_with('[')) {
    if (end == std::string_view::npos) return std::nullopt;
    ++end;
  }
  std::string_view host = text.substr(0, end);
  std::string_view rest = text.substr(host.size());
  if (rest.empty()) return Authority{host, "80"};
  std::string_view port = rest.substr(1);
  bool valid = rest[0] == ':' && !port.empty() && port.size() <= kMaxPortSize &&
               std::all_of(port.begin(), port.end(), base::is_digit);
  if (!valid) return std::nullopt;
  return Authority{host, port};
}

bool is_bracketed(std::string_view host) { return host.starts_with('[') && host.ends_with(']'); }

/// What the brackets of an IPv6 address hold; a host without them as it is.
std::string_view without_brackets(std::string_view host) {
  return is_bracketed(host) ? host.substr(1, host.size() - 2) : host;
}

/// The address a host is, if it is one.
std::optional<Address> parse_literal(std::string_view host) {
  return is_bracketed(host) ? parse_ipv6(without_brackets(host)) : parse_ipv4(host);
}

/// Whether it is made of labels and single dots between them. A label may have an underscore, as
/// names of containers do.
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

/// A name with a final dot is the same name: the dot says that no other domain is to be tried.
std::string_view without_final_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

/// `localhost` or a name below it; browsers take them to loopback without asking DNS.
bool is_localhost(std::string_view name) {
  constexpr std::string_view kName = "localhost";
  if (name.size() <= kName.size()) return base::equal_ignoring_case(name, kName);
  std::string_view end = name.substr(name.size() - kName.size() - 1);
  return end[0] == '.' && base::equal_ignoring_case(end.substr(1), kName);
}

/// What stands between `://` and the path of an absolute target, `http://host/path`.
std::optional<std::string_view> authority_of_target(std::string_view target) {
  // Told apart as http::Request::path does, so that there is no way past.
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
  // Before an @ there is a password.
  if (size_t at = value.rfind('@'); at != std::string_view::npos) {
    start = "...@";
    value.remove_prefix(at + 1);
  }
  start += value.substr(0, kMaxSize);
  if (value.size() > kMaxSize) start += "...";
  return http::to_header_value(start);
}

/// Whether an origin is `http://` and this Host.
bool is_origin_of(std::string_view origin, std::string_view host) {
  constexpr std::string_view kScheme = "http://";
  if (!base::equal_ignoring_case(origin.substr(0, kScheme.size()), kScheme)) return false;
  auto page = parse_authority(origin.substr(kScheme.size()));
  auto server = parse_authority(host);
  return page && server && !page->host.empty() &&
         base::equal_ignoring_case(page->host, server->host) && page->port == server->port;
}

GuardRejection reject_origin(std::string_view origin, const std::string* host) {
  GuardRejection rejection{403, "origin", "", {}};
  rejection.error = "Origin \"" + shorten(origin) + "\" is not allowed to use the control API";
  rejection.details = {"call it from a program that sends no Origin header, not from a web page"};
  if (host != nullptr)
    rejection.details.push_back("the only allowed page is http://" + shorten(*host));
  return rejection;
}

std::optional<GuardRejection> check_origin(const http::Request& request) {
  for (const http::Header& origin : request.headers) {
    if (!base::equal_ignoring_case(origin.name, "Origin")) continue;
    const std::string* first_host = request.headers.find("Host");
    bool own = first_host != nullptr &&
               std::all_of(request.headers.begin(), request.headers.end(), [&](const auto& line) {
                 return !base::equal_ignoring_case(line.name, "Host") ||
                        is_origin_of(origin.value, line.value);
               });
    if (!own) return reject_origin(origin.value, first_host);
  }
  return std::nullopt;
}

/// What `Authorization: Bearer T` gives; empty if there is nothing of the kind.
std::string_view bearer_token(const http::Headers& headers) {
  const std::string* line = headers.find("Authorization");
  if (line == nullptr) return "";
  std::string_view text = *line;
  std::string_view scheme = text.substr(0, text.find(' '));
  if (!base::equal_ignoring_case(scheme, "Bearer")) return "";
  text.remove_prefix(scheme.size());
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

}  // namespace

Guards::Guards(const Config& rules)
    : on_loopback_(rules.listens_on.empty() || is_loopback(rules.listens_on)) {
  if (auto address = parse_address(rules.listens_on)) {
    on_every_address_ = is_wildcard(*address);
    addresses_.push_back(*address);
  }
  for (std::string_view host : rules.allowed_hosts) {
    host = without_brackets(host);
    if (auto address = parse_address(host)) {
      addresses_.push_back(*address);
    } else {
      names_.emplace_back(without_final_dot(host));
    }
  }
  if (rules.admin_token) token_hash_ = base::sha256_hex(*rules.admin_token);
}

std::optional<GuardRejection> Guards::check_host(const http::Request& request) const {
  if (auto authority = authority_of_target(request.target)) {
    if (auto rejection = check_authority("The target's host", *authority)) return rejection;
  }
  for (const http::Header& line : request.headers) {
    if (!base::equal_ignoring_case(line.name, "Host")) continue;
    if (auto rejection = check_authority("Host", line.value)) return rejection;
  }
  return std::nullopt;
}

std::optional<GuardRejection> Guards::check_control(const http::Request& request) const {
  auto rejection = check_origin(request);
  return rejection ? rejection : check_token(request);
}

std::optional<GuardRejection> Guards::check_authority(std::string_view what,
                                                      std::string_view text) const {
  auto authority = parse_authority(text);
  std::string_view host = authority ? without_final_dot(authority->host) : "";
  auto address = parse_literal(host);
  bool valid = address || is_host_name(host);
  if (valid && (address ? has_address(*address) : has_name(host))) return std::nullopt;

  std::string seen = shorten(valid ? host : text);
  GuardRejection rejection{421, "host", "", {}};
  rejection.error = std::string(what) + " \"" + seen + "\" does not name this server";
  rejection.details.push_back(
      valid ? "start with --allow-host " + std::string(without_brackets(seen)) + " to allow it"
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
  // How long comparing the hashes takes tells nothing about the token.
  if (!token.empty() && base::sha256_hex(token) == *token_hash_) return std::nullopt;
  return reject(token.empty() ? "the admin token is missing" : "the admin token is wrong",
                "send the value of --admin-token as Authorization: Bearer T");
}

bool Guards::has_address(const Address& address) const {
  // DNS rebinding needs a name: whoever sends an address as Host did connect to that address.
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
