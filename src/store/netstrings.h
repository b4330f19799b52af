#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace store {

/// Many texts as one that a person can still read: each as `LENGTH:TEXT,`, its length in bytes.
/// Any bytes go in and come back. (https://cr.yp.to/proto/netstrings.txt)
std::string join_netstrings(const std::vector<std::string>& texts);

/// The texts of joined netstrings; nothing if `joined` is anything else.
std::optional<std::vector<std::string>> split_netstrings(std::string_view joined);

}  // namespace store
