#include <doctest/doctest.h>

#include <array>

#include "base/base64.h"
#include "base/sha256.h"

// FIPS 180-4's examples, and `printf ak_123 | sha256sum`.
TEST_CASE("SHA-256 matches the published test vectors") {
  CHECK(base::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(base::sha256_hex("abc") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(base::sha256_hex("ak_123") ==
        "a88cc37c897bbcd45cc0f873b6a5e76a9f0817eba2dadb337d9b8ae6a0d011f9");
  CHECK(base::sha256_hex(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(base::sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

// printf 'a\0b' | sha256sum, and printf '\377' | sha256sum
TEST_CASE("SHA-256 covers all bytes, including zeros") {
  CHECK(base::sha256_hex(std::string_view("a\0b", 3)) ==
        "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138");
  CHECK(base::sha256_hex("\xff") ==
        "a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89");
}

// RFC 4231, test cases 1 to 4, 6 and 7: keys shorter and longer than a block of 64 bytes.
TEST_CASE("HMAC-SHA256 matches the published test vectors") {
  struct Vector {
    std::string key;
    std::string bytes;
    std::string_view hmac;
  };
  std::string counting;
  for (char byte = 1; byte <= 25; ++byte) counting += byte;
  const std::array<Vector, 6> vectors = {{
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting, std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The "
       "key needs to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  }};
  for (const Vector& vector : vectors) {
    CAPTURE(vector.bytes);
    std::string hex;
    for (char c : base::hmac_sha256(vector.key, vector.bytes)) {
      auto byte = static_cast<unsigned char>(c);
      constexpr std::string_view kDigits = "0123456789abcdef";
      hex.append({kDigits[byte >> 4], kDigits[byte & 0xF]});
    }
    CHECK(hex == vector.hmac);
  }
}

// RFC 7515, appendix A.1: the key and the signature are base64url.
TEST_CASE("HMAC-SHA256 signs the example of the JWS specification") {
  auto key = base::decode_base64(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  REQUIRE(key);
  std::string signature = base::hmac_sha256(
      *key,
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
      "VlfQ");
  CHECK(base::encode_base64url(signature) == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}
