#include "journal/journal.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "json/body.h"

namespace {

using journal::Entry;
using journal::Journal;
using journal::kLongestBody;

http::Response answer(int status, http::Headers headers, std::string body) {
  http::Response response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return response;
}

/// Records a request that differs from others by this text.
void record(Journal& journal, const std::string& text) {
  journal.record({"GET", "/" + text, {{"X-Name", text}}, text},
                 answer(200, {{"X-Answer", text}}, text), {.path = text});
}

/// The ids of all entries, from the oldest on.
std::string ids_of(const Journal& journal) {
  std::string ids;
  for (size_t i = 0; i < journal.size(); ++i) ids += std::to_string(journal[i].id) + " ";
  return ids;
}

/// A journal of these two bodies only.
Journal with_bodies(const std::string& asked, const std::string& answered) {
  Journal journal(1);
  journal.record({"POST", "/", {}, asked}, answer(200, {}, answered), {});
  return journal;
}

std::string shown(const http::Headers& headers) {
  std::string text;
  for (const http::Header& line : headers) text += line.name + ": " + line.value + "\n";
  return text;
}

}  // namespace

TEST_CASE("an entry holds all that was asked, answered and told") {
  Journal journal(10);
  base::Time moment = *base::parse_time("2024-02-12T00:00:00.5Z");
  http::Request request{"PUT", "/base/apikey/3?x=1", {{"capgkey", "ak_1"}, {"A", "b"}}, "{}"};
  http::Response response = answer(403, {{"Content-Type", "application/json"}}, "no");
  journal.record(request, response,
                 {.at = moment,
                  .path = "/apikey/3",
                  .key_id = 7,
                  .caller_mode = capgo::KeyMode::write,
                  .refused_by = "require_mode_all",
                  .scenario = "flaky, rule 1",
                  .microseconds = 42});
  REQUIRE(journal.size() == 1);
  const Entry& entry = journal[0];
  CHECK(entry.id == 1);
  CHECK((entry.at == moment));
  CHECK(entry.request.method == "PUT");
  CHECK(entry.request.target == "/base/apikey/3?x=1");
  CHECK(shown(entry.request.headers) == "capgkey: ak_1\nA: b\n");
  CHECK(entry.request.body == "{}");
  CHECK(entry.request_body_size == 2);
  CHECK(entry.path == "/apikey/3");
  CHECK(entry.key_id == 7);
  CHECK((entry.caller_mode == capgo::KeyMode::write));
  CHECK(entry.status == 403);
  CHECK(shown(entry.response_headers) == "Content-Type: application/json\n");
  CHECK(entry.response_body == "no");
  CHECK(entry.response_body_size == 2);
  CHECK(entry.refused_by == "require_mode_all");
  CHECK(entry.scenario == "flaky, rule 1");
  CHECK(entry.microseconds == 42);
}

TEST_CASE("the newest requests are kept, the oldest first, and it is told how many are gone") {
  Journal journal(3);
  CHECK(journal.capacity() == 3);
  CHECK(journal.size() == 0);
  std::string all;
  for (int i = 1; i <= 3; ++i) {
    record(journal, std::to_string(i));
    all += std::to_string(i) + " ";
    CHECK(ids_of(journal) == all);
    CHECK(journal.dropped() == 0);
  }
  record(journal, "4");
  CHECK(ids_of(journal) == "2 3 4 ");
  CHECK(journal.dropped() == 1);
  for (int i = 5; i <= 11; ++i) record(journal, std::to_string(i));
  CHECK(ids_of(journal) == "9 10 11 ");
  CHECK(journal.dropped() == 8);
  CHECK(journal.capacity() == 3);
}

TEST_CASE("nothing of an older request stays in the slot it had") {
  Journal journal(1);
  journal.record({"POST", "/long?target=1", {{"A", "1"}, {"B", "2"}}, "a long body"},
                 answer(403, {{"C", "3"}, {"D", "4"}}, "a long answer"),
                 {.at = base::Time(std::chrono::microseconds{5}),
                  .path = "/long",
                  .key_id = 1,
                  .caller_mode = capgo::KeyMode::all,
                  .refused_by = "step",
                  .scenario = "rule",
                  .microseconds = 9});
  journal.record({}, {}, {});
  const Entry& entry = journal[0];
  CHECK(entry.id == 2);
  CHECK((entry.at == base::Time{}));
  CHECK(entry.request.method.empty());
  CHECK(entry.request.target.empty());
  CHECK(entry.request.headers.empty());
  CHECK(entry.request.body.empty());
  CHECK(entry.request_body_size == 0);
  CHECK(entry.path.empty());
  CHECK_FALSE(entry.key_id.has_value());
  CHECK_FALSE(entry.caller_mode.has_value());
  CHECK(entry.status == 200);
  CHECK(entry.response_headers.empty());
  CHECK(entry.response_body.empty());
  CHECK(entry.response_body_size == 0);
  CHECK(entry.refused_by.empty());
  CHECK(entry.scenario.empty());
  CHECK(entry.microseconds == 0);
}

