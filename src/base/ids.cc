#include "base/ids.h"

#include <string_view>

namespace base {

std::string Random::hex() {
  std::array<char, 32> digits = hex_digits();
  return {digits.begin(), digits.end()};
}

std::string Random::uuid() {
  constexpr std::string_view kVariants = "89ab";
  std::array<char, 32> digits = hex_digits();
  digits[12] = '4';
  digits[16] = kVariants[static_cast<unsigned char>(digits[16]) % 4];
  std::string id = "00000000-0000-0000-0000-000000000000";
  const char* next = digits.data();
  for (char& c : id) c = c == '-' ? c : *next++;
  return id;
}

std::array<char, 32> Random::hex_digits() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 32> digits;
  uint64_t bits = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i % 16 == 0) bits = next();
    digits[i] = kDigits[bits >> 60];
    bits <<= 4;
  }
  return digits;
}

uint64_t random_seed() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

}  // namespace base
