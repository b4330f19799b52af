#include "transport/delivery_queue.h"

#include <doctest/doctest.h>

#include <string>

using std::chrono::milliseconds;
using transport::Delivery;
using transport::DeliveryQueue;
using transport::Ending;

namespace {

Delivery at_once(const std::string& bytes, Ending ending = Ending::keep_alive) {
  return {{{milliseconds{0}, bytes}}, ending};
}

Delivery after(int wait, const std::string& bytes) { return {{{milliseconds{wait}, bytes}}, {}}; }

std::string take(DeliveryQueue& queue, uint64_t now) {
  std::string bytes;
  queue.take_due(now, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("what need not wait is taken at once, in order") {
  DeliveryQueue queue;
  CHECK(queue.empty());
  CHECK(queue.next_due() == DeliveryQueue::kNever);
  queue.push(at_once("a"), 1000);
  queue.push(at_once("b"), 1000);
  CHECK(queue.size() == 2);
  std::string bytes = "before ";
  queue.take_due(1000, bytes);
  CHECK(bytes == "before ab");
  CHECK(queue.empty());
  CHECK(queue.size() == 0);
}

TEST_CASE("a delay is never too short, though the milliseconds are rounded down") {
  DeliveryQueue queue;
  queue.push(after(50, "late"), 1000);  // It may be 1000.9 now; 1050 is too early by then.
  CHECK(queue.next_due() == 1051);
  CHECK(take(queue, 1050) == "");
  CHECK(take(queue, 1051) == "late");
  CHECK(queue.empty());
}

TEST_CASE("delays of pipelined requests count side by side, and answers keep their order") {
  DeliveryQueue queue;
  queue.push(after(50, "1"), 1000);
  queue.push(at_once("2"), 1000);
  queue.push(after(60, "3"), 1010);
  queue.push(after(50, "4"), 1010);
  CHECK(take(queue, 1050) == "");
  CHECK(take(queue, 1051) == "12");
  CHECK(queue.next_due() == 1071);
  CHECK(take(queue, 1061) == "");
  CHECK(take(queue, 1071) == "34");
}

TEST_CASE("pieces count from when the first was taken, and do not drift when one is late") {
  DeliveryQueue queue;
  queue.push({{{milliseconds{10}, "head "},
               {milliseconds{20}, "a"},
               {milliseconds{20}, "b"},
               {milliseconds{20}, "c"}},
              {}},
             1000);
  CHECK(queue.size() == 8);
  CHECK(take(queue, 1500) == "head ");
  CHECK(queue.next_due() == 1521);
  CHECK(take(queue, 1538) == "a");
  CHECK(queue.next_due() == 1541);
  CHECK(take(queue, 1561) == "bc");
  CHECK(queue.empty());
  CHECK(queue.size() == 0);
}

TEST_CASE("the ending is that of the last answer taken whole") {
  DeliveryQueue queue;
  CHECK(queue.ending() == Ending::keep_alive);
  queue.push(after(10, "late"), 1000);
  queue.push(at_once("", Ending::hang), 1000);
  take(queue, 1005);
  CHECK(queue.ending() == Ending::keep_alive);
  CHECK(take(queue, 1011) == "late");
  CHECK(queue.ending() == Ending::hang);
  CHECK(queue.empty());
}
