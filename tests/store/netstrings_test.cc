#include "store/netstrings.h"

#include <doctest/doctest.h>

using store::join_netstrings;
using store::split_netstrings;
using Texts = std::vector<std::string>;

TEST_CASE("netstrings are readable and come back as they were") {
  CHECK(join_netstrings({"com.demo.app", "b"}) == "12:com.demo.app,1:b,");
  const Texts texts = {"", "1:a,", std::string("\0,\0", 3), "\"", "\xff", "é", ""};
  CHECK(split_netstrings(join_netstrings(texts)) == texts);
}

TEST_CASE("no texts and one empty text are not the same") {
  CHECK(join_netstrings({}).empty());
  CHECK(split_netstrings("") == Texts{});
  CHECK(join_netstrings({""}) == "0:,");
  CHECK(split_netstrings("0:,") == Texts{""});
}

TEST_CASE("what is no netstring is not read") {
  for (const char* broken : {"1", "1:", "1:a", "2:a,", "1:a;", "a", ":,", "-1:a,", "1:a,x",
                             "99999999999999999999:a,", "18446744073709551615:a,"}) {
    CAPTURE(broken);
    CHECK(split_netstrings(broken) == std::nullopt);
  }
}
