#pragma once

#include <string>
#include <string_view>

#include "contract/contract.h"
#include "json/value.h"

/// Parts of reasons: what X-Mock-Reason says to the person whose test just failed. Credentials in
/// them are redacted where a reason leaves the contract (contract::reject).
namespace contract {

/// What was sent as the id of a key, in quotes; redacted if it has the form of a secret.
std::string quote_id(std::string_view id);

/// A value of the request, truncated. Arrays and objects are only named: they may be nested deeper
/// than the stack allows.
std::string describe(const json::Value& value);

/// `key 7`.
std::string describe(const capgo::ApiKey& key);

/// That a value is not a mode, and which mode is similar.
std::string explain_unknown_mode(const json::Value& value);

/// That a credential comes from a variable that is unset, or is in quotes; empty if neither.
std::string explain_malformed_secret(const Credential& sent);

/// `; did you mean key 1 ("CI")?` for a key whose secret is one edit away from this one, or
/// nothing. Searches the first 1,000 keys, in linear time.
std::string did_you_mean_key(const Call& call, std::string_view secret);

/// Why a secret that no key has does not work. `how_gone` follows "it never existed" and says how
/// else a key stops working.
std::string explain_unknown_secret(const Call& call, const Credential& sent,
                                   std::string_view how_gone);

/// When a key expired, and the current time.
std::string explain_expired(const capgo::ApiKey& key, base::Time now);

/// Why the body cannot be read as JSON: what it is instead, or where the syntax error is.
std::string explain_bad_json(const Call& call);

/// Why an org does not accept a key that expires at this time, or never.
std::string explain_policy(const Call& call, const capgo::Org& org,
                           const std::optional<base::Time>& expires_at);

}  // namespace contract
