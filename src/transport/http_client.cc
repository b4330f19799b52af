#include "transport/http_client.h"

#include <httplib.h>

#include <utility>

namespace transport {

std::variant<http::Response, std::string> http_get(const Address& server, const std::string& path,
                                                   std::chrono::seconds timeout) {
  httplib::Client client(server.host, server.port);
  client.set_connection_timeout(timeout);
  client.set_read_timeout(timeout);
  httplib::Result result = client.Get(path);
  if (!result) {
    using httplib::Error;
    bool is_connected =
        result.error() != Error::Connection && result.error() != Error::ConnectionTimeout;
    if (!is_connected) return "cannot connect";
    return "no HTTP response within " + std::to_string(timeout.count()) + " seconds";
  }
  http::Response response;
  response.status = result->status;
  for (const auto& [name, value] : result->headers) response.headers.add(name, value);
  response.body = std::move(result->body);
  return response;
}

}  // namespace transport
