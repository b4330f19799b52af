#pragma once

#include <optional>
#include <string_view>

#include "contract/contract.h"

/// The steps that find the caller of the documented contract, for its endpoints and for guarded
/// rules. Sections are those of the page on this contract.
namespace contract::documented {

inline constexpr std::string_view kHowKeysAreRemoved =
    ", was deleted, or expired more than 30 days ago";

/// The calling key, which exists and has not expired.
struct Caller {
  const capgo::ApiKey& key;
};

/// Removes the keys that expired more than 30 days ago. (sections 9 and 12, "30-day clean-up")
std::optional<ApiError> clean_up(Call& call);

/// Finds the calling key, which must not have expired. (sections 2 and 12)
Found<Caller> authenticate(Call& call);

/// Counts the request, and rejects it beyond the rate limit. (section 12, "Limits and failures")
std::optional<ApiError> limit_rate(Call& call, const Caller& caller);

/// See CallerCheck.
Found<RuleCaller> authenticate_caller(Call& call, const Requirement& requirement);
std::optional<ApiError> check_mode(const capgo::ApiKey& key, const Requirement& requirement);
const ErrorTemplate& denied(const Requirement& requirement);

}  // namespace contract::documented
