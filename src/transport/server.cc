#include "transport/server.h"

#include <fcntl.h>
#include <uv.h>

#include <algorithm>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "transport/clients.h"
#include "transport/loop_thread.h"

namespace transport {
namespace {

constexpr size_t kMostLoops = 4;
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

/// The socket of the next waiting client; negative if there is none.
///
/// A libuv handle stays on its loop, so only its socket can go to another.
int accept_socket(uv_stream_t* listener) {
  auto* client = new uv_tcp_t;
  uv_tcp_init(listener->loop, client);
  auto* handle = reinterpret_cast<uv_handle_t*>(client);
  int socket = -1;
  uv_os_fd_t accepted = -1;
  if (uv_accept(listener, reinterpret_cast<uv_stream_t*>(client)) == 0 &&
      uv_fileno(handle, &accepted) == 0) {
    socket = fcntl(accepted, F_DUPFD_CLOEXEC, 0);
  }
  uv_close(handle, [](uv_handle_t* closed) { delete reinterpret_cast<uv_tcp_t*>(closed); });
  return socket;
}

size_t loops_for(const ServerOptions& options) {
  if (options.loops > 0) return options.loops;
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMostLoops);
}

}  // namespace

class Server::Impl {
 public:
  Impl(uv_loop_t* loop, const Handler& handler, const ServerOptions& options)
      : loop_(loop), max_connections_(options.max_connections), own_(loop, handler, options) {
    clients_.push_back(&own_);
    try {
      while (clients_.size() < loops_for(options)) {
        clients_.push_back(&threads_.emplace_back(handler, options).clients());
      }
    } catch (const std::exception&) {
      // The system gives no more threads or files: those that are here will do.
    }
  }

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

  void finish(std::chrono::milliseconds grace) {
    for (uv_tcp_t& socket : sockets_) {
      auto* handle = reinterpret_cast<uv_handle_t*>(&socket);
      if (!uv_is_closing(handle)) uv_close(handle, nullptr);
    }
    for (Clients* clients : clients_) clients->finish(grace);
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

  /// Hands the client to the loop that has the fewest.
  void accept(uv_stream_t* listener) {
    int socket = accept_socket(listener);
    if (socket < 0) return;
    size_t count = 0;
    for (const Clients* clients : clients_) count += clients->count();
    Clients& fewest = **std::min_element(
        clients_.begin(), clients_.end(),
        [](const Clients* a, const Clients* b) { return a->count() < b->count(); });
    if (count < max_connections_) {
      fewest.adopt(socket);
    } else {
      fewest.turn_away(socket);
    }
  }

  uv_loop_t* loop_;
  size_t max_connections_;
  Clients own_;
  std::deque<LoopThread> threads_;
  /// Of every loop, the own one first.
  std::vector<Clients*> clients_;
  /// The socket that listens is the last; those before it could not.
  std::deque<uv_tcp_t> sockets_;
};

Server::Server(uv_loop_t* loop, const Handler& handler, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(loop, handler, options)) {}

Server::~Server() = default;

Address Server::listen(const std::string& host, int port) { return impl_->listen(host, port); }
void Server::finish(std::chrono::milliseconds grace) { impl_->finish(grace); }

}  // namespace transport
