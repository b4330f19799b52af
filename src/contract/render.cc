#include "contract/render.h"

#include <algorithm>
#include <cctype>

namespace contract {
namespace {

bool is_request_id(std::string_view text) {
  constexpr size_t kLongest = 255;
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(), [](unsigned char letter) {
           return (letter < 0x80 && std::isalnum(letter) != 0) || letter == '_' || letter == '=' ||
                  letter == '-';
         });
}

}  // namespace

http::Response json_response(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

http::Response render_preflight(const Call& /*call*/) {
  http::Response response;
  response.status = 204;
  response.headers = {
      {"Access-Control-Allow-Methods", "POST,GET,PUT,DELETE,OPTIONS"},
      {"Access-Control-Allow-Headers",
       "Content-Type,Authorization,capgkey,capgo_api,x-api-key,x-limited-key-id,apisecret,apikey,"
       "x-client-info"},
      {"Vary", "Access-Control-Request-Headers"}};
  return response;
}

void add_common_headers(const http::Request& request, std::string_view path, base::Ids& ids,
                        http::Response& response) {
  http::Headers& headers = response.headers;
  if (path.starts_with("/apikey") && headers.find("Access-Control-Allow-Origin") == nullptr) {
    headers.add("Access-Control-Allow-Origin", "*");
  }
  if (headers.find("X-Request-Id") != nullptr) return;
  const std::string* sent = request.headers.find("X-Request-Id");
  bool usable = sent != nullptr && is_request_id(*sent);
  headers.add("X-Request-Id", usable ? *sent : ids.request_id());
}

}  // namespace contract
