#include "base/secret_text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace base {
namespace {

/// How much of a secret is shown at most, and what stands for the rest.
constexpr size_t kShown = 6;
constexpr std::string_view kDots = "...";

/// What parts a text into pieces, the coarsest first. What secrets are made of is not among it.
constexpr std::array<std::string_view, 4> kSeparators = {" \t\r\n\f\v", "\"'`()[]{}<>", ",",
                                                         ";:=&?@|\\/"};
constexpr std::string_view kAllSeparators = " \t\r\n\f\v\"'`()[]{}<>,;:=&?@|\\/";

bool is_letter(unsigned char letter) { return letter < 0x80 && std::isalpha(letter) != 0; }
bool is_digit(unsigned char letter) { return letter < 0x80 && std::isdigit(letter) != 0; }

bool is_same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

/// As most services make their tokens.
bool has_token_form(std::string_view text) {
  constexpr size_t kShortest = 20;
  constexpr auto kFew = 4;
  auto fits = [](unsigned char letter) {
    return is_letter(letter) || is_digit(letter) ||
           std::string_view("-_+/=").find(static_cast<char>(letter)) != std::string_view::npos;
  };
  bool is_path = text.starts_with('/');  // Its segments are judged one by one.
  return !is_path && text.size() >= kShortest && std::all_of(text.begin(), text.end(), fits) &&
         std::count_if(text.begin(), text.end(), is_letter) >= kFew &&
         std::count_if(text.begin(), text.end(), is_digit) >= kFew;
}

/// Appends what is no secret as it is, and judges its pieces from this level of separators on.
void append_shown(std::string& shown, std::string_view text, size_t level,
                  const IsSecret& is_secret, size_t enough) {
  if (text.empty()) return;
  if (is_secret(text)) {
    shown += shorten_secret(text);
    return;
  }
  auto has_one_piece = [&] {
    return text.find_first_of(kSeparators[level]) == std::string_view::npos;
  };
  while (level < kSeparators.size() && has_one_piece()) ++level;
  if (level == kSeparators.size()) {
    shown += text;
    return;
  }
  while (shown.size() < enough) {
    size_t end = text.find_first_of(kSeparators[level]);
    append_shown(shown, text.substr(0, end), level + 1, is_secret, enough);
    if (end == std::string_view::npos) return;
    shown += text[end];
    text.remove_prefix(end + 1);
  }
}

/// As shorten_secret leaves it: what is shown once may be shown again.
bool is_shortened(std::string_view text) {
  return text.ends_with(kDots) && text.size() <= kShown + kDots.size();
}

}  // namespace

bool looks_like_secret(std::string_view text) {
  if (is_shortened(text)) return false;
  return has_key_form(text) || has_uuid_form(text) || has_token_form(text);
}

bool has_uuid_form(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(
      text.begin(), text.end(), kForm.begin(), kForm.end(), [](unsigned char letter, char form) {
        return form == '-' ? letter == '-' : letter < 0x80 && std::isxdigit(letter) != 0;
      });
}

bool has_jwt_form(std::string_view text) {
  return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2;
}

bool has_key_form(std::string_view text) { return text.starts_with("ak_") || has_jwt_form(text); }

std::string_view credential_scheme(std::string_view credential) {
  size_t blank = credential.find(' ');
  if (blank == std::string_view::npos) return "";
  std::string_view word = credential.substr(0, blank);
  for (std::string_view scheme : {"Bearer", "Basic", "Token"}) {
    if (std::equal(word.begin(), word.end(), scheme.begin(), scheme.end(), is_same_letter)) {
      return word;
    }
  }
  return "";
}

std::string shorten_secret(std::string_view secret) {
  if (secret.empty()) return "";
  std::string_view scheme = credential_scheme(secret);
  if (!scheme.empty()) return std::string(scheme).append(kDots);
  size_t begin = std::min(secret.find_first_not_of(kAllSeparators), secret.size() - 1);
  size_t end = std::min(secret.find_first_of(kAllSeparators, begin), secret.size());
  std::string shown(secret.substr(0, std::min(kShown, begin + (end - begin) / 2)));
  return shown.append(kDots);
}

std::string shorten_secrets(std::string_view text, const IsSecret& is_secret, size_t enough) {
  std::string shown;
  append_shown(shown, text, 0, is_secret, enough);
  return shown;
}

}  // namespace base
