#include "app/nonblocking_buffer.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

using app::NonBlockingBuffer;

namespace {

/// A pipe, or a pair of sockets as Node uses for its children.
class Channel {
 public:
  explicit Channel(bool sockets) {
    REQUIRE((sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) : pipe(ends_.data())) ==
            0);
    if (sockets) std::swap(ends_[0], ends_[1]);
  }
  ~Channel() {
    close(ends_[0]);
    close_writer();
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int writer() const { return ends_[1]; }

  void close_writer() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

  /// Waits until there is something to read, and returns it.
  std::string read_some() {
    std::array<char, 4096> buffer{};
    pollfd input{ends_[0], POLLIN, 0};
    REQUIRE(poll(&input, 1, 20'000) > 0);
    ssize_t count = read(ends_[0], buffer.data(), buffer.size());
    REQUIRE(count > 0);
    return {buffer.data(), static_cast<size_t>(count)};
  }

  /// What can be read now.
  std::string read_now() {
    pollfd input{ends_[0], POLLIN, 0};
    return poll(&input, 1, 0) > 0 ? read_some() : "";
  }

 private:
  std::array<int, 2> ends_{};
};

std::string line(int number) {
  std::string text = std::to_string(number);
  return text + std::string(99 - text.size(), '.') + "\n";
}

}  // namespace

TEST_CASE("text can be read once it is flushed") {
  Channel channel(false);
  NonBlockingBuffer buffer(channel.writer());
  std::ostream stream(&buffer);
  stream << "one " << 2 << '\n';
  CHECK(channel.read_now() == "");
  stream << std::flush;
  CHECK(channel.read_some() == "one 2\n");
  stream << "three\n" << std::flush;
  CHECK(channel.read_some() == "three\n");
}

TEST_CASE("unflushed text is written at the end, and the descriptor is unchanged") {
  Channel channel(false);
  int flags = fcntl(channel.writer(), F_GETFL);
  {
    NonBlockingBuffer buffer(channel.writer());
    std::ostream(&buffer) << "last line\n";
  }
  CHECK(channel.read_now() == "last line\n");
  CHECK(fcntl(channel.writer(), F_GETFL) == flags);
}

TEST_CASE("a full pipe does not block, and nothing is lost or out of order") {
  constexpr int kLines = 6000;  // More than a pipe holds, and less than the buffer holds.
  for (bool sockets : {false, true}) {
    Channel channel(sockets);
    std::string expected;
    std::string seen;
    NonBlockingBuffer buffer(channel.writer());
    std::ostream stream(&buffer);
    for (int i = 0; i < kLines; ++i) {
      expected += line(i);
      stream << line(i) << std::flush;
    }
    // The rest is written without another flush.
    while (seen.size() < expected.size()) seen += channel.read_some();
    CHECK(seen == expected);
  }
}

TEST_CASE("if there are too many lines, whole lines are dropped and counted") {
  constexpr int kLines = 30'000;  // 3 MB.
  Channel channel(false);
  NonBlockingBuffer buffer(channel.writer());
  std::ostream stream(&buffer);
  for (int i = 0; i < kLines; ++i) stream << line(i) << std::flush;
  std::string seen;
  while (seen.find("mock-capgo: ") == std::string::npos || !seen.ends_with('\n')) {
    seen += channel.read_some();
  }
  size_t notice = seen.find("mock-capgo: ");
  REQUIRE(notice != std::string::npos);
  REQUIRE(notice % 100 == 0);
  int written = static_cast<int>(notice / 100);
  CHECK(written * 100 >= 1 << 20);
  std::string expected;
  for (int i = 0; i < written; ++i) expected += line(i);
  CHECK(seen == expected + "mock-capgo: " + std::to_string(kLines - written) +
                    " lines of this log were dropped, because nothing read it\n");
  stream << "then\n" << std::flush;
  CHECK(channel.read_some() == "then\n");
}

TEST_CASE("the first write that fails is reported with its error, and others do not block") {
  std::vector<int> errors;
  int full = open("/dev/full", O_WRONLY);
  REQUIRE(full >= 0);
  {
    NonBlockingBuffer buffer(full, [&](int error) { errors.push_back(error); });
    std::ostream stream(&buffer);
    for (int i = 0; i < 3000; ++i) stream << line(i) << std::flush;
  }
  close(full);
  CHECK(errors == std::vector<int>{ENOSPC});
}

TEST_CASE("the destructor does not wait for long if nothing is read") {
  Channel channel(false);
  NonBlockingBuffer buffer(channel.writer());
  std::ostream stream(&buffer);
  for (int i = 0; i < 5000; ++i) stream << line(i) << std::flush;
  // The test would not end if the buffer waited.
}
