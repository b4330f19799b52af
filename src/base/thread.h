#pragma once

#include <functional>
#include <thread>

namespace base {

/// Starts a thread that runs this. It receives no signals except its own faults, such as SIGSEGV;
/// other threads handle those of the process. Throws std::system_error if it cannot be started.
std::thread start_thread(std::function<void()> run);

}  // namespace base
