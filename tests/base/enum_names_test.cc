#include "base/enum_names.h"

#include <doctest/doctest.h>

#include <array>

namespace {

enum class Size { small, large };

}  // namespace

template <>
inline constexpr std::array<std::string_view, 2> base::kNames<Size> = {"S", "L"};

TEST_CASE("an enum value has a name and is found by exactly that name") {
  CHECK(base::name_of(Size::small) == "S");
  CHECK(base::name_of(Size::large) == "L");
  CHECK((base::parse_name<Size>("S") == Size::small));
  CHECK((base::parse_name<Size>("L") == Size::large));
  for (std::string_view other : {"", "s", "S ", " S", "SL"}) {
    CAPTURE(other);
    CHECK_FALSE(base::parse_name<Size>(other).has_value());
  }
}
