#include <doctest/doctest.h>

#include "base/base64.h"

// RFC 4648, section 10.
TEST_CASE("base64 is decoded with and without padding") {
  CHECK(base::decode_base64("") == "");
  CHECK(base::decode_base64("Zg") == "f");
  CHECK(base::decode_base64("Zg==") == "f");
  CHECK(base::decode_base64("Zm8") == "fo");
  CHECK(base::decode_base64("Zm9v") == "foo");
  CHECK(base::decode_base64("Zm9vYmFy") == "foobar");
  CHECK(base::decode_base64("Zm9vYg==") == "foob");
  CHECK(base::decode_base64("Zm9vYmE=") == "fooba");
  CHECK(base::decode_base64("-_-_") == "\xfb\xff\xbf");
  CHECK(base::decode_base64("+/+/") == "\xfb\xff\xbf");
  CHECK(base::decode_base64("AAAA") == std::string(3, '\0'));
  CHECK(base::decode_base64("AA") == std::string(1, '\0'));
}

TEST_CASE("invalid base64 is rejected") {
  for (const char* text : {"Z", "Zm9vY", "Zm 9v", "Zm9v\n", "Zg=x", "Z\xC3\xA9g", "=Zg", "=",
                           "Zg===", "Zm8==", "Zm9v=", "Zm9v===="}) {
    CAPTURE(text);
    CHECK_FALSE(base::decode_base64(text));
  }
}

// RFC 4648, sections 5 and 10.
TEST_CASE("base64url is encoded without padding") {
  CHECK(base::encode_base64url("").empty());
  CHECK(base::encode_base64url("f") == "Zg");
  CHECK(base::encode_base64url("fo") == "Zm8");
  CHECK(base::encode_base64url("foo") == "Zm9v");
  CHECK(base::encode_base64url("foob") == "Zm9vYg");
  CHECK(base::encode_base64url("fooba") == "Zm9vYmE");
  CHECK(base::encode_base64url("foobar") == "Zm9vYmFy");
  CHECK(base::encode_base64url("\xfb\xff\xbf") == "-_-_");
  CHECK(base::encode_base64url(std::string(2, '\0')) == "AAA");
}
