#include "store/sqlite_json.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using capgo::Binding;
using capgo::Member;
using capgo::Rights;
using capgo::Scope;

/// Reads the text; returns why it cannot be read, or nothing.
template <typename Value>
std::string problem_of(const std::string& json) {
  try {
    Value value;
    store::from_json(json, value);
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("members are stored as strings, and those with a lower role as objects") {
  const std::vector<Member> members = {{"user_1"}, {"user_2", "org_member"}, {""}};
  const std::string json = R"(["user_1",{"role":"org_member","user_id":"user_2"},""])";
  CHECK(store::to_json(members) == json);
  std::vector<Member> read = {{"other"}};
  store::from_json(json, read);
  CHECK(read == members);
}

TEST_CASE("rights are stored with the names of the API") {
  const Rights rights{{Binding{"org_admin", Scope::org, "o"},
                       Binding{"channel_reader", Scope::channel, "o", "a", "c"}},
                      {"org.create"}};
  const std::string json =
      R"({"bindings":[{"app_id":null,"channel_id":null,"org_id":"o","role_name":"org_admin",)"
      R"("scope_type":"org"},{"app_id":"a","channel_id":"c","org_id":"o",)"
      R"("role_name":"channel_reader","scope_type":"channel"}],"global_permissions":["org.create"]})";
  CHECK(store::to_json(rights) == json);
  Rights read{{Binding{"other", Scope::app, "", ""}}, {"", ""}};
  store::from_json(json, read);
  CHECK((read == rights));
}

TEST_CASE("JSON of another form is an error") {
  for (const std::string json : {"", "{}", "[1]", "[null]", "null", "\"a\"", "[\"a\""}) {
    CAPTURE(json);
    CHECK(problem_of<std::vector<std::string>>(json) == "a list cannot be read");
    CHECK(problem_of<std::vector<Member>>(json) == "the members of an org cannot be read");
    CHECK(problem_of<Rights>(json) == "the rights of a key cannot be read");
  }
  CHECK(problem_of<std::vector<Member>>(R"([{"user_id":"a"}])") ==
        "the members of an org cannot be read");
  CHECK(problem_of<Rights>(R"({"bindings":[],"global_permissions":"org.create"})") ==
        "the rights of a key cannot be read");
  CHECK(problem_of<Rights>(R"({"bindings":[{"role_name":"r","scope_type":"planet","org_id":"o",)"
                           R"("app_id":null,"channel_id":null}],"global_permissions":[]})") ==
        "a binding has an unknown scope");
}
