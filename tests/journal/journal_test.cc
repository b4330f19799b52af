#include "journal/journal.h"

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/time_format.h"
#include "json/body.h"

namespace {

using journal::Entry;
using journal::Journal;
using journal::kMaxBody;

http::Response make_response(int status, http::Headers headers, std::string body) {
  http::Response response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return response;
}

/// Records a request with this body.
void record(Journal& journal, const std::string& body) {
  journal.record({"GET", "/", {{"X-Name", body}}, body},
                 make_response(200, {{"X-Name", body}}, body), {});
}

/// The ids of all entries, from the oldest on.
std::string ids_of(const Journal& journal) {
  std::string ids;
  for (size_t i = 0; i < journal.size(); ++i) ids += std::to_string(journal[i].id) + " ";
  return ids;
}

/// Records an entry, and returns it.
Entry with_bodies(const std::string& request, const std::string& response) {
  Journal journal(1);
  journal.record({"POST", "/", {}, request}, make_response(200, {}, response), {});
  return journal[0];
}

std::string format(const http::Headers& headers) {
  std::string lines;
  for (const http::Header& line : headers)
    lines.append(line.name).append(": ").append(line.value).append("\n");
  return lines;
}

/// Writes all fields of an entry.
std::string format(const Entry& entry) {
  const journal::Exchange& exchange = entry.exchange;
  const http::Response& response = entry.response;
  std::ostringstream out;
  out << entry.id << " " << exchange.sandbox << " " << base::format_time_with_fraction(exchange.at)
      << " " << exchange.path << " " << (exchange.key_id ? std::to_string(*exchange.key_id) : "-")
      << " " << (exchange.caller_mode ? base::name_of(*exchange.caller_mode) : "-") << " "
      << exchange.rejected_by << " | " << exchange.scenario << " | " << exchange.reason << " | "
      << exchange.microseconds << "\n"
      << entry.request.method << " " << entry.request.target << "\n"
      << format(entry.request.headers) << entry.request_body_size << " " << entry.request.body
      << "\n"
      << response.status << "\n"
      << format(response.headers) << entry.response_body_size << " " << response.body << " "
      << response.delay.count() << " " << (response.fault ? base::name_of(*response.fault) : "-");
  return out.str();
}

/// Records a request whose entry has no empty field.
void record_full(Journal& journal) {
  http::Response response = make_response(403, {{"Content-Type", "application/json"}}, "no");
  response.delay = std::chrono::milliseconds(5);
  response.fault = http::Fault::hang;
  journal.record({"PUT", "/base/apikey/3?x=1", {{"capgkey", "ak_1"}, {"A", "b"}}, "{}"}, response,
                 {"w", "/apikey/3", *base::parse_time("2024-02-12T00:00:00.5Z"), 7,
                  capgo::KeyMode::write, "require_mode_all", "flaky, rule 1", "why", 42});
}

}  // namespace

TEST_CASE("an entry has all of the request, the response and the exchange") {
  Journal journal(10);
  record_full(journal);
  REQUIRE(journal.size() == 1);
  CHECK(format(journal[0]) ==
        "1 w 2024-02-12T00:00:00.5Z /apikey/3 7 write require_mode_all | "
        "flaky, rule 1 | why | 42\n"
        "PUT /base/apikey/3?x=1\ncapgkey: ak_1\nA: b\n2 {}\n"
        "403\nContent-Type: application/json\n2 no 5 HANG");
}

TEST_CASE("a reused slot contains nothing of the older request") {
  Journal journal(1);
  record_full(journal);
  journal.record({}, {}, {});
  CHECK(format(journal[0]) == "2  1970-01-01T00:00:00Z  - -  |  |  | 0\n \n0 \n200\n0  0 -");
}

TEST_CASE("a restarted journal is like a new one") {
  Journal journal(2);
  for (int i = 0; i < 5; ++i) record(journal, "x");
  journal.restart();
  CHECK(journal.size() == 0);
  CHECK(journal.dropped() == 0);
  for (int i = 0; i < 3; ++i) record(journal, "y");
  CHECK(ids_of(journal) == "2 3 ");
  CHECK(journal.dropped() == 1);
}

