#include "app/request_log.h"

#include <algorithm>
#include <utility>

#include "app/terminal.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/time_format.h"
#include "json/writer.h"
#include "scenario/scenario.h"

namespace app {
namespace {

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kMagenta = "\x1b[35m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kNoColor = "";
constexpr std::string_view kReset = "\x1b[0m";

/// Appends a value, with `?` for all that is not printable ASCII.
void append_printable(std::string& line, std::string_view value) {
  auto begin = static_cast<std::ptrdiff_t>(line.size());
  line.append(value);
  std::transform(line.begin() + begin, line.end(), line.begin() + begin,
                 [](char c) { return c < ' ' || c > '~' ? '?' : c; });
}

std::string printable(std::string_view value) {
  std::string line;
  append_printable(line, value);
  return line;
}

/// The real time; the clocks of sandboxes may have another.
base::Time now() { return base::Clock().now(); }

/// `2026-11-23T17:40:01.123456Z`
std::string timestamp(base::Time time) {
  std::string text = base::format_time(time).str();
  auto microseconds = time.time_since_epoch().count() % 1'000'000;
  std::string fraction = std::to_string(1'000'000 + microseconds);
  fraction.front() = '.';
  text.insert(text.size() - 1, fraction);
  return text;
}

std::string_view color_of(int status) {
  constexpr std::string_view kColors[] = {kNoColor, kNoColor, kGreen, kCyan, kYellow, kRed};
  auto place = static_cast<size_t>(status / 100);
  return place < std::size(kColors) ? kColors[place] : kNoColor;
}

/// `(delay 800 ms, fault HANG)`; empty if the response is sent as usual.
std::string describe_delivery(const http::Response& response) {
  if (response.delay.count() == 0 && !response.fault && !response.dribble) return "";
  scenario::Effect effect;
  if (auto delay = response.delay.count(); delay > 0) {
    effect.delay = {scenario::Delay::Type::fixed, static_cast<double>(delay)};
  }
  effect.fault = response.fault;
  if (!response.fault) effect.dribble = response.dribble;
  std::string text = scenario::describe(effect);
  return text.empty() ? text : "(" + text + ")";
}

void append_headers(std::string& text, std::string_view prefix, const http::Headers& headers) {
  for (const http::Header& header : http::redact_headers(headers)) {
    text.append("\n").append(prefix);
    append_printable(text, header.name);
    text.append(header.value.empty() ? ":" : ": ");
    append_printable(text, header.value);
  }
}

std::string truncate(const std::string& value, size_t max) {
  return value.size() <= max ? value : value.substr(0, max) + "...";
}

/// The method, which may be long or, by mistake, a credential.
std::string method_of(const http::Request& request) {
  return truncate(base::redact_text(request.method), 40);
}

std::string format_as_text(const http::Request& request, const http::Response& response,
                           const journal::Exchange& exchange, bool colored) {
  std::string line;
  line.reserve(250);  // Enough for most lines.
  auto append = [&](std::string_view value, std::string_view color = kNoColor) {
    bool is_colored = colored && !color.empty() && !value.empty();
    if (is_colored) line.append(color);
    append_printable(line, value);
    if (is_colored) line.append(kReset);
  };
  // Ends a column that has `size` characters.
  auto pad = [&](size_t size, size_t width) { line.append(std::max(width, size) - size + 2, ' '); };
  auto append_column = [&](std::string_view value, size_t width,
                           std::string_view color = kNoColor) {
    if (value.empty()) value = "-";
    append(value, color);
    pad(value.size(), width);
  };
  append_column(base::format_time_of_day(now()), 12, kDim);
  append_column(exchange.sandbox, 10);
  append_column(method_of(request), 7);
  append_column(truncate(base::redact_path(exchange.path), 120), 26);
  append_column(std::to_string(response.status), 3, color_of(response.status));
  // A scenario may delay a request that a step then rejects.
  bool has_both = !exchange.scenario.empty() && !exchange.rejected_by.empty();
  bool has_none = exchange.scenario.empty() && exchange.rejected_by.empty();
  std::string_view separator = has_both ? " + " : has_none ? "-" : "";
  append(exchange.scenario, kMagenta);
  append(separator);
  append(exchange.rejected_by);
  pad(exchange.scenario.size() + separator.size() + exchange.rejected_by.size(), 28);

  constexpr size_t kDurationWidth = 8;
  std::string duration = std::to_string(exchange.microseconds) + "us";
  duration.insert(0, kDurationWidth - std::min(duration.size(), kDurationWidth), ' ');
  append(duration, kDim);
  std::string delivery = describe_delivery(response);
  const std::string& remark = exchange.reason.empty() ? exchange.hint : exchange.reason;
  if (!remark.empty()) line.append("  ");
  append(remark);
  if (!delivery.empty()) line.append(remark.empty() ? "  " : " ");
  append(delivery);
  return line;
}

void write_headers(json::Writer& line, std::string_view name, const http::Headers& headers) {
  line.name(name).open_object();
  for (const http::Header& header : http::combine_headers(http::redact_headers(headers))) {
    line.member(header.name, printable(header.value));
  }
  line.close_object();
}

std::string format_as_json(const http::Request& request, const http::Response& response,
                           const journal::Exchange& exchange, bool with_headers) {
  json::Writer line;
  line.open_object().member("time", timestamp(now()));
  line.member_or_null("sandbox", printable(exchange.sandbox));
  line.member_or_null("method", printable(method_of(request)));
  line.member_or_null("path", printable(base::redact_path(exchange.path)));
  line.member("status", response.status);
  line.member_or_null("rejected_by", printable(exchange.rejected_by));
  line.member_or_null("scenario", printable(exchange.scenario));
  line.member("microseconds", exchange.microseconds);
  line.member_or_null("reason", printable(exchange.reason));
  if (!exchange.hint.empty()) line.member("hint", printable(exchange.hint));
  if (response.delay.count() > 0) line.member("delay_milliseconds", response.delay.count());
  if (response.fault) {
    line.member("fault", base::name_of(*response.fault));
  } else if (response.dribble) {
    line.name("dribble").open_object().member("chunks", response.dribble->chunks);
    line.member("milliseconds", response.dribble->over.count()).close_object();
  }
  if (with_headers) {
    write_headers(line, "request_headers", request.headers);
    write_headers(line, "response_headers", response.headers);
  }
  line.close_object();
  return line.take();
}

/// A fault counts as an error: no intact response was sent.
bool should_log(Log level, const http::Response& response, const journal::Exchange& exchange) {
  constexpr int kFirstError = 400;
  if (level == Log::none) return false;
  if (exchange.is_control_call) return level == Log::debug;
  return level != Log::errors || response.status >= kFirstError || response.fault;
}

}  // namespace

void RequestLog::write(const http::Request& request, const http::Response& response,
                       const journal::Exchange& exchange) {
  if (!should_log(level_, response, exchange)) return;
  bool with_headers = level_ == Log::debug;
  if (format_ == LogFormat::json) {
    return write_lines(format_as_json(request, response, exchange, with_headers));
  }
  std::string lines = format_as_text(request, response, exchange, colored_);
  if (with_headers) {
    append_headers(lines, "  > ", request.headers);
    append_headers(lines, "  < ", response.headers);
  }
  write_lines(std::move(lines));
}

void RequestLog::warn(std::string_view text) {
  std::string line = replace_control_characters(text);
  if (format_ == LogFormat::text) return write_lines("mock-capgo: " + line);
  json::Writer object;
  object.open_object().member("time", timestamp(now())).member("notice", line).close_object();
  write_lines(object.take());
}

void RequestLog::write_lines(std::string lines) {
  lines += '\n';
  base::MutexLock lock(mutex_);
  out_.write(lines.data(), static_cast<std::streamsize>(lines.size())).flush();
}

}  // namespace app
