#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "capgo/error_name.h"

namespace contract {

/// How a contract words an error.
struct ErrorTemplate {
  int status;
  /// Empty where the contract has no codes.
  std::string_view code;
  std::string_view message;
  /// What the body has beside them: the contract's own flags.
  unsigned details = 0;
};

/// Why a step rejects a request. The contract's `render_error` turns it into bytes.
struct ApiError {
  /// An error by its name, which the endpoint or else the contract error_template; or what only one
  /// contract says.
  std::variant<capgo::ErrorName, const ErrorTemplate*> what;
  /// For the person whose test failed: `key 2 has mode "read", and this needs "all"`.
  std::string reason;
  /// Replaces the template's message, where that has numbers; empty for the message as it is.
  std::string message = {};
  /// When the same request may pass.
  std::optional<base::Time> retry_at = std::nullopt;
  /// What failed below the contract, as JSON, where the contract passes it on.
  std::string cause = {};
};

/// An error by its name, in an endpoint's or a contract's own error_template.
struct NamedError {
  capgo::ErrorName name;
  ErrorTemplate error_template;
};

}  // namespace contract
