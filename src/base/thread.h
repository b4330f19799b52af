#pragma once

#include <functional>
#include <thread>

namespace base {

/// Starts a thread that runs this and gets no signals but its own faults, such as SIGSEGV: those of
/// the process are for the thread that watches them. Throws std::system_error if there can be none.
std::thread start_thread(std::function<void()> run);

}  // namespace base
