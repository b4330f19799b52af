#include "base/suggest.h"

#include <doctest/doctest.h>

#include <array>

namespace {

using base::did_you_mean;

constexpr std::array<std::string_view, 4> kModes = {"read", "upload", "write", "all"};

std::string suggested(std::string_view word) { return did_you_mean(word, kModes); }

}  // namespace

TEST_CASE("the closest candidate is suggested") {
  CHECK(suggested("reed") == "; did you mean \"read\"?");
  CHECK(suggested("writes") == "; did you mean \"write\"?");
  CHECK(suggested("uplod") == "; did you mean \"upload\"?");
  CHECK(suggested("al") == "; did you mean \"all\"?");
  CHECK(did_you_mean("limited_to_app",
                     std::array<std::string_view, 2>{"limited_to_orgs", "limited_to_apps"}) ==
        "; did you mean \"limited_to_apps\"?");
}

TEST_CASE("swapped neighbors count as one change") {
  CHECK(suggested("raed") == "; did you mean \"read\"?");
  CHECK(suggested("lal") == "; did you mean \"all\"?");
  CHECK(suggested("puolad") == "; did you mean \"upload\"?");
}

TEST_CASE("case is ignored") {
  CHECK(suggested("READ") == "; did you mean \"read\"?");
  CHECK(suggested("Uplaod") == "; did you mean \"upload\"?");
  CHECK(did_you_mean("hang", std::array<std::string_view, 1>{"HANG"}) ==
        "; did you mean \"HANG\"?");
}

TEST_CASE("a name that begins with the word and an underscore is suggested") {
  CHECK(did_you_mean("Role", std::array<std::string_view, 2>{"role_name", "rolf_x"}) ==
        "; did you mean \"role_name\"?");
  CHECK(did_you_mean("rol", std::array<std::string_view, 1>{"role_name"}).empty());
  CHECK(did_you_mean("", std::array<std::string_view, 1>{"_name"}).empty());
}

TEST_CASE("nothing is suggested if more than a third of the characters would have to change") {
  CHECK(suggested("uplXYd") == "; did you mean \"upload\"?");
  CHECK(suggested("upXYZd").empty());
  CHECK(suggested("rXXd").empty());
  CHECK(suggested("readXX").empty());
  CHECK(suggested("admin").empty());
  CHECK(suggested("").empty());
  CHECK(suggested(std::string(10'000, 'a')).empty());
}

TEST_CASE("a word is one edit away after one insertion, deletion, replacement or transposition") {
  for (std::string_view other : {"xabcd", "abxcd", "abcdx", "aabcd", "bcd", "abd", "abc", "xbcd",
                                 "axcd", "abcx", "bacd", "acbd", "abdc", "Abcd"}) {
    CAPTURE(other);
    CHECK(base::is_one_edit_away("abcd", other));
    CHECK(base::is_one_edit_away(other, "abcd"));
  }
  CHECK(base::is_one_edit_away("", "a"));
}

TEST_CASE("the same word and two edits are not one edit away") {
  for (std::string_view other :
       {"abcd", "abcdxx", "xabcx", "ab", "xbcx", "badc", "cbad", "bcda", "bcxd", "", "dcba"}) {
    CAPTURE(other);
    CHECK_FALSE(base::is_one_edit_away("abcd", other));
    CHECK_FALSE(base::is_one_edit_away(other, "abcd"));
  }
  CHECK_FALSE(base::is_one_edit_away("", ""));
}

TEST_CASE("an unknown name is reported with a suggestion and the known names") {
  CHECK(base::unknown_name("mode", "reed", kModes) ==
        "unknown mode \"reed\"; did you mean \"read\"? The modes are: read upload write all");
  CHECK(base::unknown_name("mode", "x", {}) == "unknown mode \"x\"; the modes are: none");
}
