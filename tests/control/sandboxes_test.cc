#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "control/messages.h"
#include "engine/requests.h"

using control_tests::kNameForm;
using engine_tests::ask;
using engine_tests::bytes;
using engine_tests::get;
using engine_tests::header;
using engine_tests::kBadBody;
using engine_tests::rejection;
using engine_tests::rejection_bytes;
using engine_tests::send;

namespace {

constexpr const char* kSandboxes = "/__admin/sandboxes";
constexpr const char* kNone = R"(200 {"sandboxes":[],"limit":1000})";
constexpr const char* kAdvice =
    "delete one with DELETE /__admin/sandboxes/NAME, or start with a larger --max-sandboxes";

std::string list_sandboxes(engine::Engine& engine) { return ask(engine, "GET", kSandboxes); }

std::string make(engine::Engine& engine, std::string body = "") {
  return ask(engine, "POST", kSandboxes, std::move(body));
}

/// The response to the creation of a sandbox, without a Host header.
std::string made(const std::string& name, const std::string& key = R"("ak_all")") {
  return R"(201 {"name":")" + name + R"(","url":"/sandbox/)" + name + R"(","admin":"/sandbox/)" +
         name + R"(/__admin","key":)" + key + "}";
}

/// The same in the list.
std::string listed(const std::string& name, int requests) {
  return R"({"name":")" + name + R"(","url":"/sandbox/)" + name + R"(","admin":"/sandbox/)" + name +
         R"(/__admin","requests":)" + std::to_string(requests) + "}";
}

engine::Engine make_engine(size_t max_sandboxes) {
  test_engine::Options options;
  options.max_sandboxes = max_sandboxes;
  return test_engine::make_engine(options);
}

}  // namespace

