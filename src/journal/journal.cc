#include "journal/journal.h"

#include <array>
#include <cstring>
#include <string>
#include <utility>

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

/// Appends a text, its length before it.
void put(std::string& texts, std::string_view text) {
  auto size = static_cast<uint32_t>(text.size());
  std::array<char, sizeof size> bytes{};
  std::memcpy(bytes.data(), &size, sizeof size);
  texts.append(bytes.data(), bytes.size()).append(text);
}

void put(std::string& texts, const http::Headers& headers) {
  for (const http::Header& line : headers) {
    put(texts, line.name);
    put(texts, line.value);
  }
  put(texts, "");  // No header is called so.
}

/// Takes off the text that comes next.
std::string take(std::string_view& texts) {
  uint32_t size = 0;
  std::memcpy(&size, texts.data(), sizeof size);
  std::string text(texts.substr(sizeof size, size));
  texts.remove_prefix(sizeof size + size);
  return text;
}

http::Headers take_headers(std::string_view& texts) {
  http::Headers headers;
  for (std::string name = take(texts); !name.empty(); name = take(texts)) {
    headers.add(std::move(name), take(texts));
  }
  return headers;
}

}  // namespace

void Journal::record(const http::Request& request, const http::Response& response,
                     const Note& note) {
  ++last_id_;
  if (capacity_ == 0) {
    ++dropped_;
    return;
  }
  // The transport sends no body to a HEAD.
  std::string_view body = request.method == "HEAD" ? std::string_view() : response.body;
  Slot& slot = next_slot();
  slot.id = last_id_;
  slot.at = note.at;
  slot.key_id = note.key_id;
  slot.caller_mode = note.caller_mode;
  slot.microseconds = note.microseconds;
  slot.status = response.status;
  slot.request_body_size = request.body.size();
  slot.response_body_size = body.size();
  slot.delay = response.delay;
  slot.fault = response.fault;
  slot.texts.clear();
  for (std::string_view text :
       {std::string_view(request.method), std::string_view(request.target), cut(request.body),
        cut(body), note.path, note.refused_by, note.scenario}) {
    put(slot.texts, text);
  }
  put(slot.texts, request.headers);
  put(slot.texts, response.headers);
}

Entry Journal::operator[](size_t index) const {
  const Slot& slot = slots_[(oldest_ + index) % slots_.size()];
  Entry entry;
  entry.id = slot.id;
  entry.at = slot.at;
  entry.key_id = slot.key_id;
  entry.caller_mode = slot.caller_mode;
  entry.microseconds = slot.microseconds;
  entry.status = slot.status;
  entry.request_body_size = slot.request_body_size;
  entry.response_body_size = slot.response_body_size;
  entry.delay = slot.delay;
  entry.fault = slot.fault;
  std::string_view texts = slot.texts;
  for (std::string* text :
       {&entry.request.method, &entry.request.target, &entry.request.body, &entry.response_body,
        &entry.path, &entry.refused_by, &entry.scenario}) {
    *text = take(texts);
  }
  entry.request.headers = take_headers(texts);
  entry.response_headers = take_headers(texts);
  return entry;
}

Journal::Slot& Journal::next_slot() {
  if (size_ < capacity_) {
    if (size_ == slots_.size()) slots_.emplace_back();
    return slots_[size_++];
  }
  Slot& slot = slots_[oldest_];
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
