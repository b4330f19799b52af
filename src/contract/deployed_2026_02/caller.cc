#include <algorithm>
#include <array>
#include <cmath>

#include "base/redact.h"
#include "contract/deployed/javascript.h"
#include "contract/deployed/token.h"
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

Found<Caller> authenticate_key(Call& call, const Credential& sent) {
  if (auto error = find_key(call, sent)) return *std::move(error);
  const capgo::ApiKey& key = *call.caller;
  if (auto error = require_one_of(key, std::array{capgo::KeyMode::all})) return *std::move(error);
  if (is_expired(key, call.now)) return ApiError{&kInvalidApikey, explain_expired(key, call.now)};
  clear_failures(call);
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

Found<Caller> authenticate_token(Call& call, const Credential& sent) {
  deployed::Token token = read_token(sent.secret, call.now);
  if (!token.problem.empty()) return reject_token(call, sent, token.problem);
  clear_failures(call);
  return Caller{nullptr, std::move(token.subject)};
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
  if (auto* error = std::get_if<ApiError>(&found)) return count_failure(call, std::move(*error));
  return found;
}

Found<Subkey> read_subkey(const Call& call, const Caller& caller) {
  auto sent = call.request.headers.find("x-limited-key-id");
  if (!sent || caller.key == nullptr) return Subkey{};
  double number = javascript_number(*sent);
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
