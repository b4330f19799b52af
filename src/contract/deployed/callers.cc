#include "contract/deployed/callers.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/redact.h"
#include "base/suggest.h"
#include "contract/deployed/errors.h"
#include "contract/explain.h"
#include "contract/render.h"
#include "contract/steps.h"
#include "json/document.h"

namespace contract::deployed {
namespace {

// Section 5.
constexpr int64_t kMaxFailures = 20;
constexpr std::chrono::minutes kFailureWindow{15};
constexpr std::chrono::seconds kRequestWindow{60};

/// Returns the client's address, which may be empty; nothing if the platform did not send it.
std::optional<std::string> address_of(const http::Headers& headers) {
  for (const char* name : {"cf-connecting-ip", "x-forwarded-for", "x-real-ip"}) {
    auto value = headers.find(name);
    if (!value || value->empty()) continue;
    std::string_view address = *value;
    if (name == std::string_view("x-forwarded-for")) {
      address = base::trim(address.substr(0, address.find(',')), " \t");
    }
    return address == "unknown" ? std::nullopt : std::optional<std::string>(address);
  }
  return std::nullopt;
}

/// Returns the name of the window that counts the failed logins of the client's address; nothing if
/// the address is unknown or rate limits are off.
std::optional<std::string> failure_window(const Call& call) {
  auto address = call.rate_limit ? address_of(call.request.headers) : std::nullopt;
  return address ? std::optional("address " + *address) : std::nullopt;
}

/// Says which header looks like a misspelled one for credentials; empty if none does.
std::string find_misspelled_header(const http::Headers& headers) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"authorization", "capgkey", "x-api-key"});
  for (const auto& [name, value] : headers) {
    std::string meant = base::did_you_mean(name, kNames);
    bool is_known = std::find(kNames.begin(), kNames.end(), base::lower(name)) != kNames.end();
    if (is_known || meant.empty()) continue;
    return "; the header " + json::quote(name) + " is ignored" + meant;
  }
  return "";
}

}  // namespace

std::optional<ApiError> reject_locked_out_address(const Call& call) {
  auto name = failure_window(call);
  if (!name) return std::nullopt;
  auto window = call.windows.current(*name, call.now);
  if (window.count < kMaxFailures) return std::nullopt;
  std::string address = *address_of(call.request.headers);
  if (address.empty()) address = "an empty address";
  ApiError error{capgo::ErrorName::rate_limited, std::to_string(window.count) +
                                                     " logins failed from " + address +
                                                     ", the last less than 15 minutes ago"};
  error.retry_at = window.ends;
  error.details = R"("reason":"too_many_failed_auth_attempts")";
  return error;
}

ApiError count_failure(Call& call, ApiError error) {
  if (auto name = failure_window(call)) {
    call.windows.count_in_sliding_window(*name, truncate_to_milliseconds(call.now), kFailureWindow);
  }
  return error;
}

void clear_failures(Call& call) {
  if (auto name = failure_window(call)) call.windows.remove(*name);
}

Found<Credential> read_credential(const Call& call) {
  auto sent = find_credential(call.request.headers);
  if (sent && !sent->secret.empty()) return *sent;
  if (sent) return ApiError{&kNoCredential, std::string(sent->header) + " is empty"};
  return ApiError{&kNoCredential,
                  "no key or user token was sent; send a key in authorization, capgkey or "
                  "x-api-key, or a user token in authorization as \"Bearer TOKEN\"" +
                      find_misspelled_header(call.request.headers)};
}

bool is_token(const Credential& sent) {
  return sent.header == "authorization" && !base::is_uuid(sent.secret);
}

ApiError reject_token(const Call& call, const Credential& sent, const std::string& problem) {
  std::string malformed = explain_malformed_secret(sent);
  if (!malformed.empty()) return ApiError{&kInvalidJwt, std::move(malformed)};
  size_t space = sent.secret.find(' ');
  bool is_key_with_scheme =
      space != std::string_view::npos && base::is_uuid(sent.secret.substr(space + 1));
  std::string_view word = sent.secret.substr(0, space);
  std::string hint = !is_key_with_scheme   ? did_you_mean_key(call, sent.secret)
                     : word.ends_with(',') ? "; send the key once"
                                           : "; send the key alone, without " + json::quote(word);
  if (hint.empty()) hint = "; a key that is not a UUID goes in x-api-key, without authorization";
  return ApiError{&kInvalidJwt, "authorization is " + json::quote(base::redact(sent.secret)) +
                                    ", which is not a UUID, so it is read as a JWT, and it " +
                                    problem + hint};
}

std::optional<ApiError> find_key(Call& call, const Credential& sent) {
  if (call.look_up_caller(sent.secret)) return std::nullopt;
  return ApiError{
      &kInvalidApikey,
      explain_unknown_secret(call, sent, ", was deleted, or was replaced by a regenerated one")};
}

bool is_expired(const capgo::ApiKey& key, base::Time now) {
  return key.expires_at &&
         truncate_to_milliseconds(*key.expires_at) < truncate_to_milliseconds(now);
}

std::optional<ApiError> limit_rate(Call& call, const Caller& caller) {
  if (!call.rate_limit || caller.key == nullptr) return std::nullopt;
  std::string which = describe(*caller.key);
  auto window = call.windows.count_in_sliding_window(which, truncate_to_milliseconds(call.now),
                                                     kRequestWindow);
  if (window.count < *call.rate_limit) return std::nullopt;
  ApiError error{capgo::ErrorName::rate_limited,
                 which + " has made " + std::to_string(window.count) +
                     " requests with less than a minute between them; request " +
                     std::to_string(*call.rate_limit) + " is rejected"};
  error.retry_at = window.ends;
  return error;
}

base::Time truncate_to_milliseconds(base::Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time);
}

std::string get_or_create_request_id(const http::Request& request, base::Ids& ids) {
  auto sent = request.headers.find("X-Request-Id");
  auto platform_id = request.headers.find("cf-ray");
  if (sent && is_request_id(*sent)) return std::string(*sent);
  if (platform_id && !platform_id->empty()) return std::string(*platform_id);
  return ids.request_id();
}

}  // namespace contract::deployed
