#pragma once

#include <csignal>

namespace transport {

/// How the caller of this program had set up signals.
struct InheritedSignals {
  sigset_t blocked;
  sigset_t ignored;
};

/// Read once, by the first call. That must come before the program changes any of them.
inline const InheritedSignals& inherited_signals() {
  static const InheritedSignals kInherited = [] {
    InheritedSignals read;
    pthread_sigmask(SIG_SETMASK, nullptr, &read.blocked);
    sigemptyset(&read.ignored);
    for (int signal = 1; signal < NSIG; ++signal) {
      struct sigaction action = {};
      bool is_valid = sigaction(signal, nullptr, &action) == 0;
      if (is_valid && action.sa_handler == SIG_IGN) sigaddset(&read.ignored, signal);
    }
    return read;
  }();
  return kInherited;
}

}  // namespace transport
