#include <doctest/doctest.h>

#include <functional>
#include <random>
#include <vector>

#include "json/body.h"
#include "scenario/asking.h"
#include "scenario/loading.h"
#include "scenario/match.h"

namespace {

using scenario::RequestPattern;
using scenario_tests::Question;
using scenario_tests::with_input;

RequestPattern pattern_of(const std::string& on, const std::string& match) {
  return scenario_tests::with_rules(R"({"on": ")" + on + R"(", "fault": "HANG", "match": )" +
                                    match + "}")
      .rules.at(0)
      .on;
}

/// The differences of a request, a line each: `field: expected | actual`.
std::string compared(const RequestPattern& pattern, const Question& question) {
  return with_input(question, [&](scenario::MatchInput& input) {
    std::string lines;
    auto differences = scenario::compare(pattern, input);
    for (const scenario::Difference& each : differences) {
      lines += each.field + ": " + each.expected + " | " + each.actual + "\n";
    }
    CHECK(scenario::matches(pattern, input) == differences.empty());
    return lines;
  });
}

std::string compared(const std::string& on, const std::string& match, const Question& question) {
  return compared(pattern_of(on, match), question);
}

/// The differences of a body from a wanted one, both JSON texts.
std::string compared_body(const std::string& wanted, const std::string& sent) {
  return compared("* *", "{\"body\": " + wanted + "}", {.body = sent});
}

/// A pattern field by field with a request it matches, and for each field a change to the request
/// by which it no longer does.
struct FieldChange {
  std::string difference;
  std::string match;
  std::function<void(Question&)> change;
};

const std::vector<FieldChange>& field_changes() {
  static const std::vector<FieldChange> kChanges = {
      {"id", R"("id": 2)", [](Question& q) { q.target.replace(8, 1, "3"); }},
      {"key", R"("key": "ak_1")", [](Question& q) { q.secret = "ak_2"; }},
      {"mode", R"("mode": "all")", [](Question& q) { q.mode = std::nullopt; }},
      {"header X", R"("header": {"X": "1"})",
       [](Question& q) {
         q.headers = {{"X", "2"}};
       }},
      {"query q", R"("query": {"q": "1"})", [](Question& q) { q.target += "1"; }},
      {"body/a/b", R"("body": {"a": {"b": 1}})", [](Question& q) { q.body = R"({"a":{"c":1}})"; }},
  };
  return kChanges;
}

}  // namespace

TEST_CASE("a request that matches does not differ") {
  CHECK(compared("* *", "{}", {}).empty());
  CHECK(compared("GET /apikey/:id/", R"({"id": 2})", {.method = "HEAD", .target = "/apikey/02"})
            .empty());
}

