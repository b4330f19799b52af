#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/secret_text.h"
#include "capgo/api_key.h"
#include "http/message.h"
#include "json/writer.h"

namespace journal {

/// One request and its answer, as kept. Secrets are in it: what shows it goes through write_entry.
struct Entry {
  /// From 1, one more for each request.
  int64_t id = 0;
  /// The sandbox's time when it was asked.
  base::Time at{};
  /// As it came, but for the body, which may be cut.
  http::Request request;
  /// Without the sandbox's and the base path, and without the query.
  std::string path;
  /// The caller's key, where one was found, and its mode at that time.
  std::optional<int64_t> key_id;
  std::optional<capgo::KeyMode> caller_mode;
  int status = 0;
  http::Headers response_headers;
  /// May be cut.
  std::string response_body;
  /// In bytes, before the cut.
  size_t request_body_size = 0;
  size_t response_body_size = 0;
  /// How the answer was to go wrong on the wire: late, or broken.
  std::chrono::milliseconds delay{0};
  std::optional<http::Fault> fault;
  /// The step that refused; empty if none did.
  std::string refused_by;
  /// The rule of a scenario that acted: `flaky-create, rule 1`; empty if none did.
  std::string scenario;
  /// How long it took to find the answer.
  int64_t microseconds = 0;
};

/// Writes an entry as one JSON object, as `GET /__admin/requests` lists it. Secrets in headers are
/// shortened (http::shown_value), lines of one header joined by `, `. A body that was cut is
/// followed by its `body_size` before the cut. A `fault` or `delay_milliseconds` stands there only
/// if a rule made one; with most faults the client has seen nothing of the answer. Bytes that are
/// not UTF-8 become U+FFFD. Names of headers must be tokens, as the transport sees to.
void write_entry(json::Writer& writer, const Entry& entry,
                 const base::IsSecret& is_secret = base::looks_like_secret);

}  // namespace journal
