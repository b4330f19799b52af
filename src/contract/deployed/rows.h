#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "contract/contract.h"
#include "contract/deployed/callers.h"
#include "contract/deployed/postgres.h"
#include "contract/steps.h"

/// How the database of the deployed service finds, orders and stores the rows of keys. Sections are
/// those of the contract of February 2026.
namespace contract::deployed {

/// Returns the row's rbac_id. For a fixture without one, it is derived from fields that never
/// change.
std::string row_id(const capgo::ApiKey& key);

/// Calls `visit` with the keys of a user, at most 1,000, in the order of the database. (section 11)
void for_each_row(const Call& call, const std::string& user_id,
                  const std::function<void(const capgo::ApiKey&)>& visit);

/// Reads an id that is digits, which the handlers convert to a JavaScript number and send to the
/// database as text. (section 14)
std::variant<int64_t, DatabaseError> read_number(std::string_view digits);

/// Finds the row with this number, if it is the user's. (section 12)
Found<OwnKey> find_row(const Call& call, const Caller& caller, int64_t id);

/// Finds the user's key with this secret, which must not be hashed. (section 14)
Found<OwnKey> find_row_by_secret(const Call& call, const Caller& caller, const std::string& secret);

/// Converts the field `name` of the body for a text column: a string as it is, anything else to its
/// JSON text. (section 13)
std::string database_text(const Call& call, const json::Value& value, std::string_view name);

/// An error with the database's error as its cause. By default, the reason is what that says.
ApiError database_failed(decltype(ApiError::what) what, const DatabaseError& error,
                         std::string reason = "");

/// The error of a row that could not be written, such as to a full disk.
ApiError write_failed(const ErrorTemplate& error_template, const store::StoreError& failure);

/// Gives the key a new unique secret, and its hash if `hashed`. (section 8)
void assign_secret(Call& call, capgo::ApiKey& key, bool hashed);

/// Stores a new key of the caller, and sets its ids and times. Throws store::StoreError.
void insert_row(Call& call, const Caller& caller, capgo::ApiKey& key);

}  // namespace contract::deployed
