#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

/// The named parts of a path that matched a pattern, percent-decoded: `{"id", "3"}`.
using PathParams = std::vector<std::pair<std::string, std::string>>;

/// The value of the parameter `name`; null if the pattern has none.
const std::string* find_param(const PathParams& params, std::string_view name);

/// Matches a path against a pattern such as `/apikey/:id/`, segment by segment.
///
/// `:name` stands for one segment that is not empty. One slash at the end is optional on either
/// side; a doubled slash matches nothing; case counts. A pattern that ends in `*` matches every
/// path that begins with what stands before it: `*` alone any path.
/// (documented contract, section 12, "trailing slash")
std::optional<PathParams> match_path(std::string_view pattern, std::string_view path);

/// Undoes percent-encoding. A malformed escape stays as it is.
/// (deployed contract of February 2026, section 1, "percent-encoding")
std::string percent_decode(std::string_view text);

/// The fields of a query string (`a=1&b=2`) in their order: names and values, decoded, `+` being a
/// blank.
std::vector<std::pair<std::string, std::string>> query_fields(std::string_view query);

/// The value of the first field of this name; nothing if it is not there.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace http
