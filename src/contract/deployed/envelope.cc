#include "contract/deployed/envelope.h"

#include "contract/render.h"

namespace contract::deployed {
namespace {

/// Returns the cause of an injected error.
std::string default_cause(const ApiError& error) {
  const DatabaseError timeout = {"57014", "canceling statement due to statement timeout", {}, {}};
  const auto* name = std::get_if<capgo::ErrorName>(&error.what);
  bool is_server_error = name != nullptr && *name == capgo::ErrorName::server_error;
  return to_cause(is_server_error ? timeout : no_row());
}

}  // namespace

http::Response render_error(const ErrorTemplate& error_template, const ApiError& error,
                            const Call& call,
                            void (*write_row)(json::Writer&, const capgo::ApiKey&)) {
  json::Writer body;
  body.open_object().member("error", error_template.code);
  body.member("message", error.message.empty() ? error_template.message : error.message);
  // Null if the error was injected and the caller is unknown.
  const auto& caller = call.caller;
  if (error_template.details != 0) body.name("moreInfo").open_object();
  if (error_template.details & kParseError) body.name("e").json("{}");
  if (error_template.details & kRequestId) body.member("requestId", call.request_id);
  if (error_template.details & kCallerId) {
    body.member("apikeyId", caller ? std::optional(caller->id) : std::nullopt);
  }
  if (error_template.details & kCallerRow) {
    body.name("apikey");
    caller ? write_row(body, *caller) : (void)body.json("null");
  }
  if (error_template.details & kDatabaseError) {
    body.name("supabaseError").json(error.cause.empty() ? default_cause(error) : error.cause);
  }
  if (error_template.details != 0) body.close_object();
  body.close_object();
  http::Response response = json_response(error_template.status, body.take());
  if (error.retry_at) add_retry_headers(*error.retry_at, call.now, response);
  return response;
}

std::string to_cause(const DatabaseError& error) {
  json::Writer cause;
  cause.open_object().member("code", error.code).member("details", error.details);
  return cause.member("hint", error.hint).member("message", error.message).close_object().take();
}

}  // namespace contract::deployed
