#include "transport/send_plan.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace transport {
namespace {

using std::chrono::milliseconds;

/// Not valid as a chunk size or as the start of a response.
constexpr std::string_view kGarbage =
    "\x7f*}\x02~[garbage from mock-capgo]~\xfe|\x1b#\x80<>\xff\x03";

SendPlan plan_fault(http::Fault fault, milliseconds delay, std::string bytes) {
  switch (fault) {
    case http::Fault::connection_reset_by_peer:
      return {{{delay, ""}}, AfterSend::reset};
    case http::Fault::empty_response:
      return {{{delay, ""}}, AfterSend::close};
    case http::Fault::malformed_response_chunk:
      return {{{delay, std::move(bytes.append(kGarbage))}}, AfterSend::close};
    case http::Fault::random_data_then_close:
      return {{{delay, std::string(kGarbage)}}, AfterSend::close};
    case http::Fault::hang:
      return {{{delay, ""}}, AfterSend::hang};
  }
  return {};
}

/// The head first, then the body in even chunks, spread over `how.over`.
std::vector<Chunk> dribble(const http::Dribble& how, milliseconds delay, std::string_view bytes) {
  constexpr std::string_view kEndOfHead = "\r\n\r\n";
  size_t head = bytes.find(kEndOfHead) + kEndOfHead.size();
  std::vector<Chunk> chunks = {{delay, std::string(bytes.substr(0, head))}};
  std::string_view body = bytes.substr(head);
  auto time = static_cast<size_t>(how.over.count());
  size_t count = std::min(static_cast<size_t>(how.chunks), body.size());
  for (size_t i = 0; i < count; ++i) {
    auto share = [&](size_t whole, size_t chunk) { return whole * chunk / count; };
    size_t begin = share(body.size(), i);
    chunks.push_back({milliseconds(share(time, i + 1) - share(time, i)),
                      std::string(body.substr(begin, share(body.size(), i + 1) - begin))});
  }
  return chunks;
}

}  // namespace

SendPlan plan_send(const http::Response& response, std::string bytes, bool keep_alive) {
  if (response.fault) return plan_fault(*response.fault, response.delay, std::move(bytes));
  SendPlan plan;
  plan.after = keep_alive ? AfterSend::keep_alive : AfterSend::close;
  if (response.dribble) {
    plan.chunks = dribble(*response.dribble, response.delay, bytes);
  } else {
    plan.chunks.push_back({response.delay, std::move(bytes)});
  }
  return plan;
}

void SendQueue::push(SendPlan plan, uint64_t now) {
  for (const Chunk& chunk : plan.chunks) size_ += chunk.bytes.size();
  auto wait = static_cast<uint64_t>(plan.chunks.front().wait.count());
  // This millisecond may be almost over, so one is added.
  uint64_t due = wait == 0 ? now : now + wait + 1;
  waiting_.push_back({std::move(plan), 0, due});
}

void SendQueue::take_due(uint64_t now, std::string& bytes) {
  while (!waiting_.empty() && waiting_.front().due <= now) {
    Waiting& front = waiting_.front();
    std::vector<Chunk>& chunks = front.plan.chunks;
    std::string& chunk = chunks[front.next].bytes;
    size_ -= chunk.size();
    if (bytes.empty()) {
      bytes = std::move(chunk);
    } else {
      bytes += chunk;
    }
    if (front.next == 0) front.due = now + 1;  // The other chunks are timed from here.
    if (++front.next < chunks.size()) {
      front.due += static_cast<uint64_t>(chunks[front.next].wait.count());
    } else {
      after_ = front.plan.after;
      waiting_.pop_front();
    }
  }
}

}  // namespace transport
