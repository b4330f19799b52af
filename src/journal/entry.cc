#include "journal/entry.h"

#include <algorithm>
#include <string_view>

#include "base/time_text.h"
#include "http/secret_headers.h"

namespace journal {
namespace {

/// The values of all lines of this header.
std::string joined_values(const http::Headers& headers, std::string_view name,
                          const base::IsSecret& is_secret) {
  std::string joined;
  bool is_first = true;
  for (const http::Header& line : headers) {
    if (!http::same_name(line.name, name)) continue;
    if (!is_first) joined += ", ";
    joined += http::shown_value(line, is_secret);
    is_first = false;
  }
  return joined;
}

void write_headers(json::Writer& writer, const http::Headers& headers,
                   const base::IsSecret& is_secret) {
  writer.name("headers").open_object();
  for (auto line = headers.begin(); line != headers.end(); ++line) {
    auto same = [&](const http::Header& other) { return http::same_name(other.name, line->name); };
    if (std::any_of(headers.begin(), line, same)) continue;
    writer.member(line->name, joined_values(headers, line->name, is_secret));
  }
  writer.close_object();
}

void write_body(json::Writer& writer, const std::string& body, size_t size) {
  writer.member("body", body);
  if (size > body.size()) writer.member("body_size", static_cast<int64_t>(size));
}

std::optional<std::string_view> if_any(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

void write_entry(json::Writer& writer, const Entry& entry, const base::IsSecret& is_secret) {
  const http::Request& request = entry.request;
  writer.open_object();
  writer.member("id", entry.id).member("at", base::format_time_exactly(entry.at));
  writer.member("method", request.method).member("path", entry.path);
  writer.member("query", request.query());
  write_headers(writer, request.headers, is_secret);
  write_body(writer, request.body, entry.request_body_size);
  writer.member("key_id", entry.key_id).member("status", entry.status);
  writer.name("response").open_object();
  write_headers(writer, entry.response_headers, is_secret);
  write_body(writer, entry.response_body, entry.response_body_size);
  writer.close_object();
  writer.member("refused_by", if_any(entry.refused_by));
  writer.member("scenario", if_any(entry.scenario));
  writer.member("microseconds", entry.microseconds);
  if (entry.delay.count() > 0) writer.member("delay_milliseconds", int64_t{entry.delay.count()});
  if (entry.fault) writer.member("fault", http::kFaultNames[static_cast<size_t>(*entry.fault)]);
  writer.close_object();
}

}  // namespace journal
