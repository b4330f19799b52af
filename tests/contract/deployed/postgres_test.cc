#include "contract/deployed/postgres.h"

#include <doctest/doctest.h>

// Expected values are from deployed-2026-02.md, sections 6 and 7, and from PostgreSQL 15.

namespace {

using contract::deployed::DatabaseError;
using contract::deployed::read_bigint;
using contract::deployed::read_uuid;
using ReadNumber = std::variant<int64_t, DatabaseError>;
using ReadUuid = std::variant<std::string, DatabaseError>;

std::string quoted(std::string_view str) { return "\"" + std::string(str) + "\""; }

}  // namespace

TEST_CASE("an integer of 64 bits is read, with a sign and with spaces around it") {
  CHECK(read_bigint("0") == ReadNumber{0});
  CHECK(read_bigint("7") == ReadNumber{7});
  CHECK(read_bigint("-7") == ReadNumber{-7});
  CHECK(read_bigint("+7") == ReadNumber{7});
  CHECK(read_bigint("-0") == ReadNumber{0});
  CHECK(read_bigint("0007") == ReadNumber{7});
  CHECK(read_bigint(" \t\n\v\f\r7 \t\n\v\f\r") == ReadNumber{7});
  CHECK(read_bigint("0000000000000000000000000000009") == ReadNumber{9});
  CHECK(read_bigint("9223372036854775807") == ReadNumber{INT64_MAX});
  CHECK(read_bigint("-9223372036854775808") == ReadNumber{INT64_MIN});
}

TEST_CASE("other strings are not integers, and get 22P02") {
  for (std::string_view str :
       {"", " ", "-", "+", "- 7", "+-7", "-+7", "abc", "1.5", "1e3", "0x10", "7a", "7 8", "1,000",
        "1_000", "1e+21", "\u00a07", "0123abcd-4567-89ab-cdef-0123456789ab"}) {
    CAPTURE(str);
    CHECK(
        read_bigint(str) ==
        ReadNumber{DatabaseError{"22P02", "invalid input syntax for type bigint: " + quoted(str)}});
  }
}

TEST_CASE("an integer of more than 64 bits gets 22003, whatever follows it") {
  for (std::string_view str :
       {"9223372036854775808", "-9223372036854775809", "+99999999999999999999",
        " 9223372036854775808 ", "99999999999999999999x", "-99999999999999999999.5"}) {
    CAPTURE(str);
    CHECK(read_bigint(str) ==
          ReadNumber{
              DatabaseError{"22003", "value " + quoted(str) + " is out of range for type bigint"}});
  }
}

TEST_CASE("all forms of a UUID that the database accepts are read") {
  for (std::string_view str :
       {"0123abcd-4567-89ab-cdef-0123456789ab", "0123ABCD-4567-89AB-CDEF-0123456789AB",
        "0123aBcD456789aBcDeF0123456789aB", "{0123abcd-4567-89ab-cdef-0123456789ab}",
        "{0123abcd456789abcdef0123456789ab}", "0123-abcd-4567-89ab-cdef-0123-4567-89ab",
        "0123abcd456789ab-cdef0123456789ab"}) {
    CAPTURE(str);
    CHECK(read_uuid(str) == ReadUuid{"0123abcd-4567-89ab-cdef-0123456789ab"});
  }
}

TEST_CASE("other strings are not UUIDs, and get 22P02") {
  for (std::string_view str :
       {"", "x", "{", "}", "{}", "{{}}", " 0123abcd-4567-89ab-cdef-0123456789ab",
        "0123abcd-4567-89ab-cdef-0123456789ab ", "0123abcd-4567-89ab-cdef-0123456789a",
        "0123abcd-4567-89ab-cdef-0123456789abc", "0123abcd-4567-89ab-cdef-0123456789ag",
        "0123abcd-4567-89ab-cdef-0123456789ab-", "-0123abcd-4567-89ab-cdef-0123456789ab",
        "0123abcd--4567-89ab-cdef-0123456789ab", "01-23abcd-4567-89ab-cdef-0123456789ab",
        "{0123abcd-4567-89ab-cdef-0123456789ab", "0123abcd-4567-89ab-cdef-0123456789ab}",
        "{0123abcd-4567-89ab-cdef-0123456789ab}}", "(0123abcd-4567-89ab-cdef-0123456789ab)"}) {
    CAPTURE(str);
    CHECK(read_uuid(str) ==
          ReadUuid{DatabaseError{"22P02", "invalid input syntax for type uuid: " + quoted(str)}});
  }
}

TEST_CASE("errors without a value are those of the contract page") {
  CHECK(contract::deployed::no_row() ==
        DatabaseError{"PGRST116", "Cannot coerce the result to a single JSON object",
                      "The result contains 0 rows"});
  CHECK(contract::deployed::nul_in_text() == DatabaseError{"22P05",
                                                           "unsupported Unicode escape sequence",
                                                           "\\u0000 cannot be converted to text."});
}

TEST_CASE("a timestamp is written in UTC with up to six digits of a fraction") {
  auto format = [](int64_t microseconds) {
    return contract::deployed::format_timestamptz(
        base::Time{std::chrono::microseconds{microseconds}});
  };
  CHECK(format(0) == "1970-01-01T00:00:00+00:00");
  CHECK(format(1) == "1970-01-01T00:00:00.000001+00:00");
  CHECK(format(500'000) == "1970-01-01T00:00:00.5+00:00");
  CHECK(format(47'403'570) == "1970-01-01T00:00:47.40357+00:00");
  CHECK(format(-1) == "1969-12-31T23:59:59.999999+00:00");
  CHECK(format(253'402'300'800'000'000) == "10000-01-01T00:00:00+00:00");
  CHECK(format(8'640'000'000'000'000'000) == "275760-09-13T00:00:00+00:00");
}
