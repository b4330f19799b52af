#pragma once

#include <string>
#include <string_view>

#include "contract/contract.h"
#include "json/value.h"

/// Parts of reasons, for X-Mock-Reason. contract::reject redacts the credentials in a reason.
namespace contract {

/// Quotes an id from the request; redacts it if it has the form of a secret.
std::string quote_id(std::string_view id);

/// Describes a value of the request, truncated: `"x"`, `5`, `an array`. The content of arrays and
/// objects is left out, as they may be nested deeper than the stack allows.
std::string describe(const json::Value& value);

/// `key 7`.
std::string describe(const capgo::ApiKey& key);

/// Says that a value is not a mode, and which mode is similar.
std::string explain_unknown_mode(const json::Value& value);

/// Says that a credential comes from an unset variable or is in quotes; empty if neither.
std::string explain_malformed_secret(const Credential& sent);

/// Returns `; did you mean key 1 ("CI")?` for a key whose secret is one edit away from this one;
/// empty if there is none among the first 1,000 keys.
std::string did_you_mean_key(const Call& call, std::string_view secret);

/// Says why a secret that no key has does not work. `how_removed` follows "it never existed" and
/// lists how keys are removed in this contract.
std::string explain_unknown_secret(const Call& call, const Credential& sent,
                                   std::string_view how_removed);

/// Says when a key expired, and what time it is.
std::string explain_expired(const capgo::ApiKey& key, base::Time now);

/// Says why the body is not JSON: what it is instead, or where the syntax error is.
std::string explain_bad_json(const Call& call);

/// Says which field of the body is ignored, but similar to a field of the endpoint, or a field of
/// earlier contracts: `body field "expiresAt" is ignored; did you mean "expires_at"?`. Empty if
/// there is none.
std::string explain_ignored_field(const Call& call);

/// Says why an org does not accept a key that expires at this time, or never.
std::string explain_policy(const Call& call, const capgo::Org& org,
                           const std::optional<base::Time>& expires_at);

}  // namespace contract