TEST_CASE("a sandbox is created by name, and the response has its URLs and key") {
  engine::Engine engine = test_engine::make_engine();
  http::Request request{
      "POST", kSandboxes, {{"Host", "127.0.0.1:12113"}}, R"({"name":"worker-1"})"};
  CHECK(bytes(engine.handle(request)) ==
        engine_tests::control_bytes(
            201, R"({"name":"worker-1","url":"http://127.0.0.1:12113/sandbox/worker-1",)"
                 R"("admin":"http://127.0.0.1:12113/sandbox/worker-1/__admin","key":"ak_all"})"));
  request.method = "GET";
  request.headers.set("Host", "localhost");
  CHECK(engine_tests::shown(engine.handle(request)) ==
        R"(200 {"sandboxes":[{"name":"worker-1","url":"http://localhost/sandbox/worker-1",)"
        R"("admin":"http://localhost/sandbox/worker-1/__admin","requests":0}],"limit":1000})");
  CHECK(engine.handle(get("/sandbox/worker-1/apikey/")).body ==
        engine.handle(get("/apikey/")).body);
}

TEST_CASE("a sandbox without a name gets a generated one that is unused") {
  engine::Engine engine = test_engine::make_engine();
  CHECK(list_sandboxes(engine) == kNone);
  CHECK(make(engine) == made("sandbox-1"));
  CHECK(make(engine, R"({"name":"sandbox-3"})") == made("sandbox-3"));
  CHECK(make(engine, "{}") == made("sandbox-2"));
  CHECK(make(engine, R"({"name":null})") == made("sandbox-4"));
  // Generated names are not reused: a client may still use the deleted sandbox.
  CHECK(ask(engine, "DELETE", "/__admin/sandboxes/sandbox-4") == R"(200 {"deleted":"sandbox-4"})");
  CHECK(make(engine) == made("sandbox-5"));
}

TEST_CASE(
    "named sandboxes are listed by name with their number of requests; the default one is not") {
  test_engine::Options options;
  options.journal = 2;
  engine::Engine engine = test_engine::make_engine(options);
  engine.handle(get("/apikey/"));
  for (const std::string name : {"b", "a", "B", "a.1"})
    engine.handle(get("/sandbox/" + name + "/nothing"));
  for (int i = 0; i < 3; ++i) engine.handle(get("/sandbox/a/apikey/"));
  send(engine, "GET", "/sandbox/c/__admin/clock");
  CHECK(list_sandboxes(engine) == R"(200 {"sandboxes":[)" + listed("B", 1) + "," + listed("a", 4) +
                                      "," + listed("a.1", 1) + "," + listed("b", 1) + "," +
                                      listed("c", 0) + R"(],"limit":1000})");
  send(engine, "DELETE", "/sandbox/a/__admin/requests");
  CHECK(list_sandboxes(engine).find(listed("a", 4)) != std::string::npos);
  send(engine, "POST", "/sandbox/a/__admin/reset");
  CHECK(list_sandboxes(engine).find(listed("a", 0)) != std::string::npos);
}

TEST_CASE("calls below a sandbox's path list, create and delete the same sandboxes") {
  engine::Engine engine = test_engine::make_engine();
  CHECK(ask(engine, "POST", "/sandbox/a/__admin/sandboxes", R"({"name":"b"})") == made("b"));
  const std::string one = R"(200 {"sandboxes":[)" + listed("b", 0) + R"(],"limit":1000})";
  CHECK(ask(engine, "GET", "/sandbox/a/__admin/sandboxes") == one);
  CHECK(list_sandboxes(engine) == one);
  CHECK(make(engine, R"({"name":"c"})") == made("c"));
  CHECK(ask(engine, "DELETE", "/sandbox/b/__admin/sandboxes/b") == R"(200 {"deleted":"b"})");
  CHECK(ask(engine, "DELETE", "/__admin/sandboxes/c/") == R"(200 {"deleted":"c"})");
  CHECK(list_sandboxes(engine) == kNone);
}

TEST_CASE("a call about the whole server does not create the sandbox in its path") {
  engine::Engine engine = test_engine::make_engine();
  for (const std::string path : {"/health", "/openapi.json", "/sandboxes"}) {
    CAPTURE(path);
    CHECK(send(engine, "GET", "/sandbox/a/__admin" + path).status == 200);
    CHECK(list_sandboxes(engine) == kNone);
  }
  CHECK(ask(engine, "DELETE", "/sandbox/a/__admin/sandboxes/a") ==
        rejection(404, "no sandbox has the name \"a\"", {"GET /__admin/sandboxes lists them"}));
  CHECK(list_sandboxes(engine) == kNone);
  // Any other call creates the sandbox.
  CHECK(send(engine, "GET", "/sandbox/a/__admin/state").status == 200);
  CHECK(list_sandboxes(engine) == R"(200 {"sandboxes":[)" + listed("a", 0) + R"(],"limit":1000})");
}

TEST_CASE("a deleted sandbox loses its contents, and its name creates a new one") {
  engine::Engine engine = test_engine::make_engine();
  const std::string first = bytes(engine.handle(engine_tests::create("k", "/sandbox/a")));
  send(engine, "POST", "/sandbox/a/__admin/clock/advance", R"({"by":"1d"})");
  send(engine, "PUT", "/sandbox/a/__admin/scenarios/always-down");
  CHECK(bytes(send(engine, "DELETE", "/__admin/sandboxes/a")) ==
        engine_tests::control_bytes(200, R"({"deleted":"a"})"));
  CHECK(list_sandboxes(engine) == kNone);
  CHECK(
      bytes(send(engine, "DELETE", "/__admin/sandboxes/a")) ==
      rejection_bytes(404, "no sandbox has the name \"a\"", {"GET /__admin/sandboxes lists them"}));
  CHECK(bytes(engine.handle(engine_tests::create("k", "/sandbox/a"))) == first);
}

TEST_CASE("an unknown sandbox cannot be deleted") {
  engine::Engine engine = test_engine::make_engine();
  make(engine, R"({"name":"a"})");
  for (const std::string name : {"b", "A", "a.", ".."}) {
    CAPTURE(name);
    CHECK(ask(engine, "DELETE", std::string(kSandboxes) + "/" + name) ==
          rejection(404, "no sandbox has the name \"" + name + "\"",
                    {"GET /__admin/sandboxes lists them"}));
  }
  CHECK(ask(engine, "DELETE", "/__admin/sandboxes/a%2F%22") ==
        rejection(404, "no sandbox has the name \"a/\"\"", {"GET /__admin/sandboxes lists them"}));
  CHECK(ask(engine, "DELETE", "/__admin/sandboxes/%61") == R"(200 {"deleted":"a"})");
}

TEST_CASE("a duplicate name is rejected, whether a call or a first request created the sandbox") {
  engine::Engine engine = make_engine(2);
  make(engine, R"({"name":"made"})");
  engine.handle(get("/sandbox/used/apikey/"));
  for (const std::string name : {"made", "used"}) {
    CHECK(bytes(send(engine, "POST", kSandboxes, R"({"name":")" + name + "\"}")) ==
          rejection_bytes(409, "sandbox \"" + name + "\" exists already",
                          {"use it, delete it with DELETE /__admin/sandboxes/" + name +
                           ", or leave out the name to get a generated one"}));
  }
}

TEST_CASE("names of sandboxes have 1 to 64 characters that need no escape, in bodies and paths") {
  engine::Engine engine = test_engine::make_engine();
  for (const std::string& name :
       {std::string("x"), std::string(64, 'x'), std::string("..."), std::string("-"),
        std::string("A-z.0_9"), std::string("__admin"), std::string("apikey")}) {
    CAPTURE(name);
    CHECK(make(engine, R"({"name":")" + name + "\"}") == made(name));
    CHECK(engine.handle(get("/sandbox/" + name + "/apikey/")).status == 200);
  }
  const std::string before = list_sandboxes(engine);
  for (const std::string& name :
       {std::string(), std::string(65, 'x'), std::string("."), std::string(".."),
        std::string("a b"), std::string("a/b"), std::string("a%2Fb"), std::string("a:b"),
        std::string("\xC3\xA4"), std::string("a~")}) {
    CAPTURE(name);
    json::Ordered body = {{"name", name}};
    const std::string cut = name.substr(0, 60) + (name.size() > 60 ? "..." : "");
    CHECK(bytes(send(engine, "POST", kSandboxes, body.dump())) ==
          rejection_bytes(
              400, kBadBody,
              {"body:1:9: /name: \"" + cut + "\" is not a valid sandbox name; " + kNameForm}));
  }
  for (const std::string& name :
       {std::string(), std::string(65, 'x'), std::string("."), std::string(".."),
        std::string("a b"), std::string("a%2Fb"), std::string("a:b"), std::string("\xC3\xA4")}) {
    for (const std::string path : {"", "/", "/apikey/", "/__admin/health", "/nothing"}) {
      CAPTURE(name + path);
      const http::Response rejected = engine.handle(get("/sandbox/" + name + path));
      const std::string cut = name.substr(0, 60) + (name.size() > 60 ? "..." : "");
      const std::string error = "\"" + cut + "\" is not a valid sandbox name";
      CHECK(engine_tests::shown(rejected) == rejection(400, error, {kNameForm}));
      CHECK(header(rejected, "X-Mock-Reason") == http::to_header_value(error + "; " + kNameForm));
      CHECK(header(rejected, "Access-Control-Allow-Origin") ==
            (path == "/__admin/health" ? "(absent)" : "*"));
    }
  }
  CHECK(list_sandboxes(engine) == before);
  CHECK(ask(engine, "GET", "/sandbox") == R"(404 {"error":"Not found","status":"KO"})");
}

TEST_CASE("keys and tokens are not valid sandbox names, in bodies and paths; similar names are") {
  engine::Engine engine = test_engine::make_engine();
  struct Row {
    std::string name;
    std::string redacted;
  };
  for (const Row& row : {Row{"ak_0123456789abcdef0123456789abcdef", "ak_012..."}, Row{"ak_", "ak_"},
                         Row{"eyJhbGci.eyJzdWIi.c2ln", "eyJhbG..."}}) {
    CAPTURE(row.name);
    const std::string error = "\"" + row.redacted + "\" is not a valid sandbox name";
    CHECK(make(engine, R"({"name":")" + row.name + "\"}") ==
          rejection(400, kBadBody, {"body:1:9: /name: " + error + "; " + kNameForm}));
    CHECK(engine_tests::shown(engine.handle(get("/sandbox/" + row.name + "/apikey/"))) ==
          rejection(400, error, {kNameForm}));
  }
  CHECK(list_sandboxes(engine) == kNone);
  for (const std::string name : {"AK_1", "ak-1", "xak_1", "ak", "eyJ.a", "a.b.c"}) {
    CAPTURE(name);
    CHECK(make(engine, R"({"name":")" + name + "\"}") == made(name));
    CHECK(engine.handle(get("/sandbox/" + name + "/apikey/")).status == 200);
  }
}

