#include "transport/delivery.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace transport {
namespace {

using std::chrono::milliseconds;

/// Neither the size of a chunk nor the beginning of an answer.
constexpr std::string_view kNoHttp =
    "\x7f*}\x02~[garbage from mock-capgo]~\xfe|\x1b#\x80<>\xff\x03";

Delivery deliver_fault(http::Fault fault, milliseconds delay, std::string bytes) {
  switch (fault) {
    case http::Fault::connection_reset_by_peer:
      return {{{delay, ""}}, Ending::reset};
    case http::Fault::empty_response:
      return {{{delay, ""}}, Ending::close};
    case http::Fault::malformed_response_chunk:
      return {{{delay, std::move(bytes.append(kNoHttp))}}, Ending::close};
    case http::Fault::random_data_then_close:
      return {{{delay, std::string(kNoHttp)}}, Ending::close};
    case http::Fault::hang:
      return {{{delay, ""}}, Ending::hang};
  }
  return {};
}

/// The head at once, the body in even pieces over the time.
std::vector<Piece> dribble(const http::Dribble& how, milliseconds delay, std::string_view bytes) {
  constexpr std::string_view kEndOfHead = "\r\n\r\n";
  size_t head = bytes.find(kEndOfHead) + kEndOfHead.size();
  std::vector<Piece> pieces = {{delay, std::string(bytes.substr(0, head))}};
  std::string_view body = bytes.substr(head);
  size_t count = std::min(static_cast<size_t>(how.chunks), body.size());
  for (size_t i = 0; i < count; ++i) {
    auto until = [&](size_t piece, size_t whole) { return whole * piece / count; };
    auto time = static_cast<size_t>(how.over.count());
    size_t begin = until(i, body.size());
    size_t end = until(i + 1, body.size());
    pieces.push_back({milliseconds(until(i + 1, time) - until(i, time)),
                      std::string(body.substr(begin, end - begin))});
  }
  return pieces;
}

}  // namespace

Delivery plan_delivery(const http::Response& response, std::string bytes, bool keep_alive) {
  if (response.fault) return deliver_fault(*response.fault, response.delay, std::move(bytes));
  Delivery delivery;
  delivery.ending = keep_alive ? Ending::keep_alive : Ending::close;
  if (response.dribble) {
    delivery.pieces = dribble(*response.dribble, response.delay, bytes);
  } else {
    delivery.pieces.push_back({response.delay, std::move(bytes)});
  }
  return delivery;
}

}  // namespace transport
