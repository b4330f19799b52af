#pragma once

#include <functional>

#include "http/message.h"

namespace transport {

/// Answers one request. Called on the threads of all loops, several at a time, and must not block.
/// What it throws becomes a 500.
using Handler = std::function<http::Response(const http::Request&)>;

/// Is told of an answer that the transport made itself, for bytes that are no request or a handler
/// that threw, and of the request as far as it was read. Called as a Handler is; must not throw.
using Observer = std::function<void(const http::Request&, const http::Response&)>;

}  // namespace transport
