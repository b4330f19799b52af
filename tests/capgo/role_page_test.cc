#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "capgo/role.h"
#include "test_engine.h"

/// The tables of docs/deployed-2026-07.md agree with the roles of the program.
namespace {

using Names = std::set<std::string>;

/// The cells of the rows of a page that begin with a name in backquotes, below a heading.
std::vector<std::vector<std::string>> rows_below(const std::string& heading) {
  std::string page = test_engine::read_file("docs/deployed-2026-07.md");
  size_t start = page.find("\n" + heading + "\n") + 1;
  REQUIRE(start != 0);
  std::string section = page.substr(start, page.find("\n#", start) - start);
  std::vector<std::vector<std::string>> rows;
  static const std::regex kRow("\\| (`[^\n]*) \\|\n");
  static const std::regex kSeparator(" \\| ?");
  for (std::sregex_iterator row(section.begin(), section.end(), kRow), end; row != end; ++row) {
    std::string cells = (*row)[1];
    rows.emplace_back(std::sregex_token_iterator(cells.begin(), cells.end(), kSeparator, -1),
                      std::sregex_token_iterator());
  }
  return rows;
}

/// The names in backquotes.
Names names_in(const std::string& cell) {
  static const std::regex kName("`([a-z_.]+)`");
  return {std::sregex_token_iterator(cell.begin(), cell.end(), kName, 1),
          std::sregex_token_iterator()};
}

bool can_be_bound(const capgo::Role& role) { return role.scope != capgo::Scope::bundle; }

}  // namespace

TEST_CASE("the page lists every role with its scope and rank, and says which cannot be assigned") {
  std::vector<std::string> listed;
  for (const auto& cells : rows_below("## Roles and bindings")) {
    if (cells.size() != 4) continue;  // The fields of a binding.
    bool is_assignable = cells[3].find("Cannot be assigned") == std::string::npos;
    listed.push_back(cells[0] + " " + cells[1] + " " + cells[2] + (is_assignable ? "" : " no"));
  }
  std::vector<std::string> expected;
  for (const capgo::Role& role : capgo::all_roles()) {
    if (!can_be_bound(role)) continue;
    expected.push_back("`" + std::string(role.name) + "` " +
                       std::string(base::name_of(role.scope)) + " " + std::to_string(role.rank) +
                       (role.is_assignable ? "" : " no"));
  }
  CHECK(listed == expected);
}

TEST_CASE("the page lists every permission with the roles that have it") {
  const std::string super_admin = "org_super_admin";
  std::map<std::string, Names> listed;
  for (const auto& cells : rows_below("### Permissions")) {
    for (const std::string& permission : names_in(cells[0])) {
      Names roles = cells.size() > 1 ? names_in(cells[1]) : Names();
      CHECK_MESSAGE(listed.emplace(permission, roles).second, permission);
    }
  }
  std::map<std::string, Names> expected;
  for (std::string_view permission : capgo::all_permissions()) {
    Names& roles = expected[std::string(permission)];
    for (const capgo::Role& role : capgo::all_roles()) {
      if (capgo::has_permission(role, permission)) roles.emplace(role.name);
    }
    CHECK_MESSAGE(roles.erase(super_admin) == 1, permission);
  }
  CHECK(listed == expected);
}
