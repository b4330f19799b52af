#include "engine/control.h"

#include "contract/render.h"
#include "json/writer.h"

namespace engine {

bool is_control_path(std::string_view path) {
  return path == "/__admin" || path.starts_with("/__admin/");
}

http::Response control(const http::Request& request, std::string_view path,
                       const contract::Contract& contract, std::string_view version) {
  bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && http::match_path("/__admin/health", path)) {
    json::Writer body;
    body.open_object().member("status", "ok").member("version", version);
    body.member("contract", contract.name).close_object();
    return contract::json_response(200, body.take());
  }
  return refuse_control(404, "Not found", {"the control calls are: GET /__admin/health"});
}

http::Response refuse_control(int status, std::string_view error,
                              const std::vector<std::string>& details) {
  json::Writer body;
  body.open_object().member("error", error).member("details", details).close_object();
  return contract::json_response(status, body.take());
}

}  // namespace engine
