#include "transport/codec.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <functional>
#include <string_view>
#include <utility>

namespace transport {
namespace {

/// The connection headers and those that frame the body are the transport's to set.
bool is_framing_header(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"Connection", "Content-Length", "Keep-Alive",
                                                      "Transfer-Encoding"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view own) { return http::same_name(name, own); });
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

http::Response error_response(int status, std::string_view reason) {
  http::Response response;
  response.status = status;
  std::string text = http::as_header_value(reason);
  std::string escaped;
  for (char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  response.headers = {{"Content-Type", "application/json"}, {"X-Mock-Reason", text}};
  response.body = "{\"error\":\"" + escaped + "\"}";
  return response;
}

/// cpp-httplib gives each status it does not know the reason phrase of 500; none is better.
void mend_reason(int status, std::string& bytes) {
  constexpr std::string_view kOf500 = "Internal Server Error";
  constexpr size_t kStart = std::string_view("HTTP/1.1 299 ").size();
  if (status == 500 || bytes.compare(kStart, kOf500.size(), kOf500) != 0) return;
  bytes.erase(kStart, kOf500.size());
}

/// Text in, text out, where cpp-httplib expects a socket. Which of these functions its Stream
/// declares depends on its version, so none says `override`.
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
  /// No socket, but small enough for cpp-httplib's check against FD_SETSIZE.
  virtual socket_t socket() const { return 0; }
  virtual time_t duration() const { return 0; }

  std::string take_output() { return std::move(output_); }

 private:
  std::string_view input_;
  std::string output_;
};

}  // namespace

/// The part of cpp-httplib's server that is used: one request read, routed, its answer written.
class Codec::Writer : private httplib::Server {
 public:
  /// Makes the response. Called once, from within cpp-httplib's routing.
  using Source = std::function<http::Response()>;

  explicit Writer(std::chrono::milliseconds idle_time)
      : keep_alive_header_(
            "timeout=" +
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(idle_time).count())) {
    set_pre_routing_handler([this](const httplib::Request&, httplib::Response& out) {
      fill(out);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler([this](const httplib::Request& request, httplib::Response& out) {
      settle_headers(request.method == "HEAD", out);
    });
  }

  /// Writes the answer to `frame` that `source` makes.
  ///
  /// cpp-httplib would decode header values, drop empty ones, act on Range, Expect and
  /// Accept-Encoding, and refuse methods it does not know. So it reads a head that every version
  /// takes and is told method and target afterwards; the rest of the request is the handler's only.
  Delivery write(const http::Request& asked, int minor_version, bool keep_alive,
                 const Source& source) {
    source_ = &source;
    minor_version_ = minor_version;
    keep_alive_ = keep_alive;
    MemoryStream stream("GET / HTTP/1.1\r\n\r\n");
    process(*this, stream, [&](httplib::Request& request) {
      if (asked.method.empty()) return;  // Refused before it could be read.
      request.method = asked.method;
      request.target = asked.target;
    });
    std::string bytes = stream.take_output();
    mend_reason(response_.status, bytes);
    return plan_delivery(response_, std::move(bytes), keep_alive_);
  }

 private:
  /// Calls process_request as the cpp-httplib at hand declares it.
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
    response_ = (*source_)();
    out.status = response_.status;
    for (const http::Header& header : response_.headers) {
      if (!is_framing_header(header.name)) out.set_header(header.name, header.value);
    }
    bool has_body = may_have_body(response_.status) && !is_malformed();
    if (has_body) out.body = std::move(response_.body);
    const std::string* connection = response_.headers.find("Connection");
    bool closes = connection && http::same_name(*connection, "close");
    if (closes || response_.fault) keep_alive_ = false;
  }

  /// The last word on the headers, after cpp-httplib has added its own.
  void settle_headers(bool is_head, httplib::Response& out) {
    if (!may_have_body(out.status) || is_malformed()) out.headers.erase("Content-Length");
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

  bool is_malformed() const { return response_.fault == http::Fault::malformed_response_chunk; }

  const std::string keep_alive_header_;
  // Of the answer being written.
  const Source* source_ = nullptr;
  int minor_version_ = 1;
  bool keep_alive_ = true;
  http::Response response_;
};

Codec::Codec(Handler handler, const ServerOptions& options)
    : handler_(std::move(handler)),
      refused_(options.refused),
      writer_(std::make_unique<Writer>(options.idle_time)) {}

Codec::~Codec() = default;

Delivery Codec::answer(const Frame& frame) {
  return writer_->write(frame.request, frame.minor_version, frame.keep_alive,
                        [&] { return call(frame.request); });
}

Delivery Codec::refuse(const http::Request& request, const Refusal& refusal) {
  http::Response response = error_response(refusal.status, refusal.reason);
  if (refused_) refused_(request, response);
  return writer_->write(request, 1, false, [&] { return response; });
}

http::Response Codec::call(const http::Request& request) const {
  http::Response response;
  try {
    return handler_(request);
  } catch (const std::exception& error) {
    response = error_response(500, std::string("The mock failed to answer: ") + error.what());
  } catch (...) {
    response = error_response(500, "The mock failed to answer.");
  }
  if (refused_) refused_(request, response);
  return response;
}

}  // namespace transport
