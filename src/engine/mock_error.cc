#include "engine/mock_error.h"

#include "base/redact.h"
#include "contract/render.h"
#include "engine/sandboxes.h"
#include "json/document.h"
#include "json/writer.h"

namespace engine {

http::Response mock_error(int status, const std::string& error,
                          const std::vector<std::string>& details, journal::Exchange& exchange,
                          std::string_view members) {
  std::string reason = base::redact_text(error);
  json::Writer body;
  body.open_object().member("error", reason).name("details").open_array();
  for (const std::string& each : details) body.value(base::redact_text(each));
  body.close_array();
  if (!members.empty()) body.json(members);
  body.close_object();
  http::Response response = contract::json_response(status, body.take());
  if (!details.empty()) {
    reason.append(reason.ends_with('?') ? " " : "; ").append(base::redact_text(details.front()));
  }
  exchange.reason = http::to_header_value(reason);
  response.headers.set("X-Mock-Reason", exchange.reason);
  return response;
}

http::Response invalid_sandbox_name(std::string_view name, journal::Exchange& exchange) {
  exchange.rejected_by = "sandbox";
  return mock_error(400, json::quote(name) + " is not a valid sandbox name",
                    {std::string(kNameForm)}, exchange);
}

http::Response too_many_sandboxes(size_t max, journal::Exchange& exchange) {
  exchange.rejected_by = "sandbox";
  return mock_error(
      507, "too many named sandboxes; the limit is " + std::to_string(max),
      {"delete one with DELETE /__admin/sandboxes/NAME, or start with a larger --max-sandboxes"},
      exchange);
}

}  // namespace engine