TEST_CASE("a cleared journal is empty and its ids go on") {
  Journal journal(3);
  for (int i = 1; i <= 5; ++i) record(journal, std::to_string(i));
  journal.clear();
  CHECK(journal.size() == 0);
  CHECK(journal.dropped() == 0);
  record(journal, "6");
  record(journal, "7");
  CHECK(ids_of(journal) == "6 7 ");
  CHECK(journal[0].request.body == "6");
  CHECK(journal.dropped() == 0);
  record(journal, "8");
  record(journal, "9");
  CHECK(ids_of(journal) == "7 8 9 ");
  CHECK(journal.dropped() == 1);
}

TEST_CASE("a journal that starts anew is as one just made") {
  Journal journal(2);
  for (int i = 0; i < 5; ++i) record(journal, "x");
  journal.restart();
  CHECK(journal.size() == 0);
  CHECK(journal.dropped() == 0);
  for (int i = 0; i < 3; ++i) record(journal, "y");
  CHECK(ids_of(journal) == "2 3 ");
  CHECK(journal.dropped() == 1);
}

TEST_CASE("a journal without room keeps nothing, and counts what it did not keep") {
  Journal journal(0);
  record(journal, "1");
  record(journal, "2");
  CHECK(journal.size() == 0);
  CHECK(journal.dropped() == 2);
  journal.clear();
  CHECK(journal.dropped() == 0);
}

TEST_CASE("a body of up to 16 KiB is kept whole, a longer one cut there") {
  std::string whole(kLongestBody, 'a');
  Journal kept = with_bodies(whole, whole);
  CHECK((kept[0].request.body == whole));
  CHECK((kept[0].response_body == whole));
  CHECK(kept[0].request_body_size == kLongestBody);
  CHECK(kept[0].response_body_size == kLongestBody);

  Journal cut = with_bodies(whole + "b", whole + std::string(100, 'c'));
  CHECK((cut[0].request.body == whole));
  CHECK((cut[0].response_body == whole));
  CHECK(cut[0].request_body_size == kLongestBody + 1);
  CHECK(cut[0].response_body_size == kLongestBody + 100);
}

TEST_CASE("a body is not cut in the midst of a character") {
  for (const std::string character : {"\u00E9", "\u20AC", "\U0001F511"}) {
    for (size_t before = 0; before <= 5; ++before) {
      std::string body(kLongestBody - before, 'a');
      body += character + "zzzzzzzz";
      Journal journal = with_bodies(body, body);
      const std::string& kept = journal[0].response_body;
      CAPTURE(character);
      CAPTURE(before);
      CHECK((journal[0].request.body == kept));
      CHECK((json::repair_utf8(kept) == kept));
      CHECK(body.starts_with(kept));
      size_t room = before < character.size() ? before : 0;
      CHECK(kept.size() == kLongestBody - room);
    }
  }
}

TEST_CASE("of a body that is no UTF-8, no more than three bytes are lost beside the rest") {
  std::string body(kLongestBody + 10, '\x80');
  Journal journal = with_bodies(body, "");
  CHECK(journal[0].request.body.size() == kLongestBody - 3);
  CHECK(journal[0].request_body_size == kLongestBody + 10);
}

TEST_CASE("after any sequence of records and clears the journal holds the newest") {
  std::mt19937 random(5);
  for (size_t capacity = 1; capacity <= 7; capacity += 3) {
    Journal journal(capacity);
    std::vector<int64_t> expected;
    int64_t last = 0;
    int64_t dropped = 0;
    for (int i = 0; i < 2000; ++i) {
      if (random() % 20 == 0) {
        journal.clear();
        expected.clear();
        dropped = 0;
      } else {
        record(journal, std::to_string(++last));
        expected.push_back(last);
        if (expected.size() > capacity) {
          expected.erase(expected.begin());
          ++dropped;
        }
      }
      REQUIRE(journal.size() == expected.size());
      REQUIRE(journal.dropped() == dropped);
      for (size_t at = 0; at < expected.size(); ++at) {
        REQUIRE(journal[at].id == expected[at]);
        REQUIRE(journal[at].request.body == std::to_string(expected[at]));
      }
    }
  }
}
