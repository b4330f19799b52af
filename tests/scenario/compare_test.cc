#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "json/body.h"
#include "scenario/loading.h"
#include "scenario/match.h"
#include "scenario/test_request.h"

namespace {

using scenario::RequestPattern;
using scenario_tests::TestRequest;
using scenario_tests::with_input;

RequestPattern pattern_of(const std::string& on, const std::string& match) {
  return scenario_tests::with_rules(R"({"on": ")" + on + R"(", "fault": "HANG", "match": )" +
                                    match + "}")
      .rules.at(0)
      .on;
}

/// The differences of a request, one per line: `field: expected | actual`.
std::string compared(const RequestPattern& pattern, const TestRequest& request) {
  return with_input(request, [&](scenario::MatchInput& input) {
    std::string lines;
    auto differences = scenario::compare(pattern, input);
    for (const scenario::Difference& each : differences) {
      lines += each.field + ": " + each.expected + " | " + each.actual + "\n";
    }
    CHECK(scenario::matches(pattern, input) == differences.empty());
    return lines;
  });
}

std::string compared(const std::string& on, const std::string& match, const TestRequest& request) {
  return compared(pattern_of(on, match), request);
}

/// The differences of a body from the expected one.
std::string compared_body(const std::string& expected, const std::string& sent) {
  return compared("* *", "{\"body\": " + expected + "}", {.body = sent});
}

/// A field of a pattern, and a change to a matching request after which the field differs.
struct FieldChange {
  std::string difference;
  std::string match;
  std::function<void(TestRequest&)> change;
};

const std::vector<FieldChange>& field_changes() {
  static const std::vector<FieldChange> kChanges = {
      {"id", R"("id": 2)", [](TestRequest& q) { q.target.replace(8, 1, "3"); }},
      {"key", R"("key": "ak_1")", [](TestRequest& q) { q.secret = "ak_2"; }},
      {"mode", R"("mode": "all")", [](TestRequest& q) { q.mode = std::nullopt; }},
      {"header X", R"("header": {"X": "1"})",
       [](TestRequest& q) {
         q.headers = {{"X", "2"}};
       }},
      {"query q", R"("query": {"q": "1"})", [](TestRequest& q) { q.target += "1"; }},
      {"body/a/b", R"("body": {"a": {"b": 1}})",
       [](TestRequest& q) { q.body = R"({"a":{"c":1}})"; }},
  };
  return kChanges;
}

}  // namespace

TEST_CASE("a request that matches has no differences") {
  CHECK(compared("* *", "{}", {}).empty());
  CHECK(compared("GET /apikey/:id/", R"({"id": 2})", {.method = "HEAD", .target = "/apikey/02"})
            .empty());
}

TEST_CASE("every field that differs is reported with the expected value") {
  const std::string match =
      R"({"id": 2, "key": "ak_0123456789abcdef", "mode": "all", "header": {"content-type": "a/b",
          "X-Two": "2"}, "query": {"x": "1", "y z": ""}, "body": {"mode": "read", "n": 1}})";
  CHECK(compared("PUT /apikey/:id/", match,
                 {.method = "POST",
                  .target = "/apikey/3?x=2",
                  .headers = {{"Content-Type", "c/d"}},
                  .body = R"({"mode": "reed", "n": 1})",
                  .secret = "ak_fedcba9876543210",
                  .mode = capgo::KeyMode::write}) ==
        "method: \"PUT\" | \"POST\"\n"
        "id: 2 | 3\n"
        "key: \"ak_012...\" | \"ak_fed...\"\n"
        "mode: \"all\" | \"write\"\n"
        "header content-type: \"a/b\" | \"c/d\"\n"
        "header X-Two: \"2\" | (none)\n"
        "query x: \"1\" | \"2\"\n"
        "query y z: \"\" | (none)\n"
        "body/mode: \"read\" | \"reed\"\n");
  CHECK(compared("PUT /apikey/:id/", match, {}) ==
        "method: \"PUT\" | \"GET\"\n"
        "path: \"/apikey/:id/\" | \"/apikey/\"\n"
        "id: 2 | (none)\n"
        "key: \"ak_012...\" | (none)\n"
        "mode: \"all\" | (none)\n"
        "header content-type: \"a/b\" | (none)\n"
        "header X-Two: \"2\" | (none)\n"
        "query x: \"1\" | (none)\n"
        "query y z: \"\" | (none)\n"
        "body: {\"mode\":\"read\",\"n\":1} | (none)\n");
}

