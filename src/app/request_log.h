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

/// Writes requests and what was answered to stderr. From any thread.
///
/// Secrets are redacted. Control characters and bytes beyond ASCII become `?`: what others sent
/// does nothing to a terminal.
class RequestLog {
 public:
  /// `err` must outlive the log, and nobody else may write to it meanwhile. `colored` is for
  /// text that goes to a terminal; JSON never is.
  RequestLog(Log level, LogFormat format, bool colored, std::ostream& err)
      : level_(level), format_(format), colored_(colored && format == LogFormat::text), err_(err) {}

  /// One line, with what is not there left out or a hyphen. As text it has columns: the real time
  /// of day in UTC, sandbox, method, path, status, the scenario that fired or the step that refused
  /// (or both), microseconds, and then the reason and how the answer misbehaves on the wire:
  ///
  ///     17:40:01.123  -  DELETE  /apikey/7/  403  require_mode_all  41us  key 2 has mode "read"
  ///
  /// As JSON it is an object with the same, the day and null for what is not there. At level debug
  /// the headers too, below the line or in the object.
  void write(const http::Request& request, const http::Response& response,
             const journal::Exchange& exchange);

  /// A warning, in one line: at every level.
  void warn(std::string_view text);

  /// Lines for a person at a terminal, whatever the level and the format.
  void show(std::string_view lines) { put(replace_control_characters(lines)); }

 private:
  /// Writes what is whole save its last newline.
  void put(std::string lines);

  const Log level_;
  const LogFormat format_;
  const bool colored_;
  base::Mutex mutex_;
  /// Lines are made outside of the lock, and written whole under it.
  std::ostream& err_ GUARDED_BY(mutex_);
};

}  // namespace app
