#include "base/ids.h"

#include <string_view>

namespace base {
namespace {

/// Puts the 16 hex digits of the bits in the places of the first 16 `x` of the text.
void fill_in(std::string& text, uint64_t bits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  int digits_left = 16;
  for (char& place : text) {
    if (digits_left == 0) return;
    if (place != 'x') continue;
    place = kDigits[bits >> 60];
    bits <<= 4;
    --digits_left;
  }
}

}  // namespace

std::string Random::hex16() {
  std::string text(16, 'x');
  fill_in(text, next());
  return text;
}

std::string Ids::secret() {
  std::string secret = "ak_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
  fill_in(secret, secrets_.next());
  fill_in(secret, secrets_.next());
  return secret;
}

std::string Random::uuid() {
  constexpr std::string_view kVariants = "89ab";
  std::string id = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  fill_in(id, next());
  fill_in(id, next());
  id[14] = '4';
  id[19] = kVariants[static_cast<unsigned char>(id[19]) % 4];
  return id;
}

uint64_t random_seed() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

}  // namespace base
