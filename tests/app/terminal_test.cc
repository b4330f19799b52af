#include "app/terminal.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace {

/// A variable of the environment that is as it was again at the end of the block.
class Variable {
 public:
  /// No value means not set.
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) {
    if (value == nullptr) {
      unsetenv(name_);
    } else {
      setenv(name_, value, 1);
    }
  }

  const char* name_;
  std::optional<std::string> before_;
};

/// A terminal that nobody sits at.
class PseudoTerminal {
 public:
  PseudoTerminal() : keeper_(posix_openpt(O_RDWR | O_NOCTTY)) {
    REQUIRE(keeper_ >= 0);
    REQUIRE(grantpt(keeper_) == 0);
    REQUIRE(unlockpt(keeper_) == 0);
    terminal_ = open(ptsname(keeper_), O_RDWR | O_NOCTTY);
    REQUIRE(terminal_ >= 0);
  }
  ~PseudoTerminal() {
    close(terminal_);
    close(keeper_);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  int descriptor() const { return terminal_; }

 private:
  int keeper_ = -1;
  int terminal_ = -1;
};

}  // namespace

TEST_CASE("a terminal is colored unless its user or its kind is against it") {
  PseudoTerminal terminal;
  struct Row {
    const char* no_colour;
    const char* term;
    bool wanted;
  };
  for (const Row& row :
       {Row{nullptr, "xterm", true}, Row{"", "xterm", true}, Row{nullptr, nullptr, true},
        Row{"1", "xterm", false}, Row{"0", "xterm", false}, Row{nullptr, "dumb", false}}) {
    Variable no_colour("NO_COLOR", row.no_colour);
    Variable term("TERM", row.term);
    CAPTURE(std::string(row.no_colour == nullptr ? "unset" : row.no_colour));
    CAPTURE(std::string(row.term == nullptr ? "unset" : row.term));
    CHECK(app::is_color_terminal(terminal.descriptor()) == row.wanted);
  }
}

TEST_CASE("a pipe and what is not open are never colored") {
  Variable no_colour("NO_COLOR", nullptr);
  Variable term("TERM", "xterm");
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  CHECK(!app::is_color_terminal(ends[1]));
  close(ends[0]);
  close(ends[1]);
  CHECK(!app::is_color_terminal(-1));
}

TEST_CASE("control characters become question marks, and newlines and any script stay") {
  using namespace std::string_view_literals;
  using app::replace_control_characters;
  for (std::string_view text :
       {""sv, " ~"sv, "a\nb\n"sv, "schl\u00FCssel \u65E5\u672C \U0001F511"sv}) {
    CHECK(replace_control_characters(text) == text);
  }
  CHECK(replace_control_characters("\x1b[31mred\r\n\t\x7F\a\0|"sv) == "?[31mred?\n????|");
  for (char c = 0; c < ' '; ++c) {
    CAPTURE(static_cast<int>(c));
    CHECK(replace_control_characters(std::string(1, c)) == (c == '\n' ? "\n" : "?"));
  }
}
