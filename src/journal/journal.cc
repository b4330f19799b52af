#include "journal/journal.h"

#include <string>

namespace journal {
namespace {

/// As much of a body as is kept.
std::string_view cut(std::string_view body) {
  if (body.size() <= kLongestBody) return body;
  constexpr int kMostContinuations = 3;
  auto continues = [&](size_t at) { return (static_cast<unsigned char>(body[at]) & 0xC0) == 0x80; };
  size_t end = kLongestBody;
  for (int i = 0; i < kMostContinuations && continues(end); ++i) --end;
  return body.substr(0, end);
}

}  // namespace

// Slots are assigned to, not made anew: what their texts and lists have room for needs no memory.
void Journal::record(const http::Request& request, const http::Response& response,
                     const Note& note) {
  ++last_id_;
  if (capacity_ == 0) {
    ++dropped_;
    return;
  }
  Entry& entry = next_slot();
  entry.id = last_id_;
  entry.at = note.at;
  entry.request.method = request.method;
  entry.request.target = request.target;
  entry.request.headers = request.headers;
  entry.request.body = cut(request.body);
  entry.path = note.path;
  entry.key_id = note.key_id;
  entry.caller_mode = note.caller_mode;
  entry.status = response.status;
  entry.response_headers = response.headers;
  // The transport sends no body to a HEAD.
  std::string_view body = request.method == "HEAD" ? std::string_view() : response.body;
  entry.response_body = cut(body);
  entry.request_body_size = request.body.size();
  entry.response_body_size = body.size();
  entry.delay = response.delay;
  entry.fault = response.fault;
  entry.refused_by = note.refused_by;
  entry.scenario = note.scenario;
  entry.microseconds = note.microseconds;
}

Entry& Journal::next_slot() {
  if (size_ < capacity_) {
    if (size_ == slots_.size()) slots_.emplace_back();
    return slots_[size_++];
  }
  Entry& slot = slots_[oldest_];
  oldest_ = (oldest_ + 1) % capacity_;
  ++dropped_;
  return slot;
}

void Journal::clear() {
  oldest_ = 0;
  size_ = 0;
  dropped_ = 0;
}

void Journal::restart() {
  clear();
  last_id_ = 0;
}

}  // namespace journal
