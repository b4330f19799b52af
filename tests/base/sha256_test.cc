#include <doctest/doctest.h>

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
