#include "transport/delivery_queue.h"

#include <utility>

namespace transport {
namespace {

uint64_t later(uint64_t time, std::chrono::milliseconds wait) {
  return time + static_cast<uint64_t>(wait.count());
}

/// Counts from the end of this millisecond, which may be almost over.
uint64_t at_least(uint64_t now, std::chrono::milliseconds wait) {
  return wait.count() == 0 ? now : later(now, wait) + 1;
}

}  // namespace

void DeliveryQueue::push(Delivery delivery, uint64_t now) {
  for (const Piece& piece : delivery.pieces) size_ += piece.bytes.size();
  uint64_t due = at_least(now, delivery.pieces.front().wait);
  waiting_.push_back({std::move(delivery), 0, due});
}

void DeliveryQueue::take_due(uint64_t now, std::string& bytes) {
  while (!waiting_.empty() && waiting_.front().due <= now) {
    Waiting& front = waiting_.front();
    std::vector<Piece>& pieces = front.delivery.pieces;
    std::string& piece = pieces[front.next].bytes;
    size_ -= piece.size();
    if (bytes.empty()) {
      bytes = std::move(piece);
    } else {
      bytes += piece;
    }
    if (front.next == 0) front.due = now + 1;  // The others count from here.
    if (++front.next < pieces.size()) {
      front.due = later(front.due, pieces[front.next].wait);
    } else {
      ending_ = front.delivery.ending;
      waiting_.pop_front();
    }
  }
}

}  // namespace transport
