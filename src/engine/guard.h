#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace engine {

/// Why a guard rejects a request; answered in the form of the control API's errors.
struct GuardRejection {
  int status;
  /// `host`, `origin` or `admin_token`.
  std::string_view guard;
  std::string error;
  /// What to do about it.
  std::vector<std::string> details;
};

/// Keep web pages and other machines from using a server that is meant for its owner. A page can
/// send requests to any address, and if its host name resolves to this server (DNS rebinding), it
/// can read the responses too. All functions: from any thread.
class Guards {
 public:
  struct Config {
    /// The numeric IP address the server is bound to; empty for loopback.
    std::string listens_on;
    /// Names or IP addresses it is reached by besides.
    std::vector<std::string> allowed_hosts;
    /// The token that control calls must send. An empty one never matches.
    std::optional<std::string> admin_token;
  };

  explicit Guards(const Config& config);

  /// For every request: rejects (421) one whose Host header, or absolute target, names another
  /// server. Ports do not count. A request with neither passes, as in HTTP/1.0.
  std::optional<GuardRejection> check_host(const http::Request& request) const;

  /// For control calls also: rejects (403) requests of web pages of another origin, and those
  /// without the admin token. If there is no token, a server bound to loopback accepts all calls,
  /// and any other server none.
  std::optional<GuardRejection> check_control(const http::Request& request) const;

 private:
  /// An IPv6 address, or an IPv4 one mapped into IPv6 (`::ffff:a.b.c.d`).
  using Address = std::array<unsigned char, 16>;

  std::optional<GuardRejection> check_authority(std::string_view what, std::string_view text) const;
  std::optional<GuardRejection> check_token(const http::Request& request) const;
  bool has_address(const Address& address) const;
  bool has_name(std::string_view name) const;

  bool on_loopback_;
  bool on_every_address_ = false;
  std::vector<Address> addresses_;
  std::vector<std::string> names_;
  std::optional<std::string> token_hash_;
};

/// Whether a numeric IP address, without brackets, is one of loopback: of 127.0.0.0/8, mapped into
/// IPv6 or not, or ::1.
bool is_loopback(std::string_view address);

}  // namespace engine
