#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include "app/options.h"
#include "app/terminal.h"
#include "base/mutex.h"
#include "http/message.h"
#include "journal/exchange.h"

namespace app {

/// Writes requests, their responses and warnings, one line each. From any thread.
///
/// Secrets are redacted. In values that clients sent, control characters and bytes beyond ASCII
/// become `?`, so that they have no effect on a terminal.
class RequestLog {
 public:
  /// `out` must outlive the log, and nothing else may write to it. `colored` applies to text only.
  RequestLog(Log level, LogFormat format, bool colored, std::ostream& out)
      : level_(level), format_(format), colored_(colored && format == LogFormat::text), out_(out) {}

  /// Writes one line. As text it has columns, with a hyphen for a missing value: the real time of
  /// day in UTC, sandbox, method, path, status, the scenario that fired or the step that rejected
  /// the request (or both), microseconds; then the reason, and delays and faults:
  ///
  ///     17:40:01.123  -  DELETE  /apikey/7/  403  require_mode_all  41us  key 2 has mode "read"
  ///
  /// As JSON it is an object with the same values, the date, and null for a missing value.
  ///
  /// Level errors leaves out requests that got a response with a status below 400 and no fault.
  /// Only level debug has control calls; it also adds the headers, below the line or in the object.
  void write(const http::Request& request, const http::Response& response,
             const journal::Exchange& exchange);

  /// Writes a warning in one line, at every level.
  void warn(std::string_view text);

  /// Writes lines for a person at a terminal, at every level and in every format.
  void show(std::string_view lines) { write_lines(replace_control_characters(lines)); }

 private:
  /// Writes lines, of which the last has no newline yet.
  void write_lines(std::string lines);

  const Log level_;
  const LogFormat format_;
  const bool colored_;
  base::Mutex mutex_;
  std::ostream& out_ GUARDED_BY(mutex_);
};

}  // namespace app
