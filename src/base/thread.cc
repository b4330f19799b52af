#include "base/thread.h"

#include <csignal>
#include <utility>

namespace base {
namespace {

/// Blocks signals for the calling thread, and so for threads it starts, during its lifetime.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t kept_off;
    sigfillset(&kept_off);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&kept_off, fault);
    pthread_sigmask(SIG_SETMASK, &kept_off, &before_);
  }
  ~WithoutSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

std::thread start_thread(std::function<void()> run) {
  WithoutSignals around;
  return std::thread(std::move(run));
}

}  // namespace base
