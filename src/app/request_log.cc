#include "app/request_log.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "app/terminal.h"
#include "base/clock.h"
#include "base/redact.h"
#include "base/time_format.h"
#include "json/writer.h"

namespace app {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kMagenta = "\x1b[35m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kNoColor = "";
constexpr std::string_view kReset = "\x1b[0m";

/// Appends a text, with `?` for all that is not printable ASCII.
void append_plain(std::string& line, std::string_view text) {
  auto begin = static_cast<std::ptrdiff_t>(line.size());
  line.append(text);
  std::replace_if(
      line.begin() + begin, line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
}

std::string plain(std::string_view text) {
  std::string line;
  append_plain(line, text);
  return line;
}

/// The real time, whatever the clocks of the sandboxes say.
base::Time now() { return base::Clock().now(); }

/// The last digits of a number, in their places of a text.
void write_digits(std::string& text, size_t place, size_t count, int64_t number) {
  for (size_t i = place + count; i > place; --i) {
    text[i - 1] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

/// The time of day: `17:40:01.123`. Asking the calendar for the day would nearly double what a line
/// of text costs.
std::string time_of_day(base::Time time) {
  int64_t since_epoch_ms = time.time_since_epoch().count() / 1000;
  int64_t seconds = since_epoch_ms / 1000;
  std::string text = "00:00:00.000";
  write_digits(text, 0, 2, seconds / 3600 % 24);
  write_digits(text, 3, 2, seconds / 60 % 60);
  write_digits(text, 6, 2, seconds % 60);
  write_digits(text, 9, 3, since_epoch_ms);
  return text;
}

/// The day too: `2026-11-23T17:40:01.123456Z`.
std::string timestamp(base::Time time) {
  std::string text = base::format_time(time);
  text.replace(text.size() - 1, 1, ".000000Z");
  write_digits(text, text.size() - 7, 6, time.time_since_epoch().count());
  return text;
}

/// A line of text that is made column by column, with two blanks between them.
class Columns {
 public:
  explicit Columns(bool colored) : colored_(colored) {
    constexpr size_t kUsualLine = 250;
    line_.reserve(kUsualLine);
  }

  /// Adds to the column that is open.
  Columns& put(std::string_view text, std::string_view color = kNoColor) {
    bool is_colored = colored_ && !color.empty();
    if (is_colored) line_.append(color);
    append_plain(line_, text);
    if (is_colored) line_.append(kReset);
    size_ += text.size();
    return *this;
  }

  /// Closes the column; it gets at least this wide. Only if another one follows.
  void close(size_t width) {
    constexpr size_t kBetween = 2;
    line_.append(std::max(width, size_) - size_ + kBetween, ' ');
    size_ = 0;
  }

  /// A whole column.
  void column(std::string_view text, size_t width, std::string_view color = kNoColor) {
    put(text.empty() ? "-"sv : text, color).close(width);
  }

  std::string take() { return std::move(line_); }

 private:
  const bool colored_;
  std::string line_;
  /// How many characters of the column that is open can be seen.
  size_t size_ = 0;
};

std::string_view color_of(int status) {
  constexpr std::string_view kColors[] = {kNoColor, kNoColor, kGreen, kCyan, kYellow, kRed};
  auto place = static_cast<size_t>(status / 100);
  return place < std::size(kColors) ? kColors[place] : kNoColor;
}

std::string truncate_to_milliseconds(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

/// `(delay 800 ms, fault HANG)`; empty if the answer goes over the wire as usual.
std::string describe_fault(const http::Response& response) {
  std::string text;
  auto add = [&](const std::string& what) { text += (text.empty() ? "(" : ", ") + what; };
  if (response.delay.count() > 0) add("delay " + truncate_to_milliseconds(response.delay));
  if (response.fault) {
    add("fault " + std::string(base::name_of(*response.fault)));
  } else if (response.dribble) {
    add("dribble in " + std::to_string(response.dribble->chunks) + " pieces over " +
        truncate_to_milliseconds(response.dribble->over));
  }
  return text.empty() ? text : text + ")";
}

/// The column that says what decided: a scenario may hold up what a step refuses then.
void put_decided(Columns& line, const journal::Exchange& exchange) {
  constexpr size_t kWidth = 28;
  bool are_both = !exchange.scenario.empty() && !exchange.rejected_by.empty();
  line.put(exchange.scenario, exchange.scenario.empty() ? kNoColor : kMagenta);
  line.put(are_both ? " + " : "").put(exchange.rejected_by);
  if (exchange.scenario.empty() && exchange.rejected_by.empty()) line.put("-");
  line.close(kWidth);
}

void append_headers(std::string& text, std::string_view mark, const http::Headers& headers) {
  for (const http::Header& header : http::redact_headers(headers)) {
    text.append("\n").append(mark);
    append_plain(text, header.name);
    text.append(header.value.empty() ? ":" : ": ");
    append_plain(text, header.value);
  }
}

/// What of a request may be long, or a credential by mistake, as it is shown.
std::string method_of(const http::Request& request) {
  constexpr size_t kMaxShown = 40;
  std::string method = base::redact_text(request.method);
  return method.size() <= kMaxShown ? method : method.substr(0, kMaxShown) + "...";
}

std::string path_of(const journal::Exchange& exchange) { return base::redact_path(exchange.path); }

std::string text_of(const http::Request& request, const http::Response& response,
                    const journal::Exchange& exchange, bool colored) {
  constexpr size_t kMaxPath = 120;
  constexpr size_t kTimeWidth = 8;
  Columns line(colored);
  line.column(time_of_day(now()), 12, kDim);
  line.column(exchange.sandbox, 10);
  line.column(method_of(request), 7);
  std::string path = path_of(exchange);
  if (path.size() <= kMaxPath) {
    line.column(path, 26);
  } else {
    line.put(std::string_view(path).substr(0, kMaxPath - 3)).put("...").close(26);
  }
  line.column(std::to_string(response.status), 3, color_of(response.status));
  put_decided(line, exchange);

  std::string time = std::to_string(exchange.microseconds) + "us";
  if (time.size() < kTimeWidth) time.insert(0, kTimeWidth - time.size(), ' ');
  line.put(time, kDim);
  std::string wire = describe_fault(response);
  if (!exchange.reason.empty()) line.put("  ").put(exchange.reason);
  if (!wire.empty()) line.put(exchange.reason.empty() ? "  " : " ").put(wire);
  return line.take();
}

void write_headers(json::Writer& line, std::string_view name, const http::Headers& headers) {
  line.name(name).open_object();
  for (const http::Header& header : http::combine_headers(http::redact_headers(headers))) {
    line.member(header.name, plain(header.value));
  }
  line.close_object();
}

/// A member that is null if the text is empty.
void write_text(json::Writer& line, std::string_view name, std::string_view text) {
  line.member(name, text.empty() ? std::nullopt : std::optional(plain(text)));
}

std::string json_of(const http::Request& request, const http::Response& response,
                    const journal::Exchange& exchange, bool with_headers) {
  json::Writer line;
  line.open_object().member("time", timestamp(now()));
  write_text(line, "sandbox", exchange.sandbox);
  write_text(line, "method", method_of(request));
  write_text(line, "path", path_of(exchange));
  line.member("status", response.status);
  write_text(line, "rejected_by", exchange.rejected_by);
  write_text(line, "scenario", exchange.scenario);
  line.member("microseconds", exchange.microseconds);
  write_text(line, "reason", exchange.reason);
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

}  // namespace

void RequestLog::write(const http::Request& request, const http::Response& response,
                       const journal::Exchange& exchange) {
  if (level_ == Log::none) return;
  bool with_headers = level_ == Log::debug;
  if (format_ == LogFormat::json) return put(json_of(request, response, exchange, with_headers));
  std::string lines = text_of(request, response, exchange, colored_);
  if (with_headers) {
    append_headers(lines, "  > ", request.headers);
    append_headers(lines, "  < ", response.headers);
  }
  put(std::move(lines));
}

void RequestLog::warn(std::string_view text) {
  if (format_ == LogFormat::text) return put("mock-capgo: " + replace_control_characters(text));
  json::Writer line;
  line.open_object()
      .member("time", timestamp(now()))
      .member("notice", replace_control_characters(text))
      .close_object();
  put(line.take());
}

void RequestLog::put(std::string lines) {
  lines += '\n';
  base::MutexLock lock(mutex_);
  err_ << lines << std::flush;
}

}  // namespace app
