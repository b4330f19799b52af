#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "contract/contract.h"
#include "scenario/scenario.h"

/// Guarded rules: what a rule of a scenario requires of the caller's key. How contracts check it
/// differs; these are the parts that they share.
namespace contract {

/// What a guarded rule requires for one request.
struct Requirement {
  /// GET for a HEAD request.
  std::string_view method;
  std::string_view path;
  /// See scenario::Requirement.
  std::span<const capgo::KeyMode> modes = {};
  std::span<const std::string> permissions = {};
  /// The app and the org that the request names.
  std::optional<std::string> app_id = {};
  std::optional<std::string> org_id = {};
  /// The number, the UUID or the name of a channel of the app.
  std::optional<std::string> channel_id = {};
  /// An app, an org or a channel that the request does not name, though it must.
  struct Missing {
    ErrorTemplate CallerCheck::*error;
    /// The field that should have it.
    std::string field;
    /// `the body has no app_id`
    std::string reason;
  };
  std::optional<Missing> missing = {};
};

/// Reads the app, the org and the channel that `rule` checks, if it is a guarded one. `rule`,
/// `path` and the call's request must outlive the result.
Requirement read_requirement(const scenario::Rule& rule, std::string_view path, const Call& call);

/// How a contract rejects keys that may not make some calls of the public API.
struct DeniedCalls {
  /// `*` for any.
  std::string_view method;
  /// The first segments of the path: `/organization/members`.
  std::string_view path;
  ErrorTemplate error;
};

/// Returns the template of the first row that has the request; `others` if none has.
const ErrorTemplate& find_denied(std::span<const DeniedCalls> rows, const ErrorTemplate& others,
                                 const Requirement& requirement);

/// Rejects a request that does not name an app, an org or a channel, though it must.
std::optional<ApiError> find_missing(const Contract& contract, const Requirement& requirement);

/// CallerCheck::check_access for keys with limits: the app and the org that the request names must
/// be within them. An app is within the limits of its org, and an org is within those of a key for
/// the app that is named with it.
capgo::Decision check_limits(const Requirement& requirement, const RuleCaller& caller,
                             const store::KeyStore& keys);

/// Renders an example for a request that meets the requirement.
std::string render_example(scenario::Example example, const Contract& contract,
                           const Requirement& requirement, const Call& call);

}  // namespace contract
