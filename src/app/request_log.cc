#include "app/request_log.h"

#include <algorithm>
#include <array>
#include <string>

#include "capgo/api_key.h"

namespace app {
namespace {

constexpr std::array<std::string_view, 3> kSecretHeaders = {"authorization", "capgkey",
                                                            "x-api-key"};

std::string shown_value(const http::Header& header) {
  bool is_secret = std::any_of(kSecretHeaders.begin(), kSecretHeaders.end(),
                               [&](auto name) { return http::same_name(name, header.name); });
  return is_secret ? capgo::shorten_secret(header.value) : header.value;
}

void append_headers(std::string& text, std::string_view mark, const http::Headers& headers) {
  for (const http::Header& header : headers) {
    text.append(mark).append(header.name).append(": ").append(shown_value(header)).append("\n");
  }
}

}  // namespace

void RequestLog::write(const http::Request& request, const http::Response& response) {
  if (level_ == Log::none) return;
  std::string text = request.method + " " + capgo::shorten_secret_in_path(request.target) + " " +
                     std::to_string(response.status);
  if (const std::string* reason = response.headers.find("X-Mock-Reason")) text += " " + *reason;
  text += "\n";
  if (level_ == Log::debug) {
    append_headers(text, "  > ", request.headers);
    append_headers(text, "  < ", response.headers);
  }
  err_ << text << std::flush;
}

}  // namespace app
