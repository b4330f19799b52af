#include "transport/delivery.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using http::Fault;
using std::chrono::milliseconds;
using transport::Delivery;
using transport::Ending;
using transport::plan_delivery;

namespace {

const std::string kHead = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";

/// Waits in milliseconds and bytes of each piece.
using Plan = std::vector<std::pair<int64_t, std::string>>;

Plan plan(const Delivery& delivery) {
  Plan result;
  for (const transport::Piece& piece : delivery.pieces) {
    result.emplace_back(piece.wait.count(), piece.bytes);
  }
  return result;
}

http::Response late() {
  http::Response response;
  response.delay = milliseconds{30};
  return response;
}

http::Response dribbled(int chunks, int over) {
  http::Response response;
  response.dribble = http::Dribble{chunks, milliseconds{over}};
  return response;
}

}  // namespace

TEST_CASE("an answer without misbehaviour is one piece, at once") {
  Delivery delivery = plan_delivery({}, kHead + "body", true);
  CHECK(plan(delivery) == Plan{{0, kHead + "body"}});
  CHECK(delivery.ending == Ending::keep_alive);
  CHECK(plan_delivery({}, kHead, false).ending == Ending::close);
}

TEST_CASE("a delay comes before every byte, and leaves the connection open") {
  Delivery delivery = plan_delivery(late(), kHead + "body", true);
  CHECK(plan(delivery) == Plan{{30, kHead + "body"}});
  CHECK(delivery.ending == Ending::keep_alive);
}

TEST_CASE("a dribbled body comes in even pieces, the last after the whole time") {
  CHECK(plan(plan_delivery(dribbled(5, 100), kHead + "0123456789", true)) ==
        Plan{{0, kHead}, {20, "01"}, {20, "23"}, {20, "45"}, {20, "67"}, {20, "89"}});
  CHECK(plan(plan_delivery(dribbled(3, 100), kHead + "abcd", true)) ==
        Plan{{0, kHead}, {33, "a"}, {33, "b"}, {34, "cd"}});
  CHECK(plan(plan_delivery(dribbled(1, 50), kHead + "abcd", true)) ==
        Plan{{0, kHead}, {50, "abcd"}});
}

TEST_CASE("a body is dribbled in no more pieces than it has bytes, and no body not at all") {
  CHECK(plan(plan_delivery(dribbled(10, 100), kHead + "ab", true)) ==
        Plan{{0, kHead}, {50, "a"}, {50, "b"}});
  CHECK(plan(plan_delivery(dribbled(10, 100), kHead, true)) == Plan{{0, kHead}});
}

TEST_CASE("a dribble after a delay") {
  http::Response response = dribbled(2, 10);
  response.delay = milliseconds{30};
  Delivery delivery = plan_delivery(response, kHead + "ab", false);
  CHECK(plan(delivery) == Plan{{30, kHead}, {5, "a"}, {5, "b"}});
  CHECK(delivery.ending == Ending::close);
}

TEST_CASE("faults without an answer send nothing, after the delay, and end as they are called") {
  const std::vector<std::pair<Fault, Ending>> faults = {
      {Fault::connection_reset_by_peer, Ending::reset},
      {Fault::empty_response, Ending::close},
      {Fault::hang, Ending::hang}};
  for (const auto& [fault, ending] : faults) {
    http::Response response = late();
    response.fault = fault;
    response.dribble = http::Dribble{2, milliseconds{10}};
    Delivery delivery = plan_delivery(response, kHead + "body", true);
    CHECK(plan(delivery) == Plan{{30, ""}});
    CHECK(delivery.ending == ending);
  }
}

TEST_CASE("random data is no HTTP, and the same each time") {
  http::Response response;
  response.fault = Fault::random_data_then_close;
  Delivery delivery = plan_delivery(response, kHead + "body", true);
  REQUIRE(delivery.pieces.size() == 1);
  const std::string& bytes = delivery.pieces[0].bytes;
  CHECK(bytes.size() >= 16);
  CHECK(bytes.find("HTTP") == std::string::npos);
  CHECK(delivery.ending == Ending::close);
  CHECK(plan_delivery(response, "", false).pieces[0].bytes == bytes);
}

TEST_CASE("a malformed chunk is the head and what is no chunk") {
  http::Response response;
  response.fault = Fault::malformed_response_chunk;
  Delivery delivery = plan_delivery(response, kHead, true);
  REQUIRE(delivery.pieces.size() == 1);
  const std::string& bytes = delivery.pieces[0].bytes;
  REQUIRE(bytes.starts_with(kHead));
  std::string chunk = bytes.substr(kHead.size());
  REQUIRE_FALSE(chunk.empty());
  CHECK(chunk.find_first_of("0123456789abcdefABCDEF\r\n") != 0);
  CHECK(delivery.ending == Ending::close);
}
