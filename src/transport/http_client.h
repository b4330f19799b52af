#pragma once

#include <chrono>
#include <string>
#include <variant>

#include "http/message.h"
#include "transport/event_loop.h"

namespace transport {

/// Sends GET for `path` to a server, without a proxy, and waits for the response. The connection
/// and each part of the response may take `timeout`. Returns the response, or why there is none.
/// From any thread.
std::variant<http::Response, std::string> http_get(const Address& server, const std::string& path,
                                                   std::chrono::seconds timeout);

}  // namespace transport
