#include "base/base64.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/ascii.h"

namespace base {

std::optional<std::string> decode_base64(std::string_view text) {
  size_t sent_size = text.size();
  while (text.ends_with('=')) text.remove_suffix(1);
  size_t padding = (4 - text.size() % 4) % 4;
  bool is_base64 = std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || std::string_view("-_+/").find(c) != std::string_view::npos;
  });
  // A single leftover character, which needs three of padding, cannot encode a byte.
  if (!is_base64 || padding == 3 || sent_size > text.size() + padding) return std::nullopt;
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append(padding, '=');
  std::string bytes(padded.size() / 4 * 3, '\0');
  int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                               reinterpret_cast<const unsigned char*>(padded.data()),
                               static_cast<int>(padded.size()));
  if (length < 0) return std::nullopt;
  bytes.resize(static_cast<size_t>(length) - padding);
  return bytes;
}

std::string encode_base64url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL adds a zero.
  int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                               reinterpret_cast<const unsigned char*>(bytes.data()),
                               static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(length));
  while (text.ends_with('=')) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

}  // namespace base