TEST_CASE("an invalid body for a new sandbox is rejected with every problem") {
  engine::Engine engine = test_engine::make_engine();
  const std::string no_object = R"( must be an object with the fields "name")";
  struct Row {
    std::string body;
    std::vector<std::string> details;
  };
  for (const Row& row : {
           Row{"[]", {"body:1:1: []" + no_object}},
           Row{"null", {"body:1:1: null" + no_object}},
           Row{R"("a")", {"body:1:1: \"a\"" + no_object}},
           Row{R"({"name":1})", {"body:1:9: /name: 1 must be a string"}},
           Row{R"({"nam":"a"})", {R"(body:1:2: /nam: unknown field; did you mean "name"?)"}},
           Row{R"({"name":"a","key":"b"})",
               {R"(body:1:13: /key: unknown field; the fields are "name")"}},
           Row{R"({"name":"a","name":"b"})",
               {"body:1:13: /name: duplicate field; keep one of them"}},
       }) {
    CAPTURE(row.body);
    CHECK(bytes(send(engine, "POST", kSandboxes, row.body)) ==
          rejection_bytes(400, kBadBody, row.details));
  }
  CHECK(list_sandboxes(engine) == kNone);
}

TEST_CASE("the number of sandboxes is limited; existing ones and the default one keep working") {
  engine::Engine engine = make_engine(2);
  const std::string error = "too many named sandboxes; the limit is 2";
  make(engine, R"({"name":"a"})");
  engine.handle(get("/sandbox/b/apikey/"));
  for (const std::string body : {"", R"({"name":"c"})"}) {
    CHECK(bytes(send(engine, "POST", kSandboxes, body)) == rejection_bytes(507, error, {kAdvice}));
  }
  for (const std::string path : {"/apikey/", "/__admin/clock"}) {
    CAPTURE(path);
    const http::Response rejected = engine.handle(get("/sandbox/c" + path));
    CHECK(engine_tests::shown(rejected) == rejection(507, error, {kAdvice}));
    CHECK(header(rejected, "X-Mock-Reason") == http::to_header_value(error + "; " + kAdvice));
    CHECK(header(rejected, "Retry-After") == "(absent)");
  }
  for (const std::string below : {"", "/sandbox/a", "/sandbox/b"}) {
    CHECK(engine.handle(get(below + "/apikey/")).status == 200);
  }
  // Calls about the whole server need no sandbox, and unknown calls do not create one.
  CHECK(engine.handle(get("/sandbox/c/__admin/health")).status == 200);
  CHECK(engine.handle(get("/sandbox/c/__admin/nothing")).status == 404);
  CHECK(list_sandboxes(engine) ==
        R"(200 {"sandboxes":[)" + listed("a", 1) + "," + listed("b", 2) + R"(],"limit":2})");
  CHECK(ask(engine, "DELETE", "/__admin/sandboxes/a") == R"(200 {"deleted":"a"})");
  CHECK(engine.handle(get("/sandbox/c/apikey/")).status == 200);
}

