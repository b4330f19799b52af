#include "contract/render.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/time_format.h"

namespace contract {

http::Response json_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

http::Response preflight_response(std::string_view allowed_headers,
                                  std::string_view allowed_methods) {
  http::Response response;
  response.status = 204;
  response.headers = {{"Access-Control-Allow-Methods", allowed_methods},
                      {"Access-Control-Allow-Headers", allowed_headers},
                      {"Vary", "Access-Control-Request-Headers"}};
  return response;
}

std::string allow_every_origin(const http::Headers&) { return "*"; }

bool is_request_id(std::string_view value) {
  constexpr size_t kMaxSize = 255;
  return !value.empty() && value.size() <= kMaxSize &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return base::is_alnum(c) || c == '_' || c == '=' || c == '-'; });
}

std::string get_or_create_request_id(const http::Request& request, base::Ids& ids) {
  auto sent = request.headers.find("X-Request-Id");
  return sent && is_request_id(*sent) ? std::string(*sent) : ids.request_id();
}

void add_mock_headers(const Contract& contract, base::Time now, http::Response& response) {
  response.headers.set("X-Mock-Contract", contract.name);
  if (response.headers.find("Access-Control-Allow-Origin")) {
    response.headers.add_if_missing("Access-Control-Expose-Headers", contract.exposed_headers);
  }
  response.headers.add_if_missing("Date", base::format_http_date(now));
}

int64_t seconds_until(base::Time time, base::Time now) {
  return std::max<int64_t>(std::chrono::ceil<std::chrono::seconds>(time - now).count(), 1);
}

void add_retry_headers(base::Time retry_at, base::Time now, http::Response& response) {
  auto reset = std::chrono::ceil<std::chrono::seconds>(retry_at);
  response.headers.set("Retry-After", std::to_string(seconds_until(retry_at, now)));
  response.headers.set("X-RateLimit-Reset", std::to_string(reset.time_since_epoch().count()));
}

}  // namespace contract
