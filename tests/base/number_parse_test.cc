#include <doctest/doctest.h>

#include <cstdint>

#include "base/ascii.h"

using base::parse_number;

TEST_CASE("a number is parsed if the string has no other characters") {
  CHECK(parse_number<int64_t>("42") == 42);
  CHECK(parse_number<int64_t>("007") == 7);
  CHECK(parse_number<int64_t>("-1") == -1);
  for (const char* text : {"", " 1", "1 ", "1.0", "1e3", "0x10", "+1", "one", "-", "--1"}) {
    CAPTURE(text);
    CHECK(parse_number<int64_t>(text) == std::nullopt);
  }
}

TEST_CASE("a number must fit its type") {
  CHECK(parse_number<int64_t>("9223372036854775807") == INT64_MAX);
  CHECK(parse_number<int64_t>("9223372036854775808") == std::nullopt);
  CHECK(parse_number<uint64_t>("18446744073709551615") == UINT64_MAX);
  CHECK(parse_number<uint64_t>("18446744073709551616") == std::nullopt);
  CHECK(parse_number<uint64_t>("-1") == std::nullopt);
}