TEST_CASE("if the limit is 0, the default sandbox works and the error says why others do not") {
  engine::Engine engine = make_engine(0);
  CHECK(engine.handle(get("/apikey/")).status == 200);
  CHECK(engine.handle(get("/sandbox/a/apikey/")).status == 507);
  CHECK(make(engine) == rejection(507, "too many named sandboxes; the limit is 0", {kAdvice}));
  CHECK(list_sandboxes(engine) == R"(200 {"sandboxes":[],"limit":0})");
}

TEST_CASE(
    "the key of a new sandbox is the first valid unlimited one of mode all, else the first of mode "
    "all") {
  struct Row {
    std::string fixture;
    std::string key;
  };
  const std::string limited = R"({"key":"ak_1","mode":"all","name":"k","limited_to_apps":["a"]})";
  const std::string expired = R"({"key":"ak_2","mode":"all","name":"k","expires_at":"2024-02-11"})";
  const std::string small = R"({"key":"ak_3","mode":"write","name":"k"})";
  const std::string good = R"({"key":"ak_4","mode":"all","name":"k","expires_at":"2024-02-12"})";
  const std::string unknown = R"({"key":null,"mode":"all","name":"k"})";
  for (const Row& row :
       {Row{"[" + limited + "," + expired + "," + small + "," + good + "]", R"("ak_4")"},
        Row{"[" + small + "," + expired + "," + limited + "]", R"("ak_2")"},
        Row{"[" + small + "," + unknown + "]", "null"}, Row{"[]", "null"}}) {
    test_engine::Options options;
    options.fixture = row.fixture;
    engine::Engine engine = test_engine::make_engine(options);
    CHECK(make(engine, R"({"name":"a"})") == made("a", row.key));
    CHECK(engine.first_key().value_or("null") ==
          (row.key == "null" ? row.key : row.key.substr(1, row.key.size() - 2)));
  }
}
