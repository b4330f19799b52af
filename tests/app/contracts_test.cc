#include "app/contracts.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "contract/catalog.h"

namespace {

/// The lines of a comparison below a heading, without indentation.
std::vector<std::string> section(const std::string& text, const std::string& heading) {
  std::vector<std::string> lines;
  size_t at = text.find("\n" + heading);
  if (at == std::string::npos) return lines;
  at = text.find("\n\n", at) + 2;
  while (at < text.size() && text[at] == ' ') {
    size_t end = text.find('\n', at);
    size_t start = text.find_first_not_of(' ', at);
    lines.push_back(text.substr(start, end - start));
    at = end + 1;
  }
  return lines;
}

/// The lines that follow a line of a section.
std::vector<std::string> after(const std::vector<std::string>& lines, const std::string& title) {
  auto found = std::find(lines.begin(), lines.end(), title);
  REQUIRE(found != lines.end());
  return {found + 1, std::min(found + 3, lines.end())};
}

/// Whether a line begins with `start` and contains `part`.
bool is_like(const std::string& line, const std::string& start, const std::string& part) {
  return line.starts_with(start) && line.find(part) != std::string::npos;
}

const contract::Contract& february = contract::kDeployed2026February;
const contract::Contract& july = contract::kDeployed2026July;

}  // namespace

TEST_CASE("a comparison with the predecessor begins with what changed, in either order") {
  const std::string heading = "What changed from deployed-2026-02 to deployed-2026-07";
  std::string text = app::compare_contracts(february, july);
  std::vector<std::string> changes = section(text, heading);
  CHECK(changes.size() == 23);
  CHECK(changes.front() ==
        "rights of a key: mode, limited_to_apps, limited_to_orgs -> bindings (roles in orgs, apps "
        "and channels), global_permissions");
  CHECK(changes.back() == "delete: removes the key -> also its bindings and global permissions");
  CHECK(text.find(heading) < text.find("\nEndpoints\n"));
  CHECK(section(app::compare_contracts(july, february), heading) == changes);
}

TEST_CASE("other comparisons have no list of what changed") {
  for (const contract::Contract* each : contract::all()) {
    CHECK(section(app::compare_contracts(*each, *each), "What changed").empty());
    CHECK(section(app::compare_contracts(contract::kDocumented, *each), "What changed").empty());
  }
}

TEST_CASE("each contract gets example requests that it accepts") {
  auto lines = section(app::compare_contracts(february, july), "Example requests and responses");
  auto create = after(lines, "POST /apikey/");
  CHECK(is_like(create[0], "deployed-2026-02  {\"name\":\"CI\",\"mode\":\"read\"} gets 200 ",
                "\"mode\":\"read\""));
  CHECK(is_like(create[1], "deployed-2026-07  {\"name\":\"CI\",\"bindings\":[{\"role_name\":",
                "}]} gets 200 {\"id\":"));
  for (const char* title : {"GET /apikey/", "GET /apikey/1/", "PUT /apikey/1/ {\"name\":\"CI 2\"}",
                            "PUT /apikey/ {\"id\":1,\"name\":\"CI 2\"}"}) {
    auto responses = after(lines, title);
    CHECK(is_like(responses[0], "deployed-2026-02  200 ", "\"mode\":\"all\""));
    CHECK(is_like(responses[1], "deployed-2026-07  200 ", "\"is_hashed_key\":false"));
  }
  CHECK(after(lines, "DELETE /apikey/1/")[0] == "both              200 {\"status\":\"ok\"}");
  CHECK(after(lines, "OPTIONS /")[1] == "deployed-2026-07  204");
}

TEST_CASE("the headers are those of a response to a web page") {
  auto lines = section(app::compare_contracts(february, july),
                       "Headers of the response to a web page of http://localhost:3000");
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "POST /apikey/");
  for (const char* name : {"Access-Control-Allow-Origin", "X-Request-Id", "X-Worker-Source"}) {
    CHECK(is_like(lines[1], "deployed-2026-02  ", name));
    CHECK(is_like(lines[2], "deployed-2026-07  ", name));
  }
  for (const char* name : {"Vary", "Content-Security-Policy", "X-Database-Source"}) {
    CHECK_FALSE(is_like(lines[1], "", name));
    CHECK(is_like(lines[2], "", name));
  }
}
