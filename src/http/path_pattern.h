#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

/// The parameters of a path that matched a pattern, percent-decoded: `{"id", "3"}`.
using PathParams = std::vector<std::pair<std::string, std::string>>;

/// The value of a parameter; null if the pattern does not have it.
const std::string* find_param(const PathParams& params, std::string_view name);

/// Matches a path against a pattern such as `/apikey/:id/`, segment by segment.
///
/// `:name` matches one non-empty segment. A trailing slash is optional on either side; a double
/// slash matches nothing. Case-sensitive. A pattern that ends with `*` matches every path that
/// begins with the rest, so `*` matches any path. (documented contract, section 12, "trailing
/// slash")
std::optional<PathParams> match_path(std::string_view pattern, std::string_view path);

/// A row of a route table, and the parameters of the path.
template <typename Row>
struct Route {
  const Row* row = nullptr;
  PathParams params = {};
};

/// The first row with this `method` (GET for HEAD too) whose `pattern` matches the path; null if
/// there is none.
template <typename Row>
Route<Row> find_route(std::span<const Row> rows, std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  for (const Row& row : rows) {
    if (row.method != method) continue;
    if (auto params = match_path(row.pattern, path)) return {&row, *std::move(params)};
  }
  return {};
}

/// Decodes percent-encoding. A malformed escape is left unchanged.
/// (deployed contract of February 2026, section 1, "percent-encoding")
std::string percent_decode(std::string_view text);

/// Decodes a path or a pattern, so that match_path compares them however they are written. Keeps
/// `%2F`, which would add a slash, `%25`, and `%2A` and `%3A`, which have a meaning in patterns;
/// match_path decodes these in its parameters.
std::string decode_path(std::string_view path);

/// The fields of a query string (`a=1&b=2`) in order: names and values, decoded. `+` is a space.
std::vector<std::pair<std::string, std::string>> query_fields(std::string_view query);

/// The fields of a query string by name, parsed on first use. Not thread-safe.
class Query {
 public:
  /// `query` must outlive it.
  explicit Query(std::string_view query) : query_(query) {}

  /// Whether a field of this name has this value.
  bool contains(std::string_view name, std::string_view value);

  /// The value of the first field of this name; null if there is none.
  const std::string* find(std::string_view name);

 private:
  using Fields = std::multimap<std::string, std::string, std::less<>>;

  const Fields& fields();

  std::string_view query_;
  std::optional<Fields> fields_;
};

}  // namespace http