TEST_CASE("every field that differs is told, with what was expected") {
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

TEST_CASE("an id that differs is told as it was meant: a number, or a text") {
  auto ids = [](const std::string& wanted, const std::string& sent) {
    return compared("* /apikey/:id", "{\"id\": " + wanted + "}", {.target = "/apikey/" + sent});
  };
  CHECK(ids("2", "003") == "id: 2 | 3\n");
  CHECK(ids("2", "000") == "id: 2 | 0\n");
  CHECK(ids("2", "2x") == "id: 2 | \"2x\"\n");
  CHECK(ids("\"002\"", "2") == "id: \"002\" | \"2\"\n");
  CHECK(ids("2", "ak_0123456789abcdef") == "id: 2 | \"ak_012...\"\n");
}

TEST_CASE("each leaf of a body that differs is told by its pointer") {
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

TEST_CASE("a body that is not there or not JSON is told so") {
  CHECK(compared_body("{}", "") == "body: {} | (none)\n");
  CHECK(compared_body("\"x\"", "x") == "body: \"x\" | (not JSON)\n");
}

TEST_CASE("no difference shows a secret whole") {
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

TEST_CASE("of two values with the same start it is said that they are not the same") {
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

TEST_CASE("long values are cut, and not in the midst of a character") {
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

TEST_CASE("bytes of a request that are not UTF-8 become U+FFFD in a difference") {
  CHECK(compared("* *", R"({"header": {"X": "1"}, "query": {"q": "1"}})",
                 {.target = "/?q=%FF", .headers = {{"X", "caf\xE9"}}}) ==
        "header X: \"1\" | \"caf\uFFFD\"\nquery q: \"1\" | \"\uFFFD\"\n");
}

TEST_CASE("a body nested deeper than the stack is differs like any other") {
  constexpr size_t kDeep = 50'000;
  std::string deep = std::string(kDeep, '[') + std::string(kDeep, ']');
  std::string shown = std::string(60, '[') + "...\n";
  CHECK(compared_body("1", deep) == "body: 1 | " + shown);
  CHECK(compared_body("[[]]", deep) == "body: [[]] | " + shown);
  CHECK(compared_body(R"({"a": 1})", R"({"a": )" + deep + "}") == "body/a: 1 | " + shown);
}

TEST_CASE("exactly the fields that were changed differ, whatever the pattern leaves out") {
  const Question matching = {.method = "DELETE",
                             .target = "/apikey/2?q=1",
                             .headers = {{"X", "1"}},
                             .body = R"({"a": {"b": 1}, "c": 2})",
                             .secret = "ak_1",
                             .mode = capgo::KeyMode::all};
  const size_t all = size_t{1} << field_changes().size();
  for (size_t wanted = 0; wanted < all; ++wanted) {
    for (size_t changed = 0; changed < all; ++changed) {
      std::string match;
      std::string expected;
      Question question = matching;
      for (size_t i = 0; i < field_changes().size(); ++i) {
        const FieldChange& field = field_changes()[i];
        bool is_wanted = (wanted >> i & 1) != 0;
        bool is_changed = (changed >> i & 1) != 0;
        if (is_wanted) match += (match.empty() ? "" : ", ") + field.match;
        if (is_changed) field.change(question);
        if (is_wanted && is_changed) expected += field.difference + " ";
      }
      auto document =
          json::Document("d", R"({"on": "DELETE /apikey/:id", "match": {)" + match + "}}");
      constexpr auto kFields = std::to_array<std::string_view>({"on", "match"});
      json::ObjectReader reader(document, document.root(), "", kFields);
      RequestPattern pattern = scenario::read_request_pattern(document, reader);
      std::string told;
      with_input(question, [&](scenario::MatchInput& input) {
        for (const auto& each : scenario::compare(pattern, input)) told += each.field + " ";
        REQUIRE(scenario::matches(pattern, input) == expected.empty());
        return 0;
      });
      REQUIRE(told == expected);
    }
  }
}

TEST_CASE("a request matches exactly if it does not differ, whatever is asked") {
  std::mt19937 random(11);
  auto one_of = [&](const std::vector<std::string>& texts) {
    return texts[random() % texts.size()];
  };
  const std::vector<std::string> bodies = {"",
                                           "{",
                                           "{}",
                                           "[]",
                                           "1",
                                           R"({"a":1})",
                                           R"({"a":1,"b":{"c":2}})",
                                           "null",
                                           "[1]",
                                           R"({"a":{}})",
                                           R"({"b":{"c":3}})",
                                           R"({"b":{}})"};
  int matching = 0;
  constexpr int kRounds = 10'000;
  for (int round = 0; round < kRounds; ++round) {
    RequestPattern pattern;
    pattern.method = one_of({"*", "*", "GET", "POST", "HEAD"});
    pattern.path = one_of({"*", "/apikey/", "/apikey/:id", "/apikey*", "/other"});
    if (random() % 4 == 0) pattern.match.id = static_cast<int64_t>(random() % 3);
    if (random() % 8 == 0) pattern.match.id = one_of({"1", "01", "x"});
    if (random() % 4 == 0) pattern.match.key = one_of({"", "ak_1", "ak_2"});
    if (random() % 4 == 0) pattern.match.mode = static_cast<capgo::KeyMode>(random() % 4);
    if (random() % 4 == 0) pattern.match.headers.push_back({one_of({"X", "x", "Y"}), "1"});
    if (random() % 4 == 0) pattern.match.query.emplace_back(one_of({"a", "b"}), one_of({"", "1"}));
    if (random() % 2 == 0) pattern.match.body = json::parse_body(one_of(bodies));
    Question question = {.method = one_of({"GET", "POST", "HEAD"}),
                         .target = one_of({"/apikey/", "/apikey/1", "/apikey/01/", "/apikey/x"}) +
                                   one_of({"", "?a=1", "?b=&a=", "?b=1"}),
                         .headers = {{one_of({"X", "Y"}), one_of({"1", "2"})}},
                         .body = one_of(bodies)};
    if (random() % 2 == 0) question.secret = one_of({"", "ak_1", "ak_2"});
    if (random() % 2 == 0) question.mode = static_cast<capgo::KeyMode>(random() % 4);

    scenario::Scenario scenario{"s", "", std::vector<scenario::Rule>(1)};
    scenario.rules[0].on = pattern;
    scenario::ActiveScenarios rulebook(1);
    rulebook.add(scenario_tests::shared(scenario));
    bool acts = scenario_tests::decide(rulebook, question).has_value();
    CHECK(acts == compared(pattern, question).empty());
    matching += acts ? 1 : 0;
  }
  CHECK(matching > kRounds / 50);
  CHECK(matching < kRounds / 2);
}
