#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/requests.h"
#include "store/forwarding_store.h"

using engine_tests::bytes;
using engine_tests::get;
using engine_tests::header;
using engine_tests::rejection_bytes;
using engine_tests::request_of;
using engine_tests::send;

namespace {

constexpr const char* kServerError = R"(500 {"error":"Internal server error","status":"KO"})";
constexpr const char* kBroken = "keys.db: cannot read: disk I/O error";

/// A memory store in which every call fails while `failure` is not empty.
class BreakableStore final : public store_tests::ForwardingStore {
 public:
  BreakableStore(const capgo::Snapshot& snapshot, const std::string& failure) : failure_(failure) {
    inner_->seed(snapshot);
  }

 private:
  store::KeyStore& target() const override {
    if (!failure_.empty()) throw store::StoreError(failure_);
    return *inner_;
  }

  std::unique_ptr<store::KeyStore> inner_ = store::make_memory_store();
  const std::string& failure_;
};

/// An engine whose store fails with the message `failure`.
struct FailingServer {
  std::string failure;
  engine::Engine engine = make_engine();

  engine::Engine make_engine() {
    test_engine::Options options;
    options.fixture = R"([{"id":1,"key":"ak_all","mode":"all","name":"n"}])";
    options.scenarios = {R"({"rules":[{"on":"PATCH *","error":"expired_key"},
                              {"on":"PUT *","match":{"mode":"read"},"error":"expired_key"},
                              {"on":"GET /guarded","requires":{},"respond":{}},
                              {"on":"GET /apps","respond":{"example":"apps"}}]})"};
    engine::EngineConfig config = test_engine::make_config(options);
    config.durable = std::make_unique<BreakableStore>(config.sandbox.fixtures->snapshot(), failure);
    return engine::Engine(std::move(config));
  }
};

}  // namespace

TEST_CASE("a failing store is the contract's server error, and is in the journal") {
  FailingServer server;
  server.failure = kBroken;
  for (const http::Request& request :
       {get("/apikey/"), engine_tests::create(), request_of("DELETE", "/apikey/1"), get("/guarded"),
        get("/apps")}) {
    CAPTURE(request.target);
    const http::Response response = server.engine.handle(request);
    CHECK(engine_tests::shown(response) == kServerError);
    CHECK(header(response, "X-Mock-Reason") == std::string("store: ") + kBroken);
  }
  server.failure.clear();
  const std::string journal = send(server.engine, "GET", "/__admin/requests").body;
  CHECK(journal.find(R"("rejected_by":"store")") != std::string::npos);
  CHECK(server.engine.handle(get("/apikey/")).status == 200);
}

TEST_CASE("an unknown path is 404 even if the store fails") {
  FailingServer server;
  server.failure = kBroken;
  http::Response response;
  CHECK_NOTHROW(response = server.engine.handle(get("/nothing")));
  CHECK(engine_tests::shown(response) == R"(404 {"error":"Not found","status":"KO"})");
}

TEST_CASE("rules and X-Mock-Scenario work even if the store fails") {
  http::Request named = get("/apikey/");
  named.headers.add("X-Mock-Scenario", "expired_key");
  http::Request misspelled = get("/apikey/");
  misspelled.headers.add("X-Mock-Scenario", "expired");
  // The rule of the last one matches the mode of the caller.
  for (const http::Request& request :
       {named, misspelled, request_of("PATCH", "/apikey/"), request_of("PUT", "/apikey/")}) {
    FailingServer server;
    server.failure = kBroken;
    http::Response response;
    CAPTURE(request.method);
    CHECK_NOTHROW(response = server.engine.handle(request));
    CHECK(response.status >= 400);
    CHECK(header(response, "X-Mock-Contract") == "documented");
  }
}

TEST_CASE("control calls that need a failing store report it, and change nothing") {
  FailingServer server;
  struct Row {
    std::string method;
    std::string path;
    std::string body = {};
  };
  server.engine.handle(get("/apikey/"));
  send(server.engine, "PUT", "/__admin/scenarios/x", R"({"rules":[]})");
  const std::string state = send(server.engine, "GET", "/__admin/state").body;
  const std::string scenarios = send(server.engine, "GET", "/__admin/scenarios").body;
  const std::string requests = send(server.engine, "GET", "/__admin/requests").body;
  for (const Row& row : {Row{"POST", "/__admin/reset"}, Row{"GET", "/__admin/state"},
                         Row{"PUT", "/__admin/state", "[]"},
                         Row{"POST", "/__admin/authorize", R"({"key":"ak_all","action":"all"})"}}) {
    CAPTURE(row.path);
    server.failure = kBroken;
    http::Response response;
    CHECK_NOTHROW(response = send(server.engine, row.method, row.path, row.body));
    CHECK(bytes(response) ==
          rejection_bytes(500, "the storage failed; nothing was changed", {kBroken}));
    server.failure.clear();
    CHECK(send(server.engine, "GET", "/__admin/state").body == state);
    CHECK(send(server.engine, "GET", "/__admin/scenarios").body == scenarios);
    CHECK(send(server.engine, "GET", "/__admin/requests").body == requests);
  }
}

TEST_CASE("control calls that do not need the store work even if it fails") {
  FailingServer server;
  server.failure = kBroken;
  CHECK(send(server.engine, "GET", "/__admin/health").status == 200);
  CHECK(send(server.engine, "GET", "/__admin/scenarios").status == 200);
  CHECK(send(server.engine, "GET", "/__admin/requests").status == 200);
  CHECK(send(server.engine, "PUT", "/__admin/clock", R"({"frozen":true})").status == 200);
  CHECK(server.engine.handle(get("/sandbox/a/apikey/")).status == 200);
  http::Response response;
  CHECK_NOTHROW(response = send(server.engine, "PUT", "/__admin/clock", R"({"now":"soon"})"));
  CHECK(response.status == 400);
  CHECK_NOTHROW(response = send(server.engine, "DELETE", "/__admin/sandboxes/none"));
  CHECK(response.status == 404);
}
