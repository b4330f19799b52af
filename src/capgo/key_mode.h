#pragma once

#include <array>
#include <string_view>

#include "base/enum_names.h"

namespace capgo {

/// What a key may do. Each mode includes the ones before it.
/// (documented contract, section 3)
enum class KeyMode { read, upload, write, all };

}  // namespace capgo

/// In the order of the mode hierarchy.
template <>
inline constexpr std::array<std::string_view, 4> base::kNames<capgo::KeyMode> = {"read", "upload",
                                                                                 "write", "all"};
