#include "journal/entry.h"

#include <string_view>

#include "base/time_text.h"
#include "http/secret_headers.h"

namespace journal {
namespace {

void write_headers(json::Writer& writer, const http::Headers& headers,
                   const base::IsSecret& is_secret) {
  writer.name("headers").open_object();
  for (const auto& [name, value] : http::join_lines(http::shown_headers(headers, is_secret))) {
    writer.member(name, value);
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
