#pragma once

#include <uv.h>

#include <cstdint>
#include <deque>
#include <functional>

namespace transport {

class Connection;

/// Shares the time of one loop among its connections, so that its signals, timers and sockets are
/// looked at often, however much there is to answer. Who has more to do than fits waits in line.
///
/// Everything happens on the loop's thread. The object must live until its handles are closed.
class Turns {
 public:
  /// `give` lets a connection go on, when its turn has come. It may wait again at once.
  Turns(uv_loop_t* loop, std::function<void(Connection*)> give);

  /// Whether one that does not wait may go on: the time is not up, and nobody was there before.
  bool is_free() const { return waiting_.empty() && !is_over(); }

  /// Whether the loop's round, or the turn that is being given, has taken long enough.
  bool is_over() const;

  /// Has `connection` given a turn in a later round of the loop. It must not be waiting already.
  void wait(Connection* connection);

  /// Takes `connection` out of the line, if it is there.
  void forget(Connection* connection);

  /// Closes the handles. Nobody waits after that.
  void close();

 private:
  void give_turns();

  uv_loop_t* loop_;
  std::function<void(Connection*)> give_;
  std::deque<Connection*> waiting_;
  /// When giving turns began last.
  uint64_t begun_at_ = 0;
  /// Runs once in each round of the loop, after the sockets; the other keeps the rounds coming.
  uv_check_t each_round_;
  uv_idle_t no_pause_;
};

}  // namespace transport
