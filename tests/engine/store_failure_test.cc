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

/// A memory store that fails at every call as long as there is something it says then.
class BreakableStore final : public store_tests::ForwardingStore {
 public:
  BreakableStore(const capgo::Snapshot& snapshot, const std::string& failure) : failure_(failure) {
    inner_->seed(snapshot);
  }

 private:
  store::KeyStore& now() const override {
    if (!failure_.empty()) throw store::StoreError(failure_);
    return *inner_;
  }

  std::unique_ptr<store::KeyStore> inner_ = store::make_memory_store();
  const std::string& failure_;
};

/// A server whose store breaks when it is told to, with what it is to say.
struct World {
  std::string failure;
  engine::Engine engine = make_engine();

  engine::Engine make_engine() {
    test_engine::Options options;
    options.fixture = R"([{"id":1,"key":"ak_all","mode":"all","name":"n"}])";
    options.scenarios = {R"({"rules":[{"on":"PATCH *","error":"expired_key"},
                              {"on":"PUT *","match":{"mode":"read"},"error":"expired_key"}]})"};
    engine::EngineConfig config = test_engine::make_config(options);
    config.durable = std::make_unique<BreakableStore>(config.sandbox.fixtures->snapshot(), failure);
    return engine::Engine(std::move(config));
  }
};

}  // namespace

TEST_CASE("a store that fails is the contract's server error, which the journal has") {
  World world;
  world.failure = kBroken;
  for (const http::Request& request :
       {get("/apikey/"), engine_tests::create(), request_of("DELETE", "/apikey/1")}) {
    const http::Response answer = world.engine.handle(request);
    CHECK(engine_tests::shown(answer) == kServerError);
    CHECK(header(answer, "X-Mock-Reason") == std::string("store: ") + kBroken);
  }
  world.failure.clear();
  const std::string journal = send(world.engine, "GET", "/__admin/requests").body;
  CHECK(journal.find(R"("rejected_by":"store")") != std::string::npos);
  CHECK(world.engine.handle(get("/apikey/")).status == 200);
}

TEST_CASE("an unknown path is not found, be the store broken or not") {
  World world;
  world.failure = kBroken;
  http::Response answer;
  CHECK_NOTHROW(answer = world.engine.handle(get("/nothing")));
  CHECK(engine_tests::shown(answer) == R"(404 {"error":"Not found","status":"KO"})");
}

TEST_CASE("scenarios that meet a broken store give an answer, and throw nothing") {
  http::Request asking = get("/apikey/");
  asking.headers.add("X-Mock-Scenario", "expired_key");
  http::Request misspelt = get("/apikey/");
  misspelt.headers.add("X-Mock-Scenario", "expired");
  // The last one's rule asks for the mode of the caller.
  for (const http::Request& request :
       {asking, misspelt, request_of("PATCH", "/apikey/"), request_of("PUT", "/apikey/")}) {
    World world;
    world.failure = kBroken;
    http::Response answer;
    CAPTURE(request.method);
    CHECK_NOTHROW(answer = world.engine.handle(request));
    CHECK(answer.status >= 400);
    CHECK(header(answer, "X-Mock-Contract") == "documented");
  }
}

TEST_CASE("control calls that need a broken store tell so, and change nothing") {
  World world;
  struct Row {
    std::string method;
    std::string path;
    std::string body = {};
  };
  world.engine.handle(get("/apikey/"));
  send(world.engine, "PUT", "/__admin/scenarios/x", R"({"rules":[]})");
  const std::string state = send(world.engine, "GET", "/__admin/state").body;
  const std::string scenarios = send(world.engine, "GET", "/__admin/scenarios").body;
  const std::string requests = send(world.engine, "GET", "/__admin/requests").body;
  for (const Row& row : {Row{"POST", "/__admin/reset"}, Row{"GET", "/__admin/state"},
                         Row{"PUT", "/__admin/state", "[]"},
                         Row{"POST", "/__admin/authorize", R"({"key":"ak_all","action":"all"})"}}) {
    CAPTURE(row.path);
    world.failure = kBroken;
    http::Response answer;
    CHECK_NOTHROW(answer = send(world.engine, row.method, row.path, row.body));
    CHECK(bytes(answer) ==
          rejection_bytes(500, "the storage failed; nothing was changed", {kBroken}));
    world.failure.clear();
    CHECK(send(world.engine, "GET", "/__admin/state").body == state);
    CHECK(send(world.engine, "GET", "/__admin/scenarios").body == scenarios);
    CHECK(send(world.engine, "GET", "/__admin/requests").body == requests);
  }
}

TEST_CASE("what a broken store says may have quotes in it") {
  World world;
  world.failure = "keys.db: near \"SELECT\": syntax error";
  http::Response answer;
  CHECK_NOTHROW(answer = send(world.engine, "GET", "/__admin/state"));
  CHECK(engine_tests::shown(answer).starts_with(
      R"(500 {"error":"the storage failed; nothing was changed","details":["keys.db: near )"));
  CHECK_NOTHROW(answer = world.engine.handle(get("/apikey/")));
  CHECK(engine_tests::shown(answer) == kServerError);
}

TEST_CASE("control calls that need no store work, and refuse what is wrong, with a broken one") {
  World world;
  world.failure = kBroken;
  CHECK(send(world.engine, "GET", "/__admin/health").status == 200);
  CHECK(send(world.engine, "GET", "/__admin/scenarios").status == 200);
  CHECK(send(world.engine, "GET", "/__admin/requests").status == 200);
  CHECK(send(world.engine, "PUT", "/__admin/clock", R"({"frozen":true})").status == 200);
  CHECK(world.engine.handle(get("/sandbox/a/apikey/")).status == 200);
  http::Response answer;
  CHECK_NOTHROW(answer = send(world.engine, "PUT", "/__admin/clock", R"({"now":"soon"})"));
  CHECK(answer.status == 400);
  CHECK_NOTHROW(answer = send(world.engine, "DELETE", "/__admin/sandboxes/none"));
  CHECK(answer.status == 404);
}