TEST_CASE("a journal of size 0 stores nothing and counts dropped requests") {
  Journal journal(0);
  record(journal, "1");
  record(journal, "2");
  CHECK(journal.size() == 0);
  CHECK(journal.dropped() == 2);
  journal.clear();
  CHECK(journal.dropped() == 0);
}

TEST_CASE("a body of up to 16 KiB is stored whole, and a longer one is truncated") {
  std::string whole(kMaxBody, 'a');
  Entry stored = with_bodies(whole, whole);
  CHECK((stored.request.body == whole));
  CHECK((stored.response.body == whole));
  CHECK(stored.request_body_size == kMaxBody);
  CHECK(stored.response_body_size == kMaxBody);

  Entry cut = with_bodies(whole + "b", whole + std::string(100, 'c'));
  CHECK((cut.request.body == whole));
  CHECK((cut.response.body == whole));
  CHECK(cut.request_body_size == kMaxBody + 1);
  CHECK(cut.response_body_size == kMaxBody + 100);
}

TEST_CASE("a body is not truncated within a character") {
  for (const std::string character : {"\u00E9", "\u20AC", "\U0001F511"}) {
    for (size_t before = 0; before <= 5; ++before) {
      std::string body(kMaxBody - before, 'a');
      body += character + "zzzzzzzz";
      Entry entry = with_bodies(body, body);
      const std::string& stored = entry.response.body;
      CAPTURE(character);
      CAPTURE(before);
      CHECK((entry.request.body == stored));
      CHECK((json::repair_utf8(stored) == stored));
      CHECK(body.starts_with(stored));
      size_t room = before < character.size() ? before : 0;
      CHECK(stored.size() == kMaxBody - room);
    }
  }
}

TEST_CASE("truncating a body that is not UTF-8 removes at most three extra bytes") {
  std::string body(kMaxBody + 10, '\x80');
  Entry entry = with_bodies(body, "");
  CHECK(entry.request.body.size() == kMaxBody - 3);
  CHECK(entry.request_body_size == kMaxBody + 10);
}

TEST_CASE("while journals use more than their budget, each drops its oldest requests") {
  auto budget = std::make_shared<journal::Budget>();
  budget->max = 100'000;
  budget->min_per_journal = 30'000;
  const std::string body(10'000, 'b');  // Recorded three times: twice as a header.
  {
    Journal first(1000, budget);
    Journal second(1000, budget);
    for (int i = 0; i < 20; ++i) record(first, body);
    CHECK(first.size() >= 2);
    CHECK(first.size() + static_cast<size_t>(first.dropped()) == 20);
    CHECK(first[first.size() - 1].id == 20);
    CHECK((first[0].request.body == body));
    CHECK(budget->used <= budget->max);
    CHECK(budget->used >= first.size() * 3 * body.size());
    for (int i = 0; i < 20; ++i) record(second, "small");
    CHECK(second.size() == 20);  // They are below its minimum.
    for (int i = 0; i < 20; ++i) record(second, body);
    CHECK(second.size() < 20);
    CHECK(second[second.size() - 1].id == 40);
    first.clear();
    CHECK(first.dropped() == 0);
    const size_t used = budget->used;
    record(first, "small");
    CHECK(ids_of(first) == "21 ");
    CHECK(budget->used < used + 1000);
  }
  CHECK(budget->used == 0);
}

TEST_CASE("a journal that has dropped many requests still counts its memory") {
  auto budget = std::make_shared<journal::Budget>();
  budget->max = 10'000;
  budget->min_per_journal = 1000;
  const std::string body(1000, 'b');
  Journal journal(1000, budget);
  for (int i = 0; i < 10'000; ++i) record(journal, body);
  CHECK(journal.size() >= 2);
  CHECK(budget->used >= journal.size() * body.size());
  CHECK(budget->used <= budget->max);
}

TEST_CASE("the journal has the latest requests, oldest first, after any records and clears") {
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
