#include "base/thread.h"

#include <csignal>
#include <utility>

namespace base {
namespace {

/// Blocks signals for the calling thread, and for threads it starts, during its lifetime.
class SignalBlocker {
 public:
  SignalBlocker() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before_);
  }
  ~SignalBlocker() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalBlocker(const SignalBlocker&) = delete;
  SignalBlocker& operator=(const SignalBlocker&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

std::thread start_thread(std::function<void()> run) {
  SignalBlocker blocker;
  return std::thread(std::move(run));
}

}  // namespace base
