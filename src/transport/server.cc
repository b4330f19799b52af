#include "transport/server.h"

#include <uv.h>

#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "transport/codec.h"
#include "transport/connection.h"

namespace transport {
namespace {

constexpr size_t kMaxConnections = 10'000;
constexpr size_t kReadBufferBytes = 64 * 1024;
/// Clients that may wait to be accepted; the system cuts it to what it allows.
constexpr int kBacklog = 4096;

ListenError listen_error(const std::string& host, int port, int error) {
  std::string advice = "check host and port";
  if (error == UV_EADDRINUSE) advice = "stop what listens there, or choose another port (0: any)";
  if (error == UV_EACCES) advice = "choose a port above 1023";
  if (error == UV_EADDRNOTAVAIL) advice = "choose an address of this machine";
  return ListenError(
      "cannot listen on " + Address{host, port}.text() + ": " + uv_strerror(error) + "; " + advice,
      error == UV_EADDRINUSE);
}

/// The addresses of a host name, freed at the end of the scope.
using Candidates = std::unique_ptr<addrinfo, decltype(&uv_freeaddrinfo)>;

Candidates resolve(uv_loop_t* loop, const std::string& host, int port) {
  if (port < 0 || port > 65535) throw listen_error(host, port, UV_EINVAL);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  uv_getaddrinfo_t request;
  std::string service = std::to_string(port);
  int error = uv_getaddrinfo(loop, &request, nullptr, host.c_str(), service.c_str(), &hints);
  if (error != 0) throw listen_error(host, port, error);
  return Candidates(request.addrinfo, &uv_freeaddrinfo);
}

Address local_address(const uv_tcp_t& socket) {
  sockaddr_storage storage{};
  int size = sizeof storage;
  uv_tcp_getsockname(&socket, reinterpret_cast<sockaddr*>(&storage), &size);
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET6) {
    auto* address = reinterpret_cast<const sockaddr_in6*>(&storage);
    uv_ip6_name(address, text, sizeof text);
    return {text, ntohs(address->sin6_port)};
  }
  auto* address = reinterpret_cast<const sockaddr_in*>(&storage);
  uv_ip4_name(address, text, sizeof text);
  return {text, ntohs(address->sin_port)};
}

}  // namespace

class Server::Impl {
 public:
  Impl(uv_loop_t* loop, Handler handler) : loop_(loop), codec_(std::move(handler)) {}

  Address listen(const std::string& host, int port) {
    Candidates candidates = resolve(loop_, host, port);
    int error = UV_EADDRNOTAVAIL;
    for (const addrinfo* each = candidates.get(); each; each = each->ai_next) {
      error = listen(*each->ai_addr);
      if (error == 0) return local_address(sockets_.back());
      // Only an address this machine lacks (::1 where there is no IPv6) makes room for the next.
      if (error != UV_EADDRNOTAVAIL && error != UV_EAFNOSUPPORT) break;
    }
    throw listen_error(host, port, error);
  }

  void finish() {
    close_sockets();
    for (auto& [connection, owner] : connections_) connection->finish();
  }

  void close() {
    close_sockets();
    for (auto& [connection, owner] : connections_) connection->close();
  }

 private:
  /// Gives 0 or libuv's error. A port in use shows at bind or only at listen.
  int listen(const sockaddr& address) {
    uv_tcp_t& socket = sockets_.emplace_back();
    uv_tcp_init(loop_, &socket);
    socket.data = this;
    int error = uv_tcp_bind(&socket, &address, 0);
    if (error != 0) return error;
    return uv_listen(reinterpret_cast<uv_stream_t*>(&socket), kBacklog, on_client);
  }

  static void on_client(uv_stream_t* listener, int error) {
    if (error == 0) static_cast<Impl*>(listener->data)->accept(listener);
  }

  void accept(uv_stream_t* listener) {
    auto owner = std::make_unique<Connection>(loop_, shared_);
    Connection* connection = owner.get();
    connections_.emplace(connection, std::move(owner));
    connection->accept(listener);
    if (connections_.size() > kMaxConnections) connection->close();
  }

  void close_sockets() {
    for (uv_tcp_t& socket : sockets_) {
      auto* handle = reinterpret_cast<uv_handle_t*>(&socket);
      if (!uv_is_closing(handle)) uv_close(handle, nullptr);
    }
  }

  uv_loop_t* loop_;
  Codec codec_;
  std::vector<char> read_buffer_ = std::vector<char>(kReadBufferBytes);
  Connection::Shared shared_{codec_, read_buffer_,
                             [this](Connection* it) { connections_.erase(it); }};
  /// The socket that listens is the last; those before it could not.
  std::deque<uv_tcp_t> sockets_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
};

Server::Server(uv_loop_s* loop, Handler handler)
    : impl_(std::make_unique<Impl>(loop, std::move(handler))) {}

Server::~Server() = default;

Address Server::listen(const std::string& host, int port) { return impl_->listen(host, port); }
void Server::finish() { impl_->finish(); }
void Server::close() { impl_->close(); }

}  // namespace transport
