#include "transport/turns.h"

#include <algorithm>
#include <utility>

#include "transport/alarm.h"

namespace transport {
namespace {

/// In milliseconds. A round takes no longer than this for sockets, this for those who wait, and
/// one request.
constexpr uint64_t kLongestTurn = 20;

}  // namespace

Turns::Turns(uv_loop_t* loop, std::function<void(Connection*)> give)
    : loop_(loop), give_(std::move(give)) {
  uv_check_init(loop, &each_round_);
  uv_idle_init(loop, &no_pause_);
  each_round_.data = this;
}

bool Turns::is_over() const { return now() >= std::max(uv_now(loop_), begun_at_) + kLongestTurn; }

void Turns::wait(Connection* connection) {
  waiting_.push_back(connection);
  if (waiting_.size() > 1) return;
  uv_check_start(&each_round_,
                 [](uv_check_t* check) { static_cast<Turns*>(check->data)->give_turns(); });
  uv_idle_start(&no_pause_, [](uv_idle_t*) {});
}

void Turns::forget(Connection* connection) { std::erase(waiting_, connection); }

void Turns::close() {
  uv_close(reinterpret_cast<uv_handle_t*>(&each_round_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&no_pause_), nullptr);
}

void Turns::give_turns() {
  begun_at_ = now();
  for (size_t left = waiting_.size(); left > 0 && !waiting_.empty(); --left) {
    Connection* next = waiting_.front();
    waiting_.pop_front();
    give_(next);
    if (is_over()) break;
  }
  if (!waiting_.empty()) return;
  uv_check_stop(&each_round_);
  uv_idle_stop(&no_pause_);
}

}  // namespace transport
