#include "transport/codec.h"

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <string_view>
#include <utility>

#include "base/ascii.h"

namespace transport {
namespace {

/// Headers that only the transport sets.
bool is_framing_header(std::string_view name) {
  return base::equal_ignoring_case(name, "Connection") ||
         base::equal_ignoring_case(name, "Content-Length") ||
         base::equal_ignoring_case(name, "Keep-Alive") ||
         base::equal_ignoring_case(name, "Transfer-Encoding");
}

/// Removes the reason phrase "Internal Server Error", which cpp-httplib writes for statuses that it
/// does not know.
void fix_reason_phrase(int status, std::string& bytes) {
  constexpr std::string_view kOf500 = "Internal Server Error";
  constexpr size_t kStart = std::string_view("HTTP/1.1 299 ").size();
  if (status == 500 || bytes.compare(kStart, kOf500.size(), kOf500) != 0) return;
  bytes.erase(kStart, kOf500.size());
}

/// A stream over strings instead of a socket. Which of these functions httplib::Stream declares
/// depends on its version, so none has `override`.
class MemoryStream : public httplib::Stream {
 public:
  explicit MemoryStream(std::string_view input) : input_(input) {}

  virtual bool is_readable() const { return true; }
  virtual bool is_writable() const { return true; }
  virtual bool wait_readable() const { return true; }
  virtual bool wait_writable() const { return true; }

  virtual ssize_t read(char* bytes, size_t size) {
    size_t count = std::min(size, input_.size());
    std::memcpy(bytes, input_.data(), count);
    input_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }

  virtual ssize_t write(const char* bytes, size_t size) {
    output_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }

  virtual void get_remote_ip_and_port(std::string& /*ip*/, int& port) const { port = 0; }
  virtual void get_local_ip_and_port(std::string& /*ip*/, int& port) const { port = 0; }
  /// cpp-httplib requires a number below FD_SETSIZE.
  virtual socket_t socket() const { return 0; }
  virtual time_t duration() const { return 0; }

  std::string take_output() { return std::move(output_); }

 private:
  std::string_view input_;
  std::string output_;
};

}  // namespace

/// The part of cpp-httplib's server that routes a request and writes its response.
class Codec::Writer : private httplib::Server {
 public:
  explicit Writer(std::chrono::milliseconds idle_time)
      : keep_alive_header_("timeout=" + std::to_string(idle_time / std::chrono::seconds(1))) {
    set_pre_routing_handler([this](const httplib::Request&, httplib::Response& out) {
      fill(out);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler([this](const httplib::Request& request, httplib::Response& out) {
      finish_headers(request.method == "HEAD", out);
    });
  }

  /// Writes the response to a request.
  ///
  /// cpp-httplib would decode header values, drop empty ones, apply Range, Expect and
  /// Accept-Encoding, and reject unknown methods. Therefore it reads a head that every version
  /// accepts, and gets the real method and target afterwards.
  SendPlan write(const http::Request& request, int minor_version, bool keep_alive,
                 http::Response response) {
    response_ = std::move(response);
    minor_version_ = minor_version;
    keep_alive_ = keep_alive;
    MemoryStream stream("GET / HTTP/1.1\r\n\r\n");
    process(*this, stream, [&](httplib::Request& in) {
      if (request.method.empty()) return;  // Rejected before it could be read.
      in.method = request.method;
      in.target = request.target;
    });
    std::string bytes = stream.take_output();
    fix_reason_phrase(response_.status, bytes);
    return plan_send(response_, std::move(bytes), keep_alive_);
  }

 private:
  /// Calls process_request with the signature of the installed cpp-httplib.
  template <typename Self, typename Setup>
  static void process(Self& self, MemoryStream& stream, const Setup& setup) {
    bool closed = false;
    if constexpr (requires { self.process_request(stream, false, closed, setup); }) {
      self.process_request(stream, false, closed, setup);
    } else {
      self.process_request(stream, std::string(), 0, std::string(), 0, false, closed, setup);
    }
  }

  void fill(httplib::Response& out) {
    out.status = response_.status;
    for (const http::Header& header : response_.headers) {
      if (is_framing_header(header.name)) continue;
      out.set_header(std::string(header.name), std::string(header.value));
    }
    if (has_body()) out.body = std::move(response_.body);
    auto connection = response_.headers.find("Connection");
    bool closes = connection && base::equal_ignoring_case(*connection, "close");
    if (closes || response_.fault) keep_alive_ = false;
  }

  /// Corrects the headers after cpp-httplib has added its own.
  void finish_headers(bool is_head, httplib::Response& out) {
    if (!has_body()) out.headers.erase("Content-Length");
    if (is_malformed()) out.set_header("Transfer-Encoding", "chunked");
    if (is_head && !response_.headers.find("Accept-Ranges")) out.headers.erase("Accept-Ranges");
    out.headers.erase("Connection");
    out.headers.erase("Keep-Alive");
    if (!keep_alive_) {
      out.set_header("Connection", "close");
      return;
    }
    out.set_header("Keep-Alive", keep_alive_header_);
    if (minor_version_ == 0) out.set_header("Connection", "keep-alive");
  }

  /// Whether the response has a body with a Content-Length.
  bool has_body() const {
    int status = response_.status;
    return status >= 200 && status != 204 && status != 304 && !is_malformed();
  }

  bool is_malformed() const { return response_.fault == http::Fault::malformed_response_chunk; }

  const std::string keep_alive_header_;
  // The response that is being written.
  int minor_version_ = 1;
  bool keep_alive_ = true;
  http::Response response_;
};

Codec::Codec(Handler handler, const ServerOptions& options)
    : handler_(std::move(handler)),
      on_error_(options.on_error),
      writer_(std::make_unique<Writer>(options.idle_time)) {}

Codec::~Codec() = default;

SendPlan Codec::respond(const ParsedRequest& parsed) {
  return writer_->write(parsed.request, parsed.minor_version, parsed.keep_alive,
                        call_handler(parsed.request));
}

SendPlan Codec::reject(const http::Request& request, const RequestError& error) {
  return writer_->write(request, 1, false, make_error(request, error.status, error.what()));
}

http::Response Codec::call_handler(const http::Request& request) const {
  try {
    return handler_(request);
  } catch (const std::exception& error) {
    return make_error(request, 500, std::string("The mock failed to answer: ") + error.what());
  } catch (...) {
    return make_error(request, 500, "The mock failed to answer.");
  }
}

/// Creates a response of the transport itself, and reports it to the observer.
http::Response Codec::make_error(const http::Request& request, int status,
                                 const std::string& reason) const {
  std::string header = http::to_header_value(reason);
  std::string escaped;
  for (char c : header) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}, {"X-Mock-Reason", header}};
  response.body = "{\"error\":\"" + escaped + "\"}";
  if (on_error_) on_error_(request, response, header);
  return response;
}

}  // namespace transport
