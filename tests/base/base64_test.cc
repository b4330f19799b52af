#include <doctest/doctest.h>

#include "base/base64.h"

// RFC 4648, section 10.
TEST_CASE("base64url is decoded with and without padding") {
  CHECK(base::decode_base64url("") == "");
  CHECK(base::decode_base64url("Zg") == "f");
  CHECK(base::decode_base64url("Zg==") == "f");
  CHECK(base::decode_base64url("Zm8") == "fo");
  CHECK(base::decode_base64url("Zm9v") == "foo");
  CHECK(base::decode_base64url("Zm9vYmFy") == "foobar");
  CHECK(base::decode_base64url("Zm9vYg==") == "foob");
  CHECK(base::decode_base64url("Zm9vYmE=") == "fooba");
  CHECK(base::decode_base64url("-_-_") == "\xfb\xff\xbf");
  CHECK(base::decode_base64url("AAAA") == std::string(3, '\0'));
  CHECK(base::decode_base64url("AA") == std::string(1, '\0'));
}

TEST_CASE("invalid base64url is rejected") {
  for (const char* text : {"Z", "Zm9vY", "Zm 9v", "Zm9v\n", "+/+/", "Zg=x", "Z\xC3\xA9g", "=Zg"}) {
    CAPTURE(text);
    CHECK_FALSE(base::decode_base64url(text));
  }
}
