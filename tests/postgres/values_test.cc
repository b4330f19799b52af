#include "postgres/values.h"

#include <doctest/doctest.h>

#include <vector>

// What the tables of this file expect was observed on PostgreSQL 15.18.

namespace {

using postgres::Error;
using postgres::read_bigint;
using postgres::read_uuid;
using ReadNumber = std::variant<int64_t, Error>;
using ReadUuid = std::variant<std::string, Error>;

constexpr std::string_view kUuid = "0123abcd-4567-89ab-cdef-0123456789ab";

Error invalid(std::string_view type, std::string_view text) {
  return {.code = "22P02",
          .message = "invalid input syntax for type " + std::string(type) + ": \"" +
                     std::string(text) + "\""};
}

struct Number {
  std::string_view text;
  int64_t value;
};

}  // namespace

TEST_CASE("an integer of up to 64 bits is read, with blanks around it and a sign") {
  for (const Number& number : std::vector<Number>{
           {"0", 0},
           {"7", 7},
           {"-7", -7},
           {"+7", 7},
           {"-0", 0},
           {"0007", 7},
           {" \t\n\v\f\r7 \t\n\v\f\r", 7},
           {"0000000000000000000000000000009", 9},
           {"9223372036854775807", INT64_MAX},
           {"-9223372036854775808", INT64_MIN},
       }) {
    CAPTURE(number.text);
    CHECK(read_bigint(number.text) == ReadNumber{number.value});
  }
}

TEST_CASE("what is no integer is refused with 22P02") {
  for (std::string_view text :
       {"", " ", "-", "+", "- 7", "+-7", "abc", "1.5", "1e3", "0x10", "7a", "7 8", "1,000", "1_000",
        "1e+21", "\u00a07", "0123abcd-4567-89ab-cdef-0123456789ab"}) {
    CAPTURE(text);
    CHECK(read_bigint(text) == ReadNumber{invalid("bigint", text)});
  }
}

TEST_CASE("an integer beyond 64 bits is refused with 22003, whatever follows it") {
  for (std::string_view text :
       {"9223372036854775808", "-9223372036854775809", "99999999999999999999",
        " 9223372036854775808 ", "99999999999999999999x", "-99999999999999999999.5"}) {
    CAPTURE(text);
    CHECK(read_bigint(text) == ReadNumber{Error{.code = "22003",
                                                .message = "value \"" + std::string(text) +
                                                           "\" is out of range for type bigint"}});
  }
}

TEST_CASE("a UUID is read in every form the database knows, and given in one") {
  for (std::string_view text : {
           "0123abcd-4567-89ab-cdef-0123456789ab",
           "0123ABCD-4567-89AB-CDEF-0123456789AB",
           "0123aBcD456789aBcDeF0123456789aB",
           "{0123abcd-4567-89ab-cdef-0123456789ab}",
           "{0123abcd456789abcdef0123456789ab}",
           "0123-abcd-4567-89ab-cdef-0123-4567-89ab",
           "0123abcd456789ab-cdef0123456789ab",
       }) {
    CAPTURE(text);
    CHECK(read_uuid(text) == ReadUuid{std::string(kUuid)});
  }
}

TEST_CASE("what is no UUID is refused with 22P02") {
  for (std::string_view text : {
           "",
           "x",
           "{",
           "{}",
           " 0123abcd-4567-89ab-cdef-0123456789ab",
           "0123abcd-4567-89ab-cdef-0123456789ab ",
           "0123abcd-4567-89ab-cdef-0123456789a",
           "0123abcd-4567-89ab-cdef-0123456789abc",
           "0123abcd-4567-89ab-cdef-0123456789ag",
           "0123abcd-4567-89ab-cdef-0123456789ab-",
           "-0123abcd-4567-89ab-cdef-0123456789ab",
           "0123abcd--4567-89ab-cdef-0123456789ab",
           "01-23abcd-4567-89ab-cdef-0123456789ab",
           "{0123abcd-4567-89ab-cdef-0123456789ab",
           "0123abcd-4567-89ab-cdef-0123456789ab}",
           "{0123abcd-4567-89ab-cdef-0123456789ab}}",
           "(0123abcd-4567-89ab-cdef-0123456789ab)",
       }) {
    CAPTURE(text);
    CHECK(read_uuid(text) == ReadUuid{invalid("uuid", text)});
  }
}

TEST_CASE("the fixed errors are those of the contract page") {
  // deployed contract 2026-02, section 6
  CHECK(postgres::no_row() == Error{.code = "PGRST116",
                                    .message = "Cannot coerce the result to a single JSON object",
                                    .details = "The result contains 0 rows"});
  CHECK(postgres::nul_in_text() == Error{.code = "22P05",
                                         .message = "unsupported Unicode escape sequence",
                                         .details = "\\u0000 cannot be converted to text."});
}
