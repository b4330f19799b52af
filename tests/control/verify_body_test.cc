#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "control/messages.h"
#include "engine/requests.h"

using control_tests::kVerify;
using engine_tests::bytes;
using engine_tests::kBadBody;
using engine_tests::rejection_bytes;
using engine_tests::send;

namespace {

constexpr const char* kNoCount =
    "body:1:10: /count: send one of \"exactly\", \"at_least\", \"at_most\", or leave out \"count\" "
    "for at least 1";

struct Row {
  std::string body;
  std::vector<std::string> details;
};

/// Checks that expectations are rejected, with a request in the journal that could match.
void check_rejected(const std::vector<Row>& rows) {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(engine_tests::get("/apikey/"));
  for (const Row& row : rows) {
    CAPTURE(row.body);
    CHECK(bytes(send(engine, "POST", kVerify, row.body)) ==
          rejection_bytes(400, kBadBody, row.details));
  }
}

}  // namespace

TEST_CASE("an invalid count is rejected") {
  const std::string range = " must be a whole number from 0 to 1000000000";
  const std::string alone = "\"exactly\" excludes the others; remove it or them";
  check_rejected({
      {R"({"count":{}})", {kNoCount}},
      {R"({"count":"1"})",
       {R"(body:1:10: /count: "1" must be an object with the fields "exactly", "at_least", )"
        R"("at_most")"}},
      {R"({"count":-1})", {"body:1:10: /count: -1" + range}},
      {R"({"count":1.5})", {"body:1:10: /count: 1.5" + range}},
      {R"({"count":1000000001})", {"body:1:10: /count: 1000000001" + range}},
      {R"({"count":[]})",
       {R"(body:1:10: /count: [] must be an object with the fields "exactly", "at_least", )"
        R"("at_most")"}},
      {R"({"count":{"exactly":-1}})", {"body:1:21: /count/exactly: -1" + range}},
      {R"({"count":{"exactly":1.5}})", {"body:1:21: /count/exactly: 1.5" + range}},
      {R"({"count":{"exactly":"1"}})", {"body:1:21: /count/exactly: \"1\"" + range}},
      {R"({"count":{"at_least":1000000001}})", {"body:1:22: /count/at_least: 1000000001" + range}},
      {R"({"count":{"at_most":true}})", {"body:1:21: /count/at_most: true" + range}},
      {R"({"count":{"exactly":1,"at_least":1}})", {"body:1:10: /count: " + alone}},
      {R"({"count":{"exactly":1,"at_most":1}})", {"body:1:10: /count: " + alone}},
      {R"({"count":{"at_least":2,"at_most":1}})",
       {R"(body:1:10: /count: "at_least" must not be greater than "at_most")"}},
      {R"({"count":{"exactly":1,"exact":1}})",
       {R"(body:1:23: /count/exact: unknown field; did you mean "exactly"?)"}},
      {R"({"count":{"times":1}})",
       {R"(body:1:11: /count/times: unknown field; the fields are "exactly", )"
        R"("at_least", "at_most")"}},
  });
}

TEST_CASE("a count whose fields are all null is rejected like an empty one") {
  check_rejected({
      {R"({"count":{"exactly":null}})", {kNoCount}},
      {R"({"count":{"at_least":null,"at_most":null}})", {kNoCount}},
  });
}

TEST_CASE("an invalid pattern or status is rejected with every problem") {
  const std::string no_object =
      R"( must be an object with the fields "on", "match", "status", "count")";
  const std::string method_and_path =
      " must be a method in capitals and a path without query, such as \"POST /apikey/\", "
      "\"DELETE /apikey/:id/\" or \"* *\"";
  const std::string status = " must be a whole number from 100 to 599";
  check_rejected({
      {"[]", {"body:1:1: []" + no_object}},
      {"null", {"body:1:1: null" + no_object}},
      {R"({"on":"GET"})", {"body:1:7: /on: \"GET\"" + method_and_path}},
      {R"({"on":"get /apikey/"})", {"body:1:7: /on: \"get /apikey/\"" + method_and_path}},
      {R"({"on":"GET /a?x"})", {"body:1:7: /on: \"GET /a?x\"" + method_and_path}},
      {R"({"on":7})", {"body:1:7: /on: 7 must be a string"}},
      {R"({"status":99})", {"body:1:11: /status: 99" + status}},
      {R"({"status":"200"})", {"body:1:11: /status: \"200\"" + status}},
      {R"({"match":[]})",
       {R"(body:1:10: /match: [] must be an object with the fields "id", "key", "mode", )"
        R"("header", "query", "body")"}},
      {R"({"match":{"mode":"reed"}})",
       {R"(body:1:18: /match/mode: "reed" is not one of read, upload, write, all; did you mean )"
        R"("read"?)"}},
      {R"({"on":"GET /apikey/","match":{"id":2}})",
       {R"(body:1:36: /match/id: the path in "on" has no ":id")"}},
      {R"({"match":{"header":{"a":1},"query":"x"}})",
       {"body:1:25: /match/header/a: 1 must be a string",
        R"(body:1:36: /match/query: "x" must be an object of strings)"}},
      {R"({"time":1,"stat":2})",
       {R"(body:1:2: /time: unknown field; the fields are "on", "match", "status", )"
        R"("count")",
        R"(body:1:11: /stat: unknown field; did you mean "status"?)"}},
      {R"({"status":1,"count":{"exactly":-1},"on":1})",
       {"body:1:11: /status: 1" + status,
        "body:1:32: /count/exactly: -1 must be a whole number from 0 to 1000000000",
        "body:1:41: /on: 1 must be a string"}},
      {R"({"status":200,"status":404})", {"body:1:15: /status: duplicate field; keep one of them"}},
  });
}

TEST_CASE("an expectation compares up to 200 headers, query fields and members of the body") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(engine_tests::get("/apikey/"));
  auto expect_none = [](int headers, int query, int members) {
    json::Ordered match = json::Ordered::object();
    for (int i = 0; i < headers; ++i) match["header"]["x-" + std::to_string(i)] = "";
    for (int i = 0; i < query; ++i) match["query"]["q" + std::to_string(i)] = "";
    for (int i = 0; i < members; ++i) match["body"]["inner"]["m" + std::to_string(i)] = i;
    return json::Ordered{{"match", match}, {"count", {{"exactly", 0}}}}.dump();
  };
  for (int each : {0, 50, 200}) {
    CAPTURE(each);
    for (bool is_header : {false, true}) {
      const int headers = is_header ? each : 0;
      const int query = is_header ? 0 : each;
      CHECK(engine_tests::ask(engine, "POST", kVerify, expect_none(headers, query, 200 - each)) ==
            R"(200 {"verified":true,"count":0})");
      CHECK(engine_tests::ask(engine, "POST", kVerify, expect_none(headers, query, 201 - each)) ==
            engine_tests::rejection(400, kBadBody,
                                    {"body:1:10: /match: has too many fields; the limit is 200"}));
    }
  }
}
