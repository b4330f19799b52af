#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "transport/event_loop.h"

namespace transport {

/// A blocking connection to a server. Waits at most 20 s for bytes, so that no test hangs.
class Client {
 public:
  explicit Client(const Address& address, int receive_buffer = 0)
      : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    timeval limit{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (receive_buffer > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(address.port));
    inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
    REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  }
  ~Client() {
    if (fd_ >= 0) ::close(fd_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends everything; returns false if the connection is closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t count = ::send(fd_, bytes.data(), bytes.size(), 0);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  void shutdown_sending() { shutdown(fd_, SHUT_WR); }

  /// Closes with a reset. No other function may be called afterwards.
  void reset() {
    linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(std::exchange(fd_, -1));
  }

  /// The next `count` bytes; fewer if the connection ends or times out.
  std::string read(size_t count) {
    while (received_.size() < count && receive()) {
    }
    std::string result = received_.substr(0, count);
    received_.erase(0, count);
    return result;
  }

  /// The bytes up to and including `delimiter`.
  std::string read_until(std::string_view delimiter) {
    while (received_.find(delimiter) == std::string::npos && receive()) {
    }
    return read(std::min(received_.find(delimiter), received_.size()) + delimiter.size());
  }

  /// Waits for bytes or the end of the connection; returns false after this time.
  bool is_readable(std::chrono::milliseconds within) {
    pollfd input{fd_, POLLIN, 0};
    return !received_.empty() || poll(&input, 1, static_cast<int>(within.count())) > 0;
  }

  /// The body of the next response, which must have a Content-Length.
  std::string read_body() {
    std::string head = read_until("\r\n\r\n");
    size_t length = head.find("Content-Length: ");
    if (length == std::string::npos) return "no Content-Length in: " + head;
    return read(std::stoul(head.substr(length + 16)));
  }

  /// All bytes until the server closes, followed by "(reset)" or "(timeout)" if that happened.
  std::string read_to_end() {
    while (receive()) {
    }
    if (last_ < 0) received_ += errno == ECONNRESET ? "(reset)" : "(timeout)";
    return std::move(received_);
  }

 private:
  bool receive() {
    char buffer[16384];
    last_ = recv(fd_, buffer, sizeof buffer, 0);
    if (last_ > 0) received_.append(buffer, static_cast<size_t>(last_));
    return last_ > 0;
  }

  int fd_;
  ssize_t last_ = 1;
  std::string received_;
};

/// A server in its own thread, stopped at the end of the scope.
class RunningServer {
 public:
  explicit RunningServer(const Handler& handler, const ServerOptions& options = {})
      : address(loop.listen("127.0.0.1", 0, handler, options)), thread_([this] { loop.run(); }) {}
  ~RunningServer() { stop(); }

  void stop() {
    loop.stop();
    if (thread_.joinable()) thread_.join();
  }

  EventLoop loop;
  Address address;

 private:
  std::thread thread_;
};

/// Responds with method, target and body.
inline http::Response echo(const http::Request& request) {
  http::Response response;
  response.body = request.method + ' ' + request.target + ' ' + request.body;
  return response;
}

/// Responds to every request with this body.
inline Handler always(const std::string& body) {
  return [body](const http::Request&) {
    http::Response response;
    response.body = body;
    return response;
  };
}

inline std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

}  // namespace transport
