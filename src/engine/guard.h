#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace engine {

/// The status of the error for a request to another host.
inline constexpr int kOtherHost = 421;

/// Why a guard rejects a request.
struct GuardRejection {
  int status;
  /// `host`, `origin` or `admin_token`.
  std::string_view guard;
  std::string error;
  /// What to do about it.
  std::vector<std::string> details;
};

/// Protect the server from web pages and other machines. A page can send requests to any address,
/// and if its host name resolves to this server (DNS rebinding), it can read the responses too. All
/// functions: from any thread.
class Guards {
 public:
  struct Config {
    /// The numeric IP address the server is bound to; empty for loopback.
    std::string listens_on;
    /// Further host names or IP addresses of the server.
    std::vector<std::string> allowed_hosts;
    /// The token that control calls must send. An empty one never matches.
    std::optional<std::string> admin_token;
  };

  explicit Guards(const Config& config);

  /// For every request: rejects (421) one whose Host header or absolute target names another
  /// server, whatever the port. A request with neither passes, as in HTTP/1.0.
  std::optional<GuardRejection> check_host(const http::Request& request) const;

  /// For control calls, in addition: rejects (403) requests from web pages of another origin or
  /// site, and requests without the admin token, except for `/__admin/health`. If no token is
  /// configured, a server bound to loopback accepts all calls, and any other server none. The files
  /// of the web console pass.
  std::optional<GuardRejection> check_control(const http::Request& request,
                                              std::string_view path) const;

  /// For requests that would create a sandbox, in addition: rejects (403) those from web pages of
  /// another site, except pages on loopback or on an allowed host.
  std::optional<GuardRejection> check_new_sandbox(const http::Request& request) const;

 private:
  /// An IPv6 address, or an IPv4 one mapped into IPv6 (`::ffff:a.b.c.d`).
  using Address = std::array<unsigned char, 16>;

  std::optional<GuardRejection> check_authority(std::string_view what,
                                                std::string_view authority) const;
  std::optional<GuardRejection> check_token(const http::Request& request) const;
  bool has_address(const Address& address) const;
  bool has_name(std::string_view name) const;

  bool on_loopback_;
  bool on_every_address_ = false;
  std::vector<Address> addresses_;
  std::vector<std::string> names_;
  std::optional<std::string> token_hash_;
};

/// Returns whether it is a loopback address, without brackets: in 127.0.0.0/8, mapped into IPv6 or
/// not, or ::1.
bool is_loopback(std::string_view address);

}  // namespace engine
