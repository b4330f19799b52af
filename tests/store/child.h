#pragma once

#include <doctest/doctest.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

namespace store_tests {

/// Starts a child process that exits with the code that `body` returns, or 99 if it throws. It runs
/// no destructors.
template <typename Body>
pid_t start_child(Body body) {
  const pid_t child = fork();
  if (child != 0) return child;
  int code = 99;
  try {
    code = body();
  } catch (...) {
    code = 99;
  }
  _exit(code);
}

/// Waits for the child to end. Returns its exit code, or minus the signal that ended it.
inline int wait_for(pid_t child) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

template <typename Body>
int run_in_child(Body body) {
  return wait_for(start_child(body));
}

/// Sends lines from one process to another. Each process must close the end that it does not use.
class Pipe {
 public:
  Pipe() { REQUIRE(pipe(ends_.data()) == 0); }
  ~Pipe() {
    close_reading();
    close_writing();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void close_reading() { close_end(ends_[0]); }
  void close_writing() { close_end(ends_[1]); }

  /// Writes a line of less than 512 bytes, as a whole or not at all.
  void write_line(const std::string& line) const {
    const std::string text = line + '\n';
    if (write(ends_[1], text.data(), text.size()) < 0) _exit(98);
  }

  /// Returns the next line; nothing once all writers are closed.
  std::optional<std::string> read_line() const {
    std::string line;
    char next = 0;
    while (read(ends_[0], &next, 1) == 1) {
      if (next == '\n') return line;
      line += next;
    }
    return std::nullopt;
  }

 private:
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

}  // namespace store_tests
