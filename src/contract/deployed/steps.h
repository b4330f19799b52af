#pragma once

#include <optional>
#include <string>

#include "contract/contract.h"
#include "contract/deployed/callers.h"
#include "contract/deployed/dates.h"
#include "contract/steps.h"

/// The steps of create and update that the deployed contracts share, and the facts that they find.
/// Sections are those of the contract of February 2026. (9, 13 and 14)
namespace contract::deployed {

/// No date means never, or on update no change.
struct Expiration {
  std::optional<ReadDate> date;

  /// As the handlers read it.
  std::optional<base::Time> javascript() const {
    return date ? std::optional(date->javascript) : std::nullopt;
  }
};
/// The id from the path or the body, as text.
struct GivenId {
  std::string value;
};
/// The row after the update, with its old secret.
struct SavedKey {
  capgo::ApiKey key;
};
/// The row in the response to a create or update.
struct NewKey {
  capgo::ApiKey key;
};

/// The body must be JSON and not null. Values other than objects have no fields.
Found<Fields> read_body(Call& call);
Found<Expiration> read_expiration(const Fields& fields);
std::optional<ApiError> require_future_expiration(const Call& call, const Fields& fields,
                                                  const Expiration& expiration);
Found<GivenId> require_id(const Call& call, const Fields& fields);
std::optional<ApiError> require_name_string(const Fields& fields);
std::optional<ApiError> require_regenerate_boolean(const Fields& fields);
/// Replaces the secret if requested. (section 8)
Found<NewKey> regenerate(Call& call, const Fields& fields, const SavedKey& saved);

/// Returns the error of an org whose policy does not allow this expiration. The handlers read
/// milliseconds only. (section 10)
std::optional<ApiError> check_policy(const Call& call, const capgo::Org& org,
                                     std::optional<base::Time> expires_at);

/// Returns the field if it is truthy, else null.
const json::Value* find_truthy(const Fields& fields, std::string_view name);

/// Returns whether the request asks for a new secret.
bool must_regenerate(const Fields& fields);

}  // namespace contract::deployed
