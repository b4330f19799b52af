#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "capgo/error_name.h"

namespace contract {

/// The status and the message of an error in a contract.
struct ErrorTemplate {
  int status;
  /// Empty if the contract has no error codes.
  std::string_view code;
  std::string_view message;
  /// What else the body has: flags of the contract.
  unsigned details = 0;
};

/// Why a step rejects a request. The contract's `render_error` turns it into a response.
struct ApiError {
  /// A named error, for which the endpoint or the contract has a template, or a template.
  std::variant<capgo::ErrorName, const ErrorTemplate*> what;
  /// For X-Mock-Reason: `key 2 has mode "read", and this needs "all"`.
  std::string reason;
  /// Replaces the message of the template if not empty.
  std::string message = {};
  /// When the client may retry.
  std::optional<base::Time> retry_at = std::nullopt;
  /// The error of the database, as JSON, if the contract reports it.
  std::string cause = {};
  /// Further members of the body's details, as JSON without braces, if the contract has details.
  std::string details = {};
};

/// The template for a named error.
struct NamedError {
  capgo::ErrorName name;
  ErrorTemplate error_template;
};

}  // namespace contract
