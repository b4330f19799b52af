#include "transport/server.h"

#include <fcntl.h>

#include <algorithm>
#include <memory>
#include <thread>

namespace transport {
namespace {

constexpr size_t kMaxLoops = 4;
/// How many connections may wait to be accepted, if the system allows it.
constexpr int kBacklog = 4096;

ListenError listen_error(const std::string& host, int port, int error) {
  std::string advice = "check host and port";
  if (error == UV_EADDRINUSE)
    advice = "stop the program that listens there, or choose another port (0 for any free port)";
  if (error == UV_EACCES) advice = "choose a port above 1023";
  if (error == UV_EADDRNOTAVAIL) advice = "choose an address of this machine";
  return ListenError("cannot listen on " + Address{host, port}.host_and_port() + ": " +
                         uv_strerror(error) + "; " + advice,
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
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  int size = sizeof storage;
  uv_tcp_getsockname(&socket, address, &size);
  char host[INET6_ADDRSTRLEN] = "";
  uv_ip_name(address, host, sizeof host);
  // An IPv6 address has the port at the same offset.
  return {host, ntohs(reinterpret_cast<sockaddr_in*>(address)->sin_port)};
}

/// The socket of the next pending connection; negative if there is none. It is duplicated, because
/// a libuv handle cannot move to another loop.
int accept_socket(uv_stream_t* listener) {
  auto* client = new uv_tcp_t;
  uv_tcp_init(listener->loop, client);
  uv_os_fd_t accepted = -1;
  uv_accept(listener, as_stream(client));
  uv_fileno(as_handle(client), &accepted);
  int socket = fcntl(accepted, F_DUPFD_CLOEXEC, 0);
  uv_close(as_handle(client),
           [](uv_handle_t* closed) { delete reinterpret_cast<uv_tcp_t*>(closed); });
  return socket;
}

}  // namespace

Server::Server(uv_loop_t* loop, const Handler& handler, const ServerOptions& options)
    : loop_(loop),
      max_connections_(options.max_connections),
      own_worker_(loop, handler, options),
      workers_{&own_worker_} {
  size_t loops = options.loops;
  if (loops == 0) loops = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMaxLoops);
  try {
    while (workers_.size() < loops) {
      workers_.push_back(&threads_.emplace_back(handler, options).worker);
    }
  } catch (const std::exception&) {
    // The system has no more threads or files; continue with fewer loops.
  }
}

Address Server::listen(const std::string& host, int port) {
  Candidates candidates = resolve(loop_, host, port);
  int error = UV_EADDRNOTAVAIL;
  for (const addrinfo* each = candidates.get(); each; each = each->ai_next) {
    error = try_listen(*each->ai_addr);
    if (error == 0) return local_address(sockets_.back());
    // Try the next one only if this machine lacks the address, such as ::1 without IPv6.
    if (error != UV_EADDRNOTAVAIL && error != UV_EAFNOSUPPORT) break;
  }
  throw listen_error(host, port, error);
}

/// Returns 0 or libuv's error.
int Server::try_listen(const sockaddr& address) {
  uv_tcp_t& socket = sockets_.emplace_back();
  uv_tcp_init(loop_, &socket);
  socket.data = this;
  int error = uv_tcp_bind(&socket, &address, 0);
  if (error != 0) return error;
  return uv_listen(as_stream(&socket), kBacklog, [](uv_stream_t* listener, int failed) {
    if (!failed) owner_of<Server>(listener).accept(listener);
  });
}

/// Passes a connection to the worker that has the fewest.
void Server::accept(uv_stream_t* listener) {
  int socket = accept_socket(listener);
  if (socket < 0) return;
  size_t count = 0;
  for (const Worker* worker : workers_) count += worker->count();
  Worker& fewest =
      **std::min_element(workers_.begin(), workers_.end(),
                         [](const Worker* a, const Worker* b) { return a->count() < b->count(); });
  fewest.add({socket, count < max_connections_});
}

void Server::finish(std::chrono::milliseconds grace) {
  for (uv_tcp_t& socket : sockets_) {
    if (!uv_is_closing(as_handle(&socket))) uv_close(as_handle(&socket), nullptr);
  }
  for (Worker* worker : workers_) worker->finish(grace);
}

}  // namespace transport
