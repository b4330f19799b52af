#pragma once

#include <functional>

#include "http/message.h"

namespace transport {

/// Answers one request. Called on the loop's thread, so it must not block. What it throws becomes
/// a 500.
using Handler = std::function<http::Response(const http::Request&)>;

}  // namespace transport
