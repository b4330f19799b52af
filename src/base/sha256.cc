#include "base/sha256.h"

// OpenSSL 3 deprecates these functions, but the new ones load a configuration and a provider first,
// which adds nearly half a millisecond to every start.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>

namespace base {

std::string sha256_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &context);
  std::string text(2 * digest.size(), '0');
  char* digit = text.data();
  for (unsigned char byte : digest) {
    *digit++ = kDigits[byte >> 4];
    *digit++ = kDigits[byte & 0xF];
  }
  return text;
}

}  // namespace base
