#include "journal/journal.h"

#include <cstring>
#include <utility>

#include "base/time_format.h"
#include "json/body.h"

namespace journal {
namespace {

constexpr size_t kSmallBlock = 4096;

std::string_view truncate(std::string_view body) { return json::truncate_utf8(body, kMaxBody); }

/// Appends the length of a string, then the string.
void append(std::string& strings, std::string_view value) {
  auto size = static_cast<uint32_t>(value.size());
  strings.append(reinterpret_cast<const char*>(&size), sizeof size).append(value);
}

/// Removes the next string from the front.
std::string read_next(std::string_view& strings) {
  uint32_t size = 0;
  std::memcpy(&size, strings.data(), sizeof size);
  std::string value(strings.substr(sizeof size, size));
  strings.remove_prefix(sizeof size + size);
  return value;
}

void write_headers(json::Writer& writer, const http::Headers& headers) {
  writer.name("headers").open_object();
  for (const auto& [name, value] : http::combine_headers(http::redact_headers(headers))) {
    writer.member(name, value);
  }
  writer.close_object();
}

void write_body(json::Writer& writer, const std::string& body, size_t size) {
  writer.member("body", body);
  if (size > body.size()) writer.member("body_size", static_cast<int64_t>(size));
}

}  // namespace

void write_entry(json::Writer& writer, const Entry& entry) {
  const http::Request& request = entry.request;
  const http::Response& response = entry.response;
  const Exchange& exchange = entry.exchange;
  writer.open_object();
  writer.member("id", entry.id).member("at", base::format_time_with_fraction(exchange.at));
  writer.member("method", request.method).member("path", exchange.path);
  writer.member("query", request.query());
  write_headers(writer, request.headers);
  write_body(writer, request.body, entry.request_body_size);
  writer.member("key_id", exchange.key_id).member("status", response.status);
  writer.name("response").open_object();
  write_headers(writer, response.headers);
  write_body(writer, response.body, entry.response_body_size);
  writer.close_object();
  writer.member_or_null("rejected_by", exchange.rejected_by);
  writer.member_or_null("scenario", exchange.scenario);
  writer.member("microseconds", exchange.microseconds);
  if (response.delay.count() > 0) {
    writer.member("delay_milliseconds", int64_t{response.delay.count()});
  }
  if (response.fault) writer.member("fault", base::name_of(*response.fault));
  writer.close_object();
}

void Journal::record(const http::Request& request, const http::Response& response,
                     const Exchange& exchange) {
  ++last_id_;
  bool is_full = size_ == capacity_;
  if (is_full) ++dropped_;
  if (capacity_ == 0) return;
  // The transport sends no body to a HEAD.
  std::string_view body = request.method == "HEAD" ? std::string_view() : response.body;
  size_t index = (oldest_ + size_) % capacity_;
  if (is_full) {
    oldest_ = (oldest_ + 1) % capacity_;
  } else {
    ++size_;
  }
  if (index == slots_.size()) slots_.emplace_back();
  Slot& slot = slots_[index];
  slot.id = last_id_;
  slot.at = exchange.at;
  slot.key_id = exchange.key_id;
  slot.caller_mode = exchange.caller_mode;
  slot.microseconds = exchange.microseconds;
  slot.status = response.status;
  slot.request_body_size = request.body.size();
  slot.response_body_size = body.size();
  slot.delay = response.delay;
  slot.fault = response.fault;
  const size_t memory = slot.strings.capacity();
  slot.strings.clear();
  for (std::string_view value :
       {std::string_view(request.method), std::string_view(request.target), truncate(request.body),
        truncate(body), std::string_view(exchange.sandbox), std::string_view(exchange.path),
        std::string_view(exchange.rejected_by), std::string_view(exchange.scenario),
        std::string_view(exchange.reason), request.headers.bytes(), response.headers.bytes()}) {
    append(slot.strings, value);
  }
  // Small blocks are reused as they are.
  if (slot.strings.capacity() > kSmallBlock) slot.strings.shrink_to_fit();
  count_bytes(memory, slot.strings.capacity());
  while (size_ > 1 && bytes_ > budget_->min_per_journal && budget_->used > budget_->max) {
    drop_oldest();
  }
}

void Journal::drop_oldest() {
  std::string& strings = slots_[oldest_].strings;
  const size_t memory = strings.capacity();
  std::string().swap(strings);
  count_bytes(memory, strings.capacity());
  oldest_ = (oldest_ + 1) % capacity_;
  --size_;
  ++dropped_;
}

void Journal::count_bytes(size_t before, size_t after) {
  // Unsigned numbers wrap, so that a decrease is subtracted.
  bytes_ += after - before;
  budget_->used += after - before;
}

Entry Journal::operator[](size_t index) const {
  const Slot& slot = slots_[(oldest_ + index) % slots_.size()];
  Entry entry;
  Exchange& exchange = entry.exchange;
  entry.id = slot.id;
  exchange.at = slot.at;
  exchange.key_id = slot.key_id;
  exchange.caller_mode = slot.caller_mode;
  exchange.microseconds = slot.microseconds;
  entry.response.status = slot.status;
  entry.request_body_size = slot.request_body_size;
  entry.response_body_size = slot.response_body_size;
  entry.response.delay = slot.delay;
  entry.response.fault = slot.fault;
  std::string_view strings = slot.strings;
  for (std::string* value : {&entry.request.method, &entry.request.target, &entry.request.body,
                             &entry.response.body, &exchange.sandbox, &exchange.path,
                             &exchange.rejected_by, &exchange.scenario, &exchange.reason}) {
    *value = read_next(strings);
  }
  entry.request.headers = http::Headers::from_bytes(read_next(strings));
  entry.response.headers = http::Headers::from_bytes(read_next(strings));
  return entry;
}

void Journal::clear() {
  slots_.clear();
  count_bytes(bytes_, 0);
  oldest_ = 0;
  size_ = 0;
  dropped_ = 0;
}

void Journal::restart() {
  clear();
  last_id_ = 0;
}

}  // namespace journal
