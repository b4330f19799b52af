#include "base/thread.h"

#include <doctest/doctest.h>

#include <csignal>

namespace {

/// The signals that do not reach the calling thread.
sigset_t blocked_signals() {
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  return blocked;
}

}  // namespace

TEST_CASE("a started thread receives no process signals, only its own faults") {
  sigset_t blocked;
  base::start_thread([&] { blocked = blocked_signals(); }).join();
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1}) {
    CAPTURE(signal);
    CHECK(sigismember(&blocked, signal) == 1);
  }
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    CAPTURE(fault);
    CHECK(sigismember(&blocked, fault) == 0);
  }
}

TEST_CASE("the thread that starts another still receives signals") {
  base::start_thread([] {}).join();
  sigset_t blocked = blocked_signals();
  CHECK(sigismember(&blocked, SIGTERM) == 0);
  CHECK(sigismember(&blocked, SIGCHLD) == 0);
}
