#pragma once

#include <string>
#include <string_view>

#include "contract/contract.h"
#include "json/value.h"

/// Parts of reasons: what X-Mock-Reason tells the person whose test just failed.
namespace contract {

std::string in_quotes(std::string_view text);

/// A value of the request as it may stand in a reason: short, and never an array or object, which
/// may be nested deeper than the stack is.
std::string shown(const json::Value& value);

/// That a value is no mode, and which it may have been meant to be.
std::string explain_unknown_mode(const json::Value& value);

/// Why a secret that no key has does not work. `how_gone` follows
/// "it was never made" and tells how keys come to an end.
std::string explain_unknown_secret(const Credential& sent, std::string_view how_gone);

/// That a body is no JSON, and where it begins to be none.
std::string explain_bad_json(std::string_view body);

/// Whether a text has the three parts of a JWT, and begins as they all do.
bool looks_like_jwt(std::string_view text);

/// Why an org does not take a key that expires then, or never.
std::string explain_policy(const capgo::Org& org, const std::optional<base::Time>& expires_at,
                           base::Time now);

}  // namespace contract