TEST_CASE("an id that differs is reported as a number or as a string, like the expected one") {
  auto ids = [](const std::string& expected, const std::string& sent) {
    return compared("* /apikey/:id", "{\"id\": " + expected + "}", {.target = "/apikey/" + sent});
  };
  CHECK(ids("2", "003") == "id: 2 | 3\n");
  CHECK(ids("2", "000") == "id: 2 | 0\n");
  CHECK(ids("2", "2x") == "id: 2 | \"2x\"\n");
  CHECK(ids("\"002\"", "2") == "id: \"002\" | \"2\"\n");
  CHECK(ids("2", "ak_0123456789abcdef") == "id: 2 | \"ak_012...\"\n");
}

TEST_CASE("each member of a body that differs is reported by its pointer") {
  CHECK(compared_body(R"({"a": {"b": 1, "c": [1, 2], "d": null}, "e": true})",
                      R"({"a": {"b": 2, "c": [1], "x": 0}, "e": true})") ==
        "body/a/b: 1 | 2\n"
        "body/a/c: [1,2] | [1]\n"
        "body/a/d: null | (none)\n");
  CHECK(compared_body(R"({"a/b": {"~": 1}})", R"({"a/b": {"~": "1"}})") ==
        "body/a~1b/~0: 1 | \"1\"\n");
  CHECK(compared_body(R"({"a": {"b": 1}})", "{}") == "body/a: {\"b\":1} | (none)\n");
  CHECK(compared_body(R"({"a": {}})", R"({"a": []})") == "body/a: {} | []\n");
  CHECK(compared_body("[1]", R"({"a": "x"})") == "body: [1] | {\"a\":\"x\"}\n");
}

TEST_CASE("a body that is missing or not JSON is reported as such") {
  CHECK(compared_body("{}", "") == "body: {} | (none)\n");
  CHECK(compared_body("\"x\"", "x") == "body: \"x\" | (not JSON)\n");
}

TEST_CASE("secrets in differences are redacted") {
  const std::string secret = "ak_0123456789abcdef";
  const std::string uuid = "d9428888-122b-11e1-b85c-61cd3cbb3210";
  CHECK(compared("GET /a/" + secret, "{}", {.target = "/b/" + secret}) ==
        "path: \"/a/ak_012...\" | \"/b/ak_012...\"\n");
  CHECK(compared("GET /apikey/", "{}", {.target = "/apikey/" + uuid}) ==
        "path: \"/apikey/\" | \"/apikey/d94288...\"\n");
  CHECK(compared("* *", R"({"key": "my-own-secret"})", {.secret = "other-secret"}) ==
        "key: \"my-own...\" | \"other-...\"\n");
  CHECK(compared("* *", R"({"header": {"Authorization": "password", "X": "1"}})",
                 {.headers = {{"authorization", "Bearer x"}, {"x", secret}}}) ==
        "header Authorization: \"passwo...\" | \"Bearer...\"\nheader X: \"1\" | \"ak_012...\"\n");
  CHECK(compared("* *", R"({"query": {"q": "1"}})", {.target = "/?q=" + secret}) ==
        "query q: \"1\" | \"ak_012...\"\n");
  CHECK(compared_body(R"({"a": {"b": ")" + secret + "\"}}",
                      R"({"a": [")" + secret + R"(", {")" + secret + R"(": 1}]})") ==
        "body/a: {\"b\":\"ak_012...\"} | [\"ak_012...\",{\"ak_012...\":1}]\n");
}

