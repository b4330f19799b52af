#pragma once

#include <string_view>

#include "http/message.h"

namespace engine {

/// The web page at `/`, which lists the addresses of the server. Tools that wait for a URL get 200.
/// `path` is that of the request, and `contract` the name of the contract.
http::Response start_page(std::string_view path, std::string_view contract);

}  // namespace engine
