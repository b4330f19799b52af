#include "base/enum_names.h"

#include <doctest/doctest.h>

#include <array>

#include "capgo/api_key.h"
#include "capgo/error_name.h"

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

// The lists of names are next to their enums, in the same order.
TEST_CASE("modes and errors have their own names") {
  CHECK(base::name_of(capgo::ErrorName::invalid_api_key) == "invalid_api_key");
  CHECK(base::name_of(capgo::ErrorName::name_required) == "name_required");
  CHECK(base::name_of(capgo::ErrorName::invalid_id) == "invalid_id");
  CHECK(base::name_of(capgo::ErrorName::server_error) == "server_error");
  CHECK(base::name_of(capgo::KeyMode::read) == "read");
  CHECK(base::name_of(capgo::KeyMode::upload) == "upload");
  CHECK(base::name_of(capgo::KeyMode::write) == "write");
  CHECK(base::name_of(capgo::KeyMode::all) == "all");
}