TEST_CASE("if two redacted values look the same, a note says that they differ") {
  const std::string note = " (another value with the same start)\n";
  CHECK(compared("* *", R"({"key": "ak_0123456789abcdef"})", {.secret = "ak_0123456789fedcba"}) ==
        "key: \"ak_012...\" | \"ak_012...\"" + note);
  CHECK(compared("* *", R"({"header": {"Authorization": "Bearer a"}})",
                 {.headers = {{"Authorization", "Bearer b"}}}) ==
        "header Authorization: \"Bearer...\" | \"Bearer...\"" + note);
  std::string same(60, 'z');
  CHECK(compared_body("\"" + same + "a\"", "\"" + same + "b\"") ==
        "body: \"" + same + "...\" | \"" + same + "...\"" + note);
}

TEST_CASE("long values are truncated, but not within a character") {
  std::string z60(60, 'z');
  CHECK(compared_body("1", "\"" + z60 + "\"") == "body: 1 | \"" + z60 + "\"\n");
  CHECK(compared_body("1", "\"" + z60 + "y\"") == "body: 1 | \"" + z60 + "...\"\n");
  std::string z58(58, 'z');
  CHECK(compared_body("1", "\"" + z58 + "\u20AC\u20AC\"") == "body: 1 | \"" + z58 + "...\"\n");
  CHECK(compared("* *", R"({"header": {"X": "1"}})", {.headers = {{"X", z60 + "y"}}}) ==
        "header X: \"1\" | \"" + z60 + "...\"\n");
  std::string list = compared_body("1", "[\"" + z60 + "\",\"" + z60 + "\"]");
  CHECK(list == "body: 1 | [\"" + std::string(58, 'z') + "...\n");
  CHECK(compared("PUT *", "{}", {.method = z60 + "y"}) == "method: \"PUT\" | \"" + z60 + "...\"\n");
}

TEST_CASE("invalid UTF-8 in a request becomes U+FFFD in a difference") {
  CHECK(compared("* *", R"({"header": {"X": "1"}, "query": {"q": "1"}})",
                 {.target = "/?q=%FF", .headers = {{"X", "caf\xE9"}}}) ==
        "header X: \"1\" | \"caf\uFFFD\"\nquery q: \"1\" | \"\uFFFD\"\n");
}

TEST_CASE("a body may be nested deeper than the stack allows") {
  constexpr size_t kDeep = 50'000;
  std::string deep = std::string(kDeep, '[') + std::string(kDeep, ']');
  std::string truncated = std::string(60, '[') + "...\n";
  CHECK(compared_body("1", deep) == "body: 1 | " + truncated);
  CHECK(compared_body("[[]]", deep) == "body: [[]] | " + truncated);
  CHECK(compared_body(R"({"a": 1})", R"({"a": )" + deep + "}") == "body/a: 1 | " + truncated);
}

TEST_CASE("exactly the changed fields differ, if the pattern has them") {
  const TestRequest matching = {.method = "DELETE",
                                .target = "/apikey/2?q=1",
                                .headers = {{"X", "1"}},
                                .body = R"({"a": {"b": 1}, "c": 2})",
                                .secret = "ak_1",
                                .mode = capgo::KeyMode::all};
  const size_t all = size_t{1} << field_changes().size();
  for (size_t selected = 0; selected < all; ++selected) {
    for (size_t changed = 0; changed < all; ++changed) {
      std::string match;
      std::string expected;
      TestRequest request = matching;
      for (size_t i = 0; i < field_changes().size(); ++i) {
        const FieldChange& field = field_changes()[i];
        bool is_selected = (selected >> i & 1) != 0;
        bool is_changed = (changed >> i & 1) != 0;
        if (is_selected) match += (match.empty() ? "" : ", ") + field.match;
        if (is_changed) field.change(request);
        if (is_selected && is_changed) expected += field.difference + " ";
      }
      auto document =
          json::Document("d", R"({"on": "DELETE /apikey/:id", "match": {)" + match + "}}");
      constexpr auto kFields = std::to_array<std::string_view>({"on", "match"});
      json::ObjectReader reader(document, document.root(), "", kFields);
      RequestPattern pattern = scenario::read_request_pattern(reader);
      std::string differing;
      with_input(request, [&](scenario::MatchInput& input) {
        for (const auto& each : scenario::compare(pattern, input)) differing += each.field + " ";
        REQUIRE(scenario::matches(pattern, input) == expected.empty());
        return 0;
      });
      REQUIRE(differing == expected);
    }
  }
}
