#pragma once

#include <stdexcept>
#include <string>

namespace transport {

/// Where a server listens: a numeric IP address and a port.
struct Address {
  std::string host;
  int port = 0;

  /// `127.0.0.1:40123`; an IPv6 address stands in brackets.
  std::string text() const {
    bool ipv6 = host.find(':') != std::string::npos;
    return (ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
  }

  /// `http://127.0.0.1:40123`
  std::string url() const { return "http://" + text(); }
};

/// Why listening failed; the text names host and port, what is wrong and what to do.
class ListenError : public std::runtime_error {
 public:
  ListenError(const std::string& text, bool taken)
      : std::runtime_error(text), address_taken(taken) {}

  /// Whether another program (or this one) already listens there.
  bool address_taken;
};

}  // namespace transport
