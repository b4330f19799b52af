#include "transport/server.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

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
  if (error != 0 && host == "localhost") {
    // A system without /etc/hosts may not know it. Without a name, it is the loopback interface.
    hints.ai_flags = 0;
    error = uv_getaddrinfo(loop, &request, nullptr, nullptr, service.c_str(), &hints);
  }
  if (error != 0) throw listen_error(host, port, error);
  return Candidates(request.addrinfo, &uv_freeaddrinfo);
}

Address local_address(int socket) {
  sockaddr_storage storage{};
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  socklen_t size = sizeof storage;
  getsockname(socket, address, &size);
  char host[INET6_ADDRSTRLEN] = "";
  uv_ip_name(address, host, sizeof host);
  // An IPv6 address has the port at the same offset.
  return {host, ntohs(reinterpret_cast<sockaddr_in*>(address)->sin_port)};
}

void set_option(int socket, int level, int name, int value) {
  setsockopt(socket, level, name, &value, sizeof value);
}

/// Chooses the number of loops, and gives each an equal part of the pending bytes.
ServerOptions share_limits(ServerOptions options) {
  if (options.loops == 0) {
    options.loops = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMaxLoops);
  }
  options.max_pending_bytes /= options.loops;
  return options;
}

}  // namespace

Server::Server(uv_loop_t* loop, const Handler& handler, const ServerOptions& options)
    : loop_(loop),
      options_(share_limits(options)),
      own_worker_(loop, handler, options_),
      workers_{&own_worker_} {
  try {
    while (workers_.size() < options_.loops) {
      workers_.push_back(&threads_.emplace_back(handler, options_).worker);
    }
  } catch (const std::exception&) {
    // The system has no more threads or files; continue with fewer loops.
  }
}

Address Server::listen(const std::string& host, int port) {
  Candidates candidates = resolve(loop_, host, port);
  int error = UV_EADDRNOTAVAIL;
  for (const addrinfo* each = candidates.get(); each; each = each->ai_next) {
    error = listen(*each);
    if (error == 0) return local_address(listener_);
    // The next is tried only if this machine lacks the address (::1 where there is no IPv6).
    if (error != UV_EADDRNOTAVAIL && error != UV_EAFNOSUPPORT) break;
  }
  throw listen_error(host, port, error);
}

/// Returns 0 or libuv's error.
///
/// Not by uv_listen: it closes connections without a word when there are no files left, and what
/// it accepts cannot go to another loop.
int Server::listen(const addrinfo& address) {
  int socket = ::socket(address.ai_family, SOCK_STREAM, 0);
  if (socket < 0) return uv_translate_sys_error(errno);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.ai_family == AF_INET6) set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(socket, address.ai_addr, address.ai_addrlen) != 0 || ::listen(socket, kBacklog) != 0) {
    int error = uv_translate_sys_error(errno);
    close(socket);
    return error;
  }
  listener_ = socket;
  uv_poll_init(loop_, &poll_, listener_);
  uv_timer_init(loop_, &retry_timer_);
  poll_.data = retry_timer_.data = this;
  watch_listener();
  return 0;
}

void Server::watch_listener() {
  uv_poll_start(&poll_, UV_READABLE,
                [](uv_poll_t* poll, int, int) { owner_of<Server>(poll).accept_all(); });
}

/// Accepts what waits. If the system cannot, such as without more files, the rest waits for a
/// later attempt.
void Server::accept_all() {
  constexpr uint64_t kRetryDelay = 100;
  int socket = -1;
  while ((socket = ::accept(listener_, nullptr, nullptr)) >= 0 || errno == ECONNABORTED) {
    if (socket >= 0) pass_on(socket);
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return;
  warn_of_waiting(errno);
  uv_poll_stop(&poll_);
  uv_timer_start(
      &retry_timer_, [](uv_timer_t* timer) { owner_of<Server>(timer).watch_listener(); },
      kRetryDelay, 0);
}

/// Passes a connection to the worker that has the fewest.
void Server::pass_on(int socket) {
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  size_t count = 0;
  for (const Worker* worker : workers_) count += worker->count();
  Worker& fewest =
      **std::min_element(workers_.begin(), workers_.end(),
                         [](const Worker* a, const Worker* b) { return a->count() < b->count(); });
  fewest.add({socket, count < options_.max_connections});
}

void Server::warn_of_waiting(int error) {
  constexpr uint64_t kInterval = 10'000;
  if (!options_.on_warning || now() < next_warning_) return;
  next_warning_ = now() + kInterval;
  if (error != EMFILE) {
    return options_.on_warning("connections wait: " + std::generic_category().message(error));
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  options_.on_warning(
      "connections wait because all " + std::to_string(limit.rlim_cur) +
      " files that this process may open are in use; raise the limit with ulimit -n");
}

void Server::finish(std::chrono::milliseconds grace) {
  if (std::exchange(finishing_, true)) return;
  if (listener_ >= 0) {
    uv_close(as_handle(&poll_), nullptr);
    uv_close(as_handle(&retry_timer_), nullptr);
    close(listener_);
  }
  for (Worker* worker : workers_) worker->finish(grace);
}

}  // namespace transport
