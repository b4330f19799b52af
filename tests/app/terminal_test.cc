#include "app/terminal.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "app/variable.h"

using app_tests::Variable;

namespace {

class PseudoTerminal {
 public:
  PseudoTerminal() : control_(posix_openpt(O_RDWR | O_NOCTTY)) {
    REQUIRE(control_ >= 0);
    REQUIRE(grantpt(control_) == 0);
    REQUIRE(unlockpt(control_) == 0);
    terminal_ = open(ptsname(control_), O_RDWR | O_NOCTTY);
    REQUIRE(terminal_ >= 0);
  }
  ~PseudoTerminal() {
    close(terminal_);
    close(control_);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  int descriptor() const { return terminal_; }

 private:
  int control_ = -1;
  int terminal_ = -1;
};

}  // namespace

TEST_CASE("a terminal has colors unless NO_COLOR or TERM forbids it") {
  PseudoTerminal terminal;
  struct Row {
    const char* no_color;
    const char* term;
    bool expected;
  };
  for (const Row& row :
       {Row{nullptr, "xterm", true}, Row{"", "xterm", true}, Row{nullptr, nullptr, true},
        Row{"1", "xterm", false}, Row{"0", "xterm", false}, Row{nullptr, "dumb", false}}) {
    Variable no_color("NO_COLOR", row.no_color);
    Variable term("TERM", row.term);
    CAPTURE(std::string(row.no_color == nullptr ? "unset" : row.no_color));
    CAPTURE(std::string(row.term == nullptr ? "unset" : row.term));
    CHECK(app::is_color_terminal(terminal.descriptor()) == row.expected);
  }
}

TEST_CASE("pipes and closed descriptors have no colors") {
  Variable no_color("NO_COLOR", nullptr);
  Variable term("TERM", "xterm");
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  CHECK(!app::is_color_terminal(ends[1]));
  close(ends[0]);
  close(ends[1]);
  CHECK(!app::is_color_terminal(-1));
}

TEST_CASE("control characters become question marks; newlines and other scripts stay") {
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
