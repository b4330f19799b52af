/// Declares what src/transport/codec.cc uses of cpp-httplib with the signatures of version 0.53,
/// where an older version is installed, as on Debian 12.
///
/// It must be before the installed header on the include path. `Stream` and
/// `Server::process_request` are declared as in 0.53.1 (0.20.0 has the same, without the last
/// parameter); everything else is from the installed header. The tests show that codec.cc works
/// with both sets of signatures. They do not show other differences of newer versions.
///
/// When no supported system has the older signatures, delete this folder and the target
/// mock-capgo-newer-httplib-tests in CMakeLists.txt.
#pragma once
#pragma GCC system_header  // -Wpedantic rejects #include_next.

#include_next <httplib.h>

#include <functional>
#include <string>

namespace newer_httplib {

using namespace ::httplib;

class Stream {
 public:
  virtual ~Stream() = default;

  virtual bool is_readable() const = 0;
  virtual bool wait_readable() const = 0;
  virtual bool wait_writable() const = 0;
  virtual ssize_t read(char* bytes, size_t size) = 0;
  virtual ssize_t write(const char* bytes, size_t size) = 0;
  virtual void get_remote_ip_and_port(std::string& ip, int& port) const = 0;
  virtual void get_local_ip_and_port(std::string& ip, int& port) const = 0;
  virtual socket_t socket() const = 0;
  virtual time_t duration() const = 0;
};

/// Adapts a newer stream for the installed library.
class OlderStream : public ::httplib::Stream {
 public:
  explicit OlderStream(newer_httplib::Stream& newer) : newer_(newer) {}

  bool is_readable() const override { return newer_.is_readable(); }
  bool is_writable() const override { return newer_.wait_writable(); }
  ssize_t read(char* bytes, size_t size) override { return newer_.read(bytes, size); }
  ssize_t write(const char* bytes, size_t size) override { return newer_.write(bytes, size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    newer_.get_remote_ip_and_port(ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    newer_.get_local_ip_and_port(ip, port);
  }
  socket_t socket() const override { return newer_.socket(); }

 private:
  newer_httplib::Stream& newer_;
};

class Server : public ::httplib::Server {
 protected:
  bool process_request(newer_httplib::Stream& stream, const std::string& /*remote_addr*/,
                       int /*remote_port*/, const std::string& /*local_addr*/, int /*local_port*/,
                       bool close_connection, bool& connection_closed,
                       const std::function<void(Request&)>& setup_request,
                       bool* /*websocket_upgraded*/ = nullptr) {
    OlderStream older(stream);
    return ::httplib::Server::process_request(older, close_connection, connection_closed,
                                              setup_request);
  }
};

}  // namespace newer_httplib

// A namespace alias would not replace `httplib::Server`.
#define httplib newer_httplib
