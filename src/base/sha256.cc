#include "base/sha256.h"

// OpenSSL 3 deprecates these functions, but the new ones load a configuration and a provider first,
// which adds nearly half a millisecond to every start.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <array>
#include <initializer_list>

namespace base {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

/// The hash of these bytes in a row.
Digest sha256(std::initializer_list<std::string_view> parts) {
  Digest digest{};
  SHA256_CTX context;
  SHA256_Init(&context);
  for (std::string_view part : parts) SHA256_Update(&context, part.data(), part.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

std::string to_bytes(const Digest& digest) { return {digest.begin(), digest.end()}; }

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Digest digest = sha256({bytes});
  std::string text(2 * digest.size(), '0');
  char* digit = text.data();
  for (unsigned char byte : digest) {
    *digit++ = kDigits[byte >> 4];
    *digit++ = kDigits[byte & 0xF];
  }
  return text;
}

std::string derive_uuid(std::string_view bytes) {
  std::string hex = sha256_hex(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-8" +
         hex.substr(17, 3) + "-" + hex.substr(20, 12);
}

// OpenSSL's own HMAC would add its providers to the static executables.
std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string inner = key.size() <= SHA256_CBLOCK ? std::string(key) : to_bytes(sha256({key}));
  inner.resize(SHA256_CBLOCK, '\0');
  std::string outer = inner;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5C);
  return to_bytes(sha256({outer, to_bytes(sha256({inner, bytes}))}));
}

}  // namespace base
