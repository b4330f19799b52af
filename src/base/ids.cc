#include "base/ids.h"

#include <string_view>

namespace base {

std::string Random::hex16() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  uint64_t bits = next();
  std::string text(16, '0');
  for (char& digit : text) {
    digit = kDigits[bits >> 60];
    bits <<= 4;
  }
  return text;
}

std::string Ids::secret() {
  std::string high = secrets_.hex16();
  return "ak_" + high + secrets_.hex16();
}

std::string Ids::request_id() {
  constexpr std::string_view kVariants = "89ab";
  std::string high = request_ids_.hex16();
  std::string low = request_ids_.hex16();
  high[12] = '4';
  low[0] = kVariants[static_cast<unsigned char>(low[0]) % 4];
  return high.substr(0, 8) + "-" + high.substr(8, 4) + "-" + high.substr(12) + "-" +
         low.substr(0, 4) + "-" + low.substr(4);
}

uint64_t random_seed() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

}  // namespace base
