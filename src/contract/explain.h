#pragma once

#include <string>
#include <string_view>

#include "contract/contract.h"
#include "json/value.h"

/// Parts of reasons: what X-Mock-Reason tells the person whose test just failed. Credentials in
/// them are redacted where a reason leaves the contract (contract::reject).
namespace contract {

/// What was sent as the id of a key, in quotes; redacted if it has the form of a secret.
std::string quote_id(std::string_view id);

/// A value of the request: short, and never an array or object, which may be nested deeper than
/// the stack is.
std::string describe(const json::Value& value);

/// `key 7`.
std::string describe(const capgo::ApiKey& key);

/// That a value is no mode, and which it may have been meant to be.
std::string explain_unknown_mode(const json::Value& value);

/// Why a secret that no key has does not work. `how_gone` follows
/// "it was never made" and tells how keys come to an end.
std::string explain_unknown_secret(const Credential& sent, std::string_view how_gone);

/// When a key expired, and that this is past.
std::string explain_expired(const capgo::ApiKey& key, base::Time now);

/// That a body is no JSON, and where it begins to be none.
std::string explain_bad_json(std::string_view body);

/// Why an org does not take a key that expires then, or never.
std::string explain_policy(const Call& call, const capgo::Org& org,
                           const std::optional<base::Time>& expires_at);

}  // namespace contract
