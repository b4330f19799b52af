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

/// The members of a rate limit's details. An injected one is that of the calling key.
/// (deployed contract of July 2026, section 5)
void write_rate_limit(json::Writer& body, const ApiError& error, const Call& call) {
  if (error.details.empty()) {
    body.member("reason", "api_key_rate_limit_exceeded");
    body.member("apikey_id", call.caller ? std::optional(call.caller->id) : std::nullopt);
  } else {
    body.json(error.details);
  }
  auto reset = std::chrono::floor<std::chrono::milliseconds>(*error.retry_at);
  body.member("rateLimitResetAt", int64_t{reset.time_since_epoch().count()});
  body.member("retryAfterSeconds", seconds_until(*error.retry_at, call.now));
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
  if (error_template.details & kRateLimit) {
    write_rate_limit(body, error, call);
  } else if (error_template.details != 0 && !error.details.empty()) {
    body.json(error.details);
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
