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
