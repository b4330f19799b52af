#include "transport/codec.h"

#include <httplib.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <exception>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

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

/// What determines a response's head, except the values of its headers and the size of its body.
struct HeadShape {
  int status = 200;
  bool is_head_request = false;
  bool is_http_1_0 = false;
  bool keep_alive = true;
  /// Announces chunks instead of a Content-Length.
  bool is_chunked = false;
  bool has_empty_body = false;
  /// The names of the headers, each with a newline behind it.
  std::string names = {};

  /// Whether there is a body with a Content-Length.
  bool has_body() const { return status >= 200 && status != 204 && status != 304 && !is_chunked; }

  auto operator<=>(const HeadShape&) const = default;
};

/// A head with gaps for values.
class HeadTemplate {
 public:
  /// The name of a gap, which is valid as a header value.
  static std::string gap(size_t value) { return '{' + std::to_string(value) + '}'; }

  /// Reads a head that has gaps. No name or other value in it has braces.
  explicit HeadTemplate(std::string_view head) {
    for (size_t begin; (begin = head.find('{')) != std::string_view::npos;) {
      size_t value = 0;
      const char* end = std::from_chars(head.data() + begin + 1, head.end(), value).ptr;
      parts_.push_back({std::string(head.substr(0, begin)), value});
      head.remove_prefix(static_cast<size_t>(end + 1 - head.data()));
    }
    end_ = head;
  }

  /// Returns the head with these values in its gaps, followed by `body`.
  std::string fill(const std::vector<std::string_view>& values, std::string_view body) const {
    size_t size = end_.size() + body.size();
    for (const Part& part : parts_) size += part.text.size() + values[part.value].size();
    std::string bytes;
    bytes.reserve(size);
    for (const Part& part : parts_) bytes.append(part.text).append(values[part.value]);
    bytes.append(end_).append(body);
    return bytes;
  }

 private:
  /// Text before a gap, and the index of the value in it.
  struct Part {
    std::string text;
    size_t value;
  };

  std::vector<Part> parts_;
  std::string end_;
};

bool is_single_line(std::string_view value) {
  return value.find('\r') == std::string_view::npos && value.find('\n') == std::string_view::npos;
}

}  // namespace

/// The part of cpp-httplib's server that writes responses.
class Codec::Writer : private httplib::Server {
 public:
  explicit Writer(std::chrono::milliseconds idle_time)
      : keep_alive_header_("timeout=" + std::to_string(idle_time / std::chrono::seconds(1))) {
    set_pre_routing_handler([this](const httplib::Request&, httplib::Response& out) {
      fill(out);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler(
        [this](const httplib::Request&, httplib::Response& out) { finish_headers(out); });
  }

  /// Writes the response to a request.
  SendPlan write(const http::Request& request, int minor_version, bool keep_alive,
                 const http::Response& response) {
    auto connection = response.headers.find("Connection");
    bool closes = connection && base::equal_ignoring_case(*connection, "close");
    shape_.status = response.status;
    shape_.is_head_request = request.method == "HEAD";
    shape_.is_http_1_0 = minor_version == 0;
    shape_.keep_alive = keep_alive && !closes && !response.fault;
    shape_.is_chunked = response.fault == http::Fault::malformed_response_chunk;
    shape_.has_empty_body = response.body.empty();
    shape_.names.clear();
    const std::string size = std::to_string(response.body.size());
    values_.assign(1, size);
    for (const http::Header& header : response.headers) {
      if (is_framing_header(header.name) || !is_single_line(header.value)) continue;
      (shape_.names += header.name) += '\n';
      values_.push_back(header.value);
    }
    bool sends_body = shape_.has_body() && !shape_.is_head_request;
    std::string bytes = head().fill(values_, sends_body ? response.body : "");
    return plan_send(response, std::move(bytes), shape_.keep_alive);
  }

 private:
  /// The head of this shape. Composing takes longer than all other work for a request, so each head
  /// is composed once.
  const HeadTemplate& head() {
    constexpr size_t kMaxHeads = 100;
    auto found = heads_.find(shape_);
    if (found != heads_.end()) return found->second;
    if (heads_.size() == kMaxHeads) heads_.clear();  // Rules can have headers of many names.
    return heads_.emplace(shape_, compose()).first->second;
  }

  /// cpp-httplib would decode header values, drop empty ones, apply Range, Expect and
  /// Accept-Encoding, and reject unknown methods. Therefore it does not read the real request.
  HeadTemplate compose() {
    MemoryStream stream(shape_.is_head_request ? "HEAD / HTTP/1.1\r\n\r\n"
                                               : "GET / HTTP/1.1\r\n\r\n");
    process(*this, stream);
    std::string head = stream.take_output();
    head.resize(head.find("\r\n\r\n") + 4);
    fix_reason_phrase(shape_.status, head);
    return HeadTemplate(head);
  }

  /// Calls process_request with the signature of the installed cpp-httplib.
  template <typename Self>
  static void process(Self& self, MemoryStream& stream) {
    bool closed = false;
    if constexpr (requires { self.process_request(stream, false, closed, nullptr); }) {
      self.process_request(stream, false, closed, nullptr);
    } else {
      self.process_request(stream, std::string(), 0, std::string(), 0, false, closed, nullptr);
    }
  }

  void fill(httplib::Response& out) {
    out.status = shape_.status;
    size_t value = 0;
    std::istringstream names(shape_.names);
    for (std::string name; std::getline(names, name);) {
      out.set_header(name, HeadTemplate::gap(++value));
    }
    if (shape_.has_body() && !shape_.has_empty_body) out.body = "body";
  }

  /// Corrects the headers after cpp-httplib has added its own.
  void finish_headers(httplib::Response& out) {
    out.headers.erase("Content-Length");
    if (shape_.has_body()) out.set_header("Content-Length", HeadTemplate::gap(0));
    if (shape_.is_chunked) out.set_header("Transfer-Encoding", "chunked");
    // The library adds it to responses to HEAD.
    if (out.get_header_value("Accept-Ranges") == "bytes") out.headers.erase("Accept-Ranges");
    out.headers.erase("Connection");
    out.headers.erase("Keep-Alive");
    if (!shape_.keep_alive) {
      out.set_header("Connection", "close");
      return;
    }
    out.set_header("Keep-Alive", keep_alive_header_);
    if (shape_.is_http_1_0) out.set_header("Connection", "keep-alive");
  }

  const std::string keep_alive_header_;
  std::map<HeadShape, HeadTemplate> heads_;
  /// The shape and the values of the response that is being written; their memory is reused.
  HeadShape shape_;
  std::vector<std::string_view> values_;
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
