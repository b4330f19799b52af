#include "base/suggest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace base {
namespace {

bool same_character(char a, char b) { return to_lower(a) == to_lower(b); }

/// The Damerau-Levenshtein distance (swapped neighbors count as one change).
size_t distance(std::string_view a, std::string_view b) {
  // rows[i][j] is the distance of the first i and the first j characters.
  std::vector<std::vector<size_t>> rows(a.size() + 1, std::vector<size_t>(b.size() + 1));
  std::iota(rows[0].begin(), rows[0].end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    rows[i][0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t change = rows[i - 1][j - 1] + (same_character(a[i - 1], b[j - 1]) ? 0 : 1);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, change});
      bool swapped = i > 1 && j > 1 && same_character(a[i - 1], b[j - 2]) &&
                     same_character(a[i - 2], b[j - 1]);
      if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

/// Returns whether a name consists of this word, an underscore and more.
bool is_beginning(std::string_view word, std::string_view name) {
  return !word.empty() && word.size() < name.size() && name[word.size()] == '_' &&
         equal_ignoring_case(word, name.substr(0, word.size()));
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr size_t kMaxWordLength = 64;
  if (word.size() > kMaxWordLength) return "";
  std::string_view nearest;
  size_t nearest_distance = SIZE_MAX;
  for (std::string_view candidate : candidates) {
    size_t changes = is_beginning(word, candidate) ? 1 : distance(word, candidate);
    bool is_near = changes * 3 <= std::max(candidate.size(), size_t{3});
    if (is_near && changes < nearest_distance) {
      nearest = candidate;
      nearest_distance = changes;
    }
  }
  return nearest.empty() ? "" : "; did you mean \"" + std::string(nearest) + "\"?";
}

std::string unknown_name(std::string_view kind, std::string_view name,
                         std::span<const std::string_view> known) {
  std::string suggestion = did_you_mean(name, known);
  std::string problem = "unknown " + std::string(kind) + " \"" + std::string(name) + "\"" +
                        suggestion + (suggestion.empty() ? "; the " : " The ") + std::string(kind) +
                        "s are:";
  for (std::string_view each : known) problem += " " + std::string(each);
  return known.empty() ? problem + " none" : problem;
}

bool is_one_edit_away(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  auto same = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
  a.remove_prefix(same);
  b.remove_prefix(same);
  if (a.size() < b.size()) return a == b.substr(1);
  if (a.empty()) return false;  // They are equal.
  bool is_swapped = a.size() > 1 && a[0] == b[1] && a[1] == b[0] && a.substr(2) == b.substr(2);
  return is_swapped || a.substr(1) == b.substr(1);
}

}  // namespace base
