#pragma once

#include <ostream>

#include "app/options.h"
#include "base/mutex.h"
#include "http/message.h"

namespace app {

/// Tells on stderr what was asked and what was answered.
class RequestLog {
 public:
  /// `err` must outlive the log, and nobody else may write to it meanwhile.
  RequestLog(Log level, std::ostream& err) : level_(level), err_(err) {}

  /// One line: method, target, status, if the request was refused which rule did and why, and if
  /// the answer misbehaves on the wire how. At level debug the headers too. Secrets are shortened.
  /// From any thread.
  void write(const http::Request& request, const http::Response& response);

 private:
  const Log level_;
  base::Mutex mutex_;
  /// Lines are made outside of the lock, and written whole under it.
  std::ostream& err_ GUARDED_BY(mutex_);
};

}  // namespace app
