#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "transport/event_loop.h"

using transport::ChildExit;
using transport::EventLoop;

namespace {

/// Runs a command and waits for its end.
ChildExit run(const std::vector<std::string>& command, const transport::Environment& extra = {}) {
  EventLoop loop;
  ChildExit result;
  loop.spawn(command, extra, [&](ChildExit exit) {
    result = exit;
    loop.stop();
  });
  loop.run();
  return result;
}

ChildExit run_script(const std::string& script, const transport::Environment& extra = {}) {
  return run({"sh", "-c", script}, extra);
}

bool equal(ChildExit a, ChildExit b) { return a.code == b.code && a.signal == b.signal; }

/// Runs a loop until the input at `fd` ends, and returns how often the end was reported.
/// `meanwhile` runs in another thread.
int count_ends(
    int fd, const std::function<void()>& meanwhile = [] {}) {
  EventLoop loop;
  int ends = 0;
  loop.on_end_of_input(fd, [&] {
    ++ends;
    loop.stop();
  });
  std::thread other(meanwhile);
  loop.run();
  other.join();
  return ends;
}

}  // namespace

TEST_CASE("a watched signal calls back each time, and is ignored after run") {
  int count = 0;
  {
    EventLoop loop;
    loop.on_signal(SIGUSR1, [&] {
      if (++count == 2) return loop.stop();
      raise(SIGUSR1);
    });
    raise(SIGUSR1);
    loop.run();
    CHECK(count == 2);
    raise(SIGUSR1);  // By default it would end the process.
  }
  CHECK(raise(SIGUSR1) == 0);
  CHECK(count == 2);
}

TEST_CASE("writing to a closed pipe is an error, not a signal") {
  EventLoop loop;
  std::array<int, 2> ends;
  REQUIRE(pipe(ends.data()) == 0);
  close(ends[0]);
  CHECK(write(ends[1], "x", 1) == -1);
  close(ends[1]);
}

TEST_CASE("the end of a pipe is reported after its input") {
  std::array<int, 2> ends;
  REQUIRE(pipe(ends.data()) == 0);
  std::string input(1 << 20, 'x');
  ssize_t written = 0;
  CHECK(count_ends(ends[0], [&] {
          while (written < 1 << 20) written += write(ends[1], input.data(), input.size());
          close(ends[1]);
        }) == 1);
  CHECK(written == 1 << 20);
  CHECK(fcntl(ends[0], F_GETFD) != -1);
  close(ends[0]);
}

TEST_CASE("the end of a socket is reported") {
  std::array<int, 2> ends;
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  CHECK(count_ends(ends[0], [&] {
          CHECK(write(ends[1], "x", 1) == 1);
          close(ends[1]);
        }) == 1);
  close(ends[0]);
}

TEST_CASE("the end of a terminal is reported when it hangs up") {
  int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(grantpt(terminal) == 0);
  REQUIRE(unlockpt(terminal) == 0);
  int shell_side = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  REQUIRE(isatty(shell_side));
  CHECK(count_ends(shell_side, [&] {
          CHECK(write(terminal, "typed\n", 6) == 6);
          close(terminal);
        }) == 1);
  close(shell_side);
}

TEST_CASE("files, /dev/null, and inputs that cannot be read count as ended") {
  FILE* file = std::tmpfile();
  REQUIRE(file);
  REQUIRE(std::fputs("unread", file) >= 0);
  std::rewind(file);
  CHECK(count_ends(fileno(file)) == 1);
  std::fclose(file);

  int null = open("/dev/null", O_RDONLY);
  CHECK(count_ends(null) == 1);
  close(null);
  CHECK(count_ends(null) == 1);
  int write_only = open("/dev/null", O_WRONLY);
  CHECK(count_ends(write_only) == 1);
  close(write_only);
  std::array<int, 2> ends;
  REQUIRE(pipe(ends.data()) == 0);
  CHECK(count_ends(ends[1]) == 1);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("after a stop, a watched input is unchanged") {
  std::array<int, 2> ends;
  REQUIRE(pipe(ends.data()) == 0);
  int flags = fcntl(ends[0], F_GETFL);
  {
    EventLoop loop;
    loop.on_end_of_input(ends[0], [] { FAIL("the input has not ended"); });
    loop.stop();
    loop.run();
  }
  CHECK(write(ends[1], "x", 1) == 1);
  CHECK(fcntl(ends[0], F_GETFL) == flags);
  char byte = 0;
  CHECK(read(ends[0], &byte, 1) == 1);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("a child's exit code or signal is reported") {
  CHECK(equal(run({"true"}), {0, 0}));
  CHECK(equal(run_script("exit 7"), {7, 0}));
  CHECK(equal(run_script("kill -TERM $$; exit 1"), {0, SIGTERM}));
  CHECK(equal(run_script("kill -PIPE $$; exit 1"), {0, SIGPIPE}));
}

TEST_CASE("a child gets its arguments unchanged, and the environment with replacements") {
  setenv("MOCK_CAPGO_TEST_KEPT", "kept", 1);
  setenv("MOCK_CAPGO_TEST_REPLACED", "old", 1);
  transport::Environment extra = {{"MOCK_CAPGO_TEST_REPLACED", "new"},
                                  {"MOCK_CAPGO_TEST_ADDED", "a b=c"}};
  CHECK(equal(run_script("test \"$MOCK_CAPGO_TEST_KEPT/$MOCK_CAPGO_TEST_REPLACED/"
                         "$MOCK_CAPGO_TEST_ADDED\" = 'kept/new/a b=c'",
                         extra),
              {0, 0}));
  CHECK(equal(
      run({"sh", "-c", "test $# = 2 -a \"$1\" = 'a b' -a \"$2\" = '$HOME'", "sh", "a b", "$HOME"}),
      {0, 0}));
}

TEST_CASE("signals are forwarded to children that run, and ignored without any") {
  EventLoop loop;
  loop.forward_signal(SIGUSR1);
  raise(SIGUSR1);
  ChildExit result;
  int pid = loop.spawn({"sleep", "600"}, {}, [&](ChildExit exit) {
    result = exit;
    raise(SIGUSR1);
    loop.stop();
  });
  CHECK(kill(pid, 0) == 0);
  raise(SIGUSR1);
  loop.run();
  CHECK(equal(result, {0, SIGUSR1}));
}

TEST_CASE("starting an invalid command fails with an explanation") {
  EventLoop loop;
  auto error_of = [&](const std::vector<std::string>& command) -> std::string {
    try {
      loop.spawn(command, {}, [](ChildExit) { FAIL("nothing was started"); });
    } catch (const transport::SpawnError& error) {
      return error.what();
    }
    return "started";
  };
  CHECK(error_of({"mock-capgo-no-such-command"}) ==
        "cannot start \"mock-capgo-no-such-command\": no such file or directory; check its name "
        "and PATH");
  CHECK(error_of({"/etc/passwd"}) ==
        "cannot start \"/etc/passwd\": permission denied; make it executable");
  CHECK(error_of({}) == "cannot start: the command is missing");
  loop.stop();
  loop.run();
}
