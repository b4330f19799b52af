#include "base/thread.h"

#include <csignal>
#include <memory>
#include <utility>

namespace base {

std::thread start_thread(std::function<void()> run) {
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&blocked, fault);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);  // The new thread inherits this.
  auto restore = [](sigset_t* mask) { pthread_sigmask(SIG_SETMASK, mask, nullptr); };
  std::unique_ptr<sigset_t, decltype(restore)> restorer(&before, restore);
  return std::thread(std::move(run));
}

}  // namespace base
