#include "transport/send_plan.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using http::Fault;
using std::chrono::milliseconds;
using transport::AfterSend;
using transport::plan_send;
using transport::SendPlan;
using transport::SendQueue;

namespace {

const std::string kHead = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";

/// The wait in milliseconds and the bytes of each chunk.
using Chunks = std::vector<std::pair<int64_t, std::string>>;

Chunks chunks(const SendPlan& plan) {
  Chunks result;
  for (const transport::Chunk& chunk : plan.chunks) {
    result.emplace_back(chunk.wait.count(), chunk.bytes);
  }
  return result;
}

http::Response delayed(int delay) {
  http::Response response;
  response.delay = milliseconds{delay};
  return response;
}

http::Response dribbled(int count, int over) {
  http::Response response;
  response.dribble = http::Dribble{count, milliseconds{over}};
  return response;
}

/// The bytes sent for a fault in one chunk, before a clean close.
std::string sent_for(Fault fault, const std::string& bytes) {
  http::Response response;
  response.fault = fault;
  SendPlan plan = plan_send(response, bytes, true);
  REQUIRE(plan.chunks.size() == 1);
  CHECK(plan.after == AfterSend::close);
  return plan.chunks[0].bytes;
}

SendPlan after(int wait, const std::string& bytes, AfterSend then = AfterSend::keep_alive) {
  return {{{milliseconds{wait}, bytes}}, then};
}

std::string take_due(SendQueue& queue, uint64_t now) {
  std::string bytes;
  queue.take_due(now, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("a response is one chunk after its delay, and the connection is kept open on request") {
  CHECK(chunks(plan_send({}, kHead + "body", true)) == Chunks{{0, kHead + "body"}});
  SendPlan plan = plan_send(delayed(30), kHead + "body", true);
  CHECK(chunks(plan) == Chunks{{30, kHead + "body"}});
  CHECK(plan.after == AfterSend::keep_alive);
  CHECK(plan_send({}, kHead, false).after == AfterSend::close);
}

TEST_CASE("a dribbled body is split into even chunks, the last one at the end of the time") {
  CHECK(chunks(plan_send(dribbled(5, 100), kHead + "0123456789", true)) ==
        Chunks{{0, kHead}, {20, "01"}, {20, "23"}, {20, "45"}, {20, "67"}, {20, "89"}});
  CHECK(chunks(plan_send(dribbled(3, 100), kHead + "abcd", true)) ==
        Chunks{{0, kHead}, {33, "a"}, {33, "b"}, {34, "cd"}});
  CHECK(chunks(plan_send(dribbled(1, 50), kHead + "abcd", true)) ==
        Chunks{{0, kHead}, {50, "abcd"}});
}

TEST_CASE("a body is dribbled in at most as many chunks as it has bytes") {
  CHECK(chunks(plan_send(dribbled(10, 100), kHead + "ab", true)) ==
        Chunks{{0, kHead}, {50, "a"}, {50, "b"}});
  CHECK(chunks(plan_send(dribbled(10, 100), kHead, true)) == Chunks{{0, kHead}});
}

TEST_CASE("a dribble starts after the delay") {
  http::Response response = dribbled(2, 10);
  response.delay = milliseconds{30};
  SendPlan plan = plan_send(response, kHead + "ab", false);
  CHECK(chunks(plan) == Chunks{{30, kHead}, {5, "a"}, {5, "b"}});
  CHECK(plan.after == AfterSend::close);
}

TEST_CASE("faults without a response send nothing, and end the connection after the delay") {
  const std::vector<std::pair<Fault, AfterSend>> faults = {
      {Fault::connection_reset_by_peer, AfterSend::reset},
      {Fault::empty_response, AfterSend::close},
      {Fault::hang, AfterSend::hang}};
  for (const auto& [fault, then] : faults) {
    http::Response response = delayed(30);
    response.fault = fault;
    response.dribble = http::Dribble{2, milliseconds{10}};
    SendPlan plan = plan_send(response, kHead + "body", true);
    CHECK(chunks(plan) == Chunks{{30, ""}});
    CHECK(plan.after == then);
  }
}

TEST_CASE("random data is not HTTP, and is always the same") {
  std::string bytes = sent_for(Fault::random_data_then_close, kHead + "body");
  CHECK(bytes.size() >= 16);
  CHECK(bytes.find("HTTP") == std::string::npos);
  CHECK(sent_for(Fault::random_data_then_close, "") == bytes);
}

TEST_CASE("a malformed chunk follows the head, and has no chunk size") {
  std::string bytes = sent_for(Fault::malformed_response_chunk, kHead);
  REQUIRE(bytes.starts_with(kHead));
  REQUIRE(bytes.size() > kHead.size());
  CHECK(bytes.find_first_of("0123456789abcdefABCDEF\r\n", kHead.size()) != kHead.size());
}

TEST_CASE("responses without a delay are due immediately, in order") {
  SendQueue queue;
  CHECK(queue.empty());
  queue.push(after(0, "a"), 1000);
  queue.push(after(0, "b"), 1000);
  CHECK(queue.size() == 2);
  std::string bytes = "before ";
  queue.take_due(1000, bytes);
  CHECK(bytes == "before ab");
  CHECK(queue.empty());
  CHECK(queue.size() == 0);
}

TEST_CASE("a delay is never too short, although milliseconds are rounded down") {
  SendQueue queue;
  queue.push(after(50, "late"), 1000);  // The push may have been at 1000.9.
  CHECK(queue.next_due() == 1051);
  CHECK(take_due(queue, 1050) == "");
  CHECK(take_due(queue, 1051) == "late");
}

TEST_CASE("delays of pipelined requests run at the same time, and the order is kept") {
  SendQueue queue;
  queue.push(after(50, "1"), 1000);
  queue.push(after(0, "2"), 1000);
  queue.push(after(60, "3"), 1010);
  queue.push(after(50, "4"), 1010);
  CHECK(take_due(queue, 1050) == "");
  CHECK(take_due(queue, 1051) == "12");
  CHECK(queue.next_due() == 1071);
  CHECK(take_due(queue, 1061) == "");
  CHECK(take_due(queue, 1071) == "34");
}

TEST_CASE("chunks are timed from the first one, and do not drift if one is late") {
  SendQueue queue;
  queue.push({{{milliseconds{10}, "head "},
               {milliseconds{20}, "a"},
               {milliseconds{20}, "b"},
               {milliseconds{20}, "c"}},
              {}},
             1000);
  CHECK(queue.size() == 8);
  CHECK(take_due(queue, 1500) == "head ");
  CHECK(queue.next_due() == 1521);
  CHECK(take_due(queue, 1538) == "a");
  CHECK(queue.next_due() == 1541);
  CHECK(take_due(queue, 1561) == "bc");
  CHECK(queue.empty());
}

TEST_CASE("the last response that was removed completely decides what happens to the connection") {
  SendQueue queue;
  CHECK(queue.after() == AfterSend::keep_alive);
  queue.push(after(10, "late"), 1000);
  queue.push(after(0, "", AfterSend::hang), 1000);
  take_due(queue, 1005);
  CHECK(queue.after() == AfterSend::keep_alive);
  CHECK(take_due(queue, 1011) == "late");
  CHECK(queue.after() == AfterSend::hang);
  CHECK(queue.empty());
}
