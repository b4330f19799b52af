#include <algorithm>

#include "base/ascii.h"
#include "capgo/permissions.h"
#include "contract/deployed/token.h"
#include "contract/deployed_2026_07/database.h"
#include "contract/deployed_2026_07/errors.h"
#include "contract/deployed_2026_07/steps.h"
#include "contract/explain.h"
#include "json/document.h"

/// The steps that find and check the caller. (sections 3, 4 and 17)
namespace contract::deployed_2026_07 {
namespace {

using capgo::ErrorName;

constexpr std::string_view kSubkeyHeader = "x-limited-key-id";

/// Reads the header x-limited-key-id; nothing if it is malformed.
std::optional<int64_t> read_subkey_id(std::string_view value) {
  bool has_form = base::is_digits(value) && !value.starts_with('0');
  return has_form ? base::parse_number<int64_t>(value, 1, capgo::kMaxId) : std::nullopt;
}

std::optional<ApiError> check_subkey_form(const Call& call) {
  auto sent = call.request.headers.find(kSubkeyHeader);
  if (!sent || read_subkey_id(*sent)) return std::nullopt;
  return ApiError{&kInvalidSubkeyHeader, "x-limited-key-id is " + json::quote(*sent) +
                                             ", which is not the number of a key"};
}

/// Returns whether the rights are limited to some of the user's orgs, or to a part of one.
bool is_limited(const Call& call, const capgo::ApiKey& key, const capgo::Rights& rights) {
  const auto& bindings = rights.bindings;
  if (bindings.empty()) return false;
  if (!std::all_of(bindings.begin(), bindings.end(), capgo::is_org_admin)) return true;
  const auto& orgs = call.keys.orgs();
  return std::any_of(orgs.begin(), orgs.end(), [&](const capgo::Org& org) {
    return capgo::can_read(org, key.user_id) &&
           std::none_of(bindings.begin(), bindings.end(),
                        [&](const capgo::Binding& binding) { return binding.org_id == org.id; });
  });
}

/// As authenticate_key, but checks the form of the header x-limited-key-id first.
Found<Caller> authenticate_key_with_subkey(Call& call, const Credential& sent) {
  if (auto error = check_subkey_form(call)) return *std::move(error);
  return authenticate_key(call, sent);
}

}  // namespace

Found<Caller> authenticate_token(Call& call, const Credential& sent) {
  Token token = verify_token(sent.secret, call.jwt_secret, call.now);
  if (token.problem.empty()) return Caller{nullptr, std::move(token.subject)};
  // What has the three parts of a JWT is not meant as a key.
  bool is_jwt = std::count(sent.secret.begin(), sent.secret.end(), '.') == 2;
  if (is_jwt) return ApiError{&kInvalidJwt, "authorization " + token.problem};
  return reject_token(call, sent, token.problem);
}

Found<Caller> authenticate_key(Call& call, const Credential& sent) {
  if (auto error = find_key(call, sent)) return *std::move(error);
  const capgo::ApiKey& key = *call.caller;
  if (is_expired(key, call.now)) return ApiError{&kInvalidApikey, explain_expired(key, call.now)};
  if (const capgo::Org* org = find_hashed_only_org(call, key)) {
    return ApiError{&kInvalidApikey, explain_hashed_only(key, *org)};
  }
  return Caller{&key, key.user_id};
}

Found<Caller> authenticate(Call& call) {
  Found<Credential> sent = read_credential(call);
  if (auto* error = std::get_if<ApiError>(&sent)) return count_failure(call, std::move(*error));
  const Credential& credential = std::get<Credential>(sent);
  Found<Caller> found = is_token(credential) ? authenticate_token(call, credential)
                                             : authenticate_key_with_subkey(call, credential);
  if (auto* error = std::get_if<ApiError>(&found)) return count_failure(call, std::move(*error));
  return found;
}

std::optional<ApiError> replace_by_subkey(Call& call, const Caller& caller) {
  auto sent = call.request.headers.find(kSubkeyHeader);
  if (!sent || caller.key == nullptr) return std::nullopt;
  auto error = [&](const ErrorTemplate& error_template, std::string_view why) {
    return ApiError{&error_template,
                    "x-limited-key-id is " + json::quote(*sent) + ": " + std::string(why)};
  };
  auto subkey = call.keys.find_by_id(*read_subkey_id(*sent));
  if (!subkey) return error(kInvalidSubkey, "no such key exists");
  if (subkey->user_id != caller.user_id) {
    return error(kInvalidSubkey, "that key belongs to another user");
  }
  if (is_expired(*subkey, call.now)) return error(kInvalidSubkey, "that key has expired");
  capgo::Rights rights = rights_of(call, *subkey);
  if (!is_limited(call, *subkey, rights)) {
    return error(kUnlimitedSubkey, rights.bindings.empty()
                                       ? "that key has no roles"
                                       : "that key is an admin in every org of its user");
  }
  if (subkey->key_hash) return error(kInvalidSubkey, "that key is hashed");
  call.caller = std::move(subkey);
  return std::nullopt;
}

Found<ManagedOrgs> require_right_to_manage_keys(Call& call, const Caller& caller) {
  if (caller.key == nullptr) return ManagedOrgs{};
  call.has_queried_rights = true;
  capgo::Rights rights = rights_of(call, *caller.key);
  std::vector<std::string> managed;
  for (const std::string& org_id : orgs_of(rights.bindings)) {
    if (capgo::allows(rights, capgo::kManageKeys, {org_id})) managed.push_back(org_id);
  }
  // Only a subkey gets here with such an org.
  const capgo::Org* hashed_only = find_hashed_only_org(call, *caller.key);
  if (!managed.empty() && hashed_only == nullptr) return ManagedOrgs{std::move(managed)};
  return ApiError{
      ErrorName::permission_denied,
      hashed_only == nullptr
          ? explain_roles(call, *caller.key) +
                "; managing keys needs org_admin, org_super_admin or apikey_manager in an org"
          : describe(*caller.key) + " is not hashed, so it has no rights in org " +
                json::quote(hashed_only->id) + ", which requires hashed keys"};
}

}  // namespace contract::deployed_2026_07
