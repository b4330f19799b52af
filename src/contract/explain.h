#pragma once

#include <string>
#include <string_view>

#include "contract/contract.h"
#include "json/value.h"

/// Parts of reasons: what X-Mock-Reason tells the person whose test just failed. What comes from
/// the request, or from a row that a request made, stands there only as the functions that take the
/// call give it: with the secrets in it shortened.
namespace contract {

/// How UUIDs count in a value: as the secrets of keys, or as ids of orgs, apps and users, which are
/// UUIDs too, unless a key has one for its secret.
enum class Uuids { secrets, ids };

/// Whether a text is a secret: by its form, because the caller sent it in a header for credentials,
/// or because a key has it. A store that fails cannot say that it is none.
bool is_secret(const Call& call, std::string_view text, Uuids uuids = Uuids::secrets);

/// A text with the secrets in it shortened. Much longer than a reason can be it is cut.
std::string without_secrets(const Call& call, std::string_view text, Uuids uuids = Uuids::secrets);

/// The same in quotes.
std::string quoted(const Call& call, std::string_view text, Uuids uuids = Uuids::secrets);

/// What was sent as the id of a key, in quotes. If it is longer than a slip of the pen it may be
/// the secret of a key that is gone, and is shortened.
std::string quoted_id(const Call& call, std::string_view id);

/// A value of the request: short, and never an array or object, which may be nested deeper than
/// the stack is.
std::string shown(const Call& call, const json::Value& value, Uuids uuids = Uuids::secrets);

/// What the database said; it quotes what it was given.
std::string shown(const Call& call, const postgres::Error& error);

/// A text that nobody sent, in quotes.
std::string in_quotes(std::string_view text);

/// That a value is no mode, and which it may have been meant to be.
std::string explain_unknown_mode(const Call& call, const json::Value& value);

/// Why a secret that no key has does not work. `how_gone` follows
/// "it was never made" and tells how keys come to an end.
std::string explain_unknown_secret(const Credential& sent, std::string_view how_gone);

/// That a body is no JSON, and where it begins to be none.
std::string explain_bad_json(std::string_view body);

/// Why an org does not take a key that expires then, or never.
std::string explain_policy(const Call& call, const capgo::Org& org,
                           const std::optional<base::Time>& expires_at);

}  // namespace contract
