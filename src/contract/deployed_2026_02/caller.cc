#include <algorithm>
#include <array>
#include <cmath>

#include "base/redact.h"
#include "contract/deployed/javascript.h"
#include "contract/deployed_2026_02/database.h"
#include "contract/deployed_2026_02/errors.h"
#include "contract/deployed_2026_02/steps.h"
#include "contract/explain.h"
#include "contract/steps.h"
#include "json/document.h"

/// The steps that find and check the caller. (sections 3 to 5)
namespace contract::deployed_2026_02 {
namespace {

using capgo::ErrorName;

constexpr std::chrono::seconds kRequestWindow{60};

Found<Caller> authenticate_key(Call& call, const Credential& sent) {
  if (auto error = find_key(call, sent)) return *std::move(error);
  const capgo::ApiKey& key = *call.caller;
  if (auto error = require_one_of(key, std::array{capgo::KeyMode::all})) return *std::move(error);
  if (is_expired(key, call.now)) return ApiError{&kInvalidApikey, explain_expired(key, call.now)};
  deployed::clear_failures(call);
  return Caller{&key, key.user_id};
}

Found<Caller> find_caller(Call& call) {
  Found<Credential> sent = read_credential(call);
  if (auto* error = std::get_if<ApiError>(&sent)) return std::move(*error);
  const Credential& credential = std::get<Credential>(sent);
  return is_token(credential) ? authenticate_token(call, credential)
                              : authenticate_key(call, credential);
}

}  // namespace

Found<Credential> read_credential(const Call& call) {
  auto sent = find_credential(call.request.headers);
  if (sent && !sent->secret.empty()) return *sent;
  return ApiError{&kNoCredential,
                  sent ? std::string(sent->header) + " is empty"
                       : "no key was sent; put it in the header authorization or x-api-key"};
}

bool is_token(const Credential& sent) {
  return sent.header == "authorization" && !base::is_uuid(sent.secret);
}

Found<Caller> authenticate_token(Call& call, const Credential& sent) {
  deployed::Token token = deployed::read_token(sent.secret, call.now);
  if (token.problem.empty()) {
    deployed::clear_failures(call);
    return Caller{nullptr, std::move(token.subject)};
  }
  std::string malformed = explain_malformed_secret(sent);
  if (!malformed.empty()) return ApiError{&kInvalidJwt, std::move(malformed)};
  size_t space = sent.secret.find(' ');
  bool is_key_with_scheme =
      space != std::string_view::npos && base::is_uuid(sent.secret.substr(space + 1));
  std::string hint = is_key_with_scheme ? "; send the key alone, without " +
                                              json::quote(sent.secret.substr(0, space))
                                        : did_you_mean_key(call, sent.secret);
  if (hint.empty()) hint = "; a key that is not a UUID goes in x-api-key, without authorization";
  return ApiError{&kInvalidJwt, "authorization is " + json::quote(base::redact(sent.secret)) +
                                    ", which is not a UUID, so it is read as a JWT, and it " +
                                    token.problem + hint};
}

std::optional<ApiError> find_key(Call& call, const Credential& sent) {
  if (call.look_up_caller(sent.secret)) return std::nullopt;
  return ApiError{
      &kInvalidApikey,
      explain_unknown_secret(call, sent, ", was deleted, or was replaced by a regenerated one")};
}

std::optional<ApiError> require_one_of(const capgo::ApiKey& key,
                                       std::span<const capgo::KeyMode> modes) {
  if (std::find(modes.begin(), modes.end(), key.mode) != modes.end()) return std::nullopt;
  std::string reason =
      describe(key) + " has mode " + json::quote(base::name_of(key.mode)) + ", and this needs";
  std::string_view separator = " ";
  for (capgo::KeyMode mode : modes) {
    reason.append(separator).append(json::quote(base::name_of(mode)));
    separator = " or ";
  }
  return ApiError{&kInvalidApikey, std::move(reason)};
}

Found<Caller> authenticate(Call& call) {
  Found<Caller> found = find_caller(call);
  if (auto* error = std::get_if<ApiError>(&found))
    return deployed::count_failure(call, std::move(*error));
  return found;
}

std::optional<ApiError> limit_rate(Call& call, const Caller& caller) {
  if (!call.rate_limit || caller.key == nullptr) return std::nullopt;
  std::string which = describe(*caller.key);
  auto window = call.windows.count_in_sliding_window(which, call.now, kRequestWindow);
  if (window.count < *call.rate_limit) return std::nullopt;
  ApiError error{ErrorName::rate_limited,
                 which + " has made " + std::to_string(window.count) +
                     " requests with less than a minute between them; request " +
                     std::to_string(*call.rate_limit) + " is rejected"};
  error.retry_at = window.ends;
  return error;
}

Found<Subkey> read_subkey(const Call& call, const Caller& caller) {
  auto sent = call.request.headers.find("x-limited-key-id");
  if (!sent || caller.key == nullptr) return Subkey{};
  double number = deployed::javascript_number(*sent);
  if (number == 0 || std::isnan(number)) return Subkey{};
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  bool is_id = number > 0 && number < kEnd && number == std::floor(number);
  auto subkey = is_id ? call.keys.find_by_id(static_cast<int64_t>(number)) : std::nullopt;
  auto error = [&](const ErrorTemplate& error_template, std::string_view why) {
    return ApiError{&error_template,
                    "x-limited-key-id is " + json::quote(*sent) + ": " + std::string(why)};
  };
  if (!subkey) return error(kInvalidSubkey, "no such key exists");
  if (subkey->user_id != caller.user_id) {
    return error(kInvalidSubkey, "that key belongs to another user");
  }
  if (is_expired(*subkey, call.now)) return error(kInvalidSubkey, "that key has expired");
  if (subkey->mode != capgo::KeyMode::all) {
    return error(kInvalidSubkey, "that key's mode is not \"all\"");
  }
  bool has_null = !subkey->limited_to_apps || !subkey->limited_to_orgs;
  if (!subkey->is_limited() && !has_null) {
    return error(kUnlimitedSubkey, "that key has no limits");
  }
  return Subkey{std::move(subkey)};
}

std::optional<ApiError> require_caller_without_orgs(const Caller& caller) {
  if (caller.key == nullptr || !caller.key->is_limited_to_orgs()) return std::nullopt;
  return ApiError{ErrorName::permission_denied,
                  describe(*caller.key) + " is limited to the org " +
                      json::quote(caller.key->limited_to_orgs->front()) +
                      ", and a key limited to orgs cannot manage keys"};
}

std::optional<ApiError> query_rows(const Call& call, const Caller& caller) {
  auto database = check_user(call, caller);
  if (!database) return std::nullopt;
  return database_failed(&kFailedToList, *database,
                         "the sub of the JWT is not a user: " + database->message);
}

}  // namespace contract::deployed_2026_02
