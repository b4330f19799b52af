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

std::string in_milliseconds(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

/// ` (delay 800 ms, fault HANG)`; empty if the answer goes over the wire as usual.
std::string misbehaviour(const http::Response& response) {
  std::string text;
  auto add = [&](const std::string& what) { text += (text.empty() ? " (" : ", ") + what; };
  if (response.delay.count() > 0) add("delay " + in_milliseconds(response.delay));
  if (response.fault) {
    add("fault " + std::string(http::kFaultNames[static_cast<size_t>(*response.fault)]));
  } else if (response.dribble) {
    add("dribble in " + std::to_string(response.dribble->chunks) + " pieces over " +
        in_milliseconds(response.dribble->over));
  }
  return text.empty() ? text : text + ")";
}

}  // namespace

void RequestLog::write(const http::Request& request, const http::Response& response) {
  if (level_ == Log::none) return;
  auto shown = [](const std::string& text) { return text.empty() ? "-" : text; };
  std::string text = shown(request.method) + " " +
                     shown(capgo::shorten_secret_in_path(request.target)) + " " +
                     std::to_string(response.status);
  if (const std::string* reason = response.headers.find("X-Mock-Reason")) text += " " + *reason;
  text += misbehaviour(response) + "\n";
  if (level_ == Log::debug) {
    append_headers(text, "  > ", request.headers);
    append_headers(text, "  < ", response.headers);
  }
  base::MutexLock lock(mutex_);
  err_ << text << std::flush;
}

}  // namespace app
