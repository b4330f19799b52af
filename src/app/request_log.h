#pragma once

#include <ostream>

#include "app/options.h"
#include "http/message.h"

namespace app {

/// Tells on stderr what was asked and what was answered.
class RequestLog {
 public:
  /// `err` must outlive the log.
  RequestLog(Log level, std::ostream& err) : level_(level), err_(err) {}

  /// One line: method, target, status and, if the request was refused, which rule did and why.
  /// At level debug the headers too, secrets shortened. Called from one thread.
  void write(const http::Request& request, const http::Response& response);

 private:
  Log level_;
  std::ostream& err_;
};

}  // namespace app
