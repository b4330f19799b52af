#pragma once

#include <array>

#include "contract/contract.h"

/// What the service of February 2026 says when it refuses.
/// (deployed contract of February 2026, section 16, in its order)
namespace contract::deployed_2026_02 {

extern const Wording kTooManyRequests;
extern const Wording kNoCredential;
extern const Wording kInvalidJwt;
extern const Wording kInvalidApikey;
extern const Wording kInvalidSubkey;
extern const Wording kUnlimitedSubkey;

extern const Wording kCannotList;
extern const Wording kFailedToList;
extern const Wording kCannotGet;
extern const Wording kInvalidId;
extern const Wording kFailedToGet;

extern const Wording kCannotCreate;
extern const Wording kInvalidJson;
extern const Wording kUnknownError;
extern const Wording kInvalidLimitedToApps;
extern const Wording kInvalidLimitedToOrgs;
extern const Wording kNameIsRequired;
extern const Wording kModeIsRequired;
extern const Wording kInvalidMode;
extern const Wording kInvalidDate;
extern const Wording kDateInPast;
extern const Wording kOrgNotFound;
extern const Wording kAppNotFound;
extern const Wording kExpirationRequired;
extern const Wording kExpirationExceedsMax;
extern const Wording kFailedToCreate;

extern const Wording kCannotUpdate;
extern const Wording kIdRequired;
extern const Wording kInvalidIdToUpdate;
extern const Wording kNameMustBeString;
extern const Wording kInvalidModeToUpdate;
extern const Wording kLimitedToAppsMustBeStrings;
extern const Wording kLimitedToOrgsMustBeStrings;
extern const Wording kRegenerateMustBeBoolean;
extern const Wording kNothingToUpdate;
extern const Wording kNoKeyToUpdate;
extern const Wording kLookupFailed;
extern const Wording kFailedToUpdate;
extern const Wording kFailedToRegenerate;

extern const Wording kCannotDelete;
extern const Wording kNoKeyToDelete;
extern const Wording kFailedToDelete;
extern const Wording kNotFound;

/// Every error, in the order of capgo::ErrorName, where an endpoint does not word it otherwise.
extern const std::array<Wording, capgo::kErrorNames.size()> kWords;

/// A key as list, get, create and update answer it. (section 7)
void write_row(json::Writer& body, const capgo::ApiKey& key);

/// Section 6: a code, a text, and `moreInfo` where the wording has it.
http::Response refuse(const Wording& wording, const Refusal& refusal, const Call& call);

}  // namespace contract::deployed_2026_02
