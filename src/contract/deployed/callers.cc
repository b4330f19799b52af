#include "contract/deployed/callers.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/base64.h"
#include "contract/deployed/javascript.h"
#include "contract/deployed/postgres.h"
#include "contract/render.h"

namespace contract::deployed {
namespace {

// Section 5.
constexpr int64_t kMaxFailures = 20;
constexpr std::chrono::minutes kFailureWindow{15};

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

}  // namespace

std::optional<ApiError> reject_locked_out_address(const Call& call) {
  auto name = failure_window(call);
  if (!name) return std::nullopt;
  auto window = call.windows.current(*name, call.now);
  if (window.count < kMaxFailures) return std::nullopt;
  std::string address = *address_of(call.request.headers);
  if (address.empty()) address = "an empty address";
  ApiError error{capgo::ErrorName::rate_limited, std::to_string(window.count) +
                                                     " logins in a row failed from " + address +
                                                     ", the last less than 15 minutes ago"};
  error.retry_at = window.ends;
  return error;
}

ApiError count_failure(Call& call, ApiError error) {
  if (auto name = failure_window(call)) {
    call.windows.count_in_sliding_window(*name, call.now, kFailureWindow);
  }
  return error;
}

void clear_failures(Call& call) {
  if (auto name = failure_window(call)) call.windows.remove(*name);
}

Token read_token(std::string_view token, base::Time now) {
  if (token.starts_with("Bearer ")) token.remove_prefix(7);
  if (std::count(token.begin(), token.end(), '.') != 2) {
    return {"does not have the three parts of a JWT", ""};
  }
  size_t payload = token.find('.') + 1;
  auto bytes = base::decode_base64(token.substr(payload, token.rfind('.') - payload));
  auto claims = bytes ? json::parse_body(*bytes) : std::nullopt;
  if (!claims || !claims->is_object()) return {"is a JWT whose payload is not a JSON object", ""};
  auto expiry = claims->find("exp");
  if (expiry != claims->end() && is_truthy(*expiry)) {
    double now_in_seconds =
        static_cast<double>(truncate_to_milliseconds(now).time_since_epoch().count()) / 1e6;
    // JavaScript's comparison converts true to 1, and a string to a number. NaN is not in the past.
    double seconds = *expiry == true ? 1 : javascript_number(javascript_string(*expiry));
    if (seconds < now_in_seconds) return {"is a JWT whose exp has passed", ""};
  }
  auto subject = claims->find("sub");
  if (subject == claims->end() || !subject->is_string() || *subject == "") {
    return {"is a JWT without a sub", ""};
  }
  auto user = read_uuid(subject->get_ref<const std::string&>());
  const auto* uuid = std::get_if<std::string>(&user);
  return {"", uuid != nullptr ? *uuid : subject->get<std::string>()};
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
