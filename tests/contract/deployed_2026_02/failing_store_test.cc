#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>

#include "contract/catalog.h"
#include "store/sqlite_store.h"
#include "store/temp_dir.h"
#include "test_engine.h"

// The contract of February 2026 with a database file, and with a full disk. Golden files use a
// store in memory, which does not fail.

namespace {

/// Prevents the files of this process from growing. Use from one thread.
class FilesCannotGrow {
 public:
  FilesCannotGrow() : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &limit_);
    rlimit none = limit_;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FilesCannotGrow() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, signal_);
  }
  FilesCannotGrow(const FilesCannotGrow&) = delete;
  FilesCannotGrow& operator=(const FilesCannotGrow&) = delete;

 private:
  void (*signal_)(int);
  rlimit limit_{};
};

/// Returns an engine with the fixture of the golden files in a database file.
engine::Engine make_engine_over(const std::string& file) {
  test_engine::Options options{
      &contract::kDeployed2026February,
      test_engine::read_file("tests/contract/fixture-deployed-2026-02.json")};
  engine::EngineConfig config = test_engine::make_config(options);
  config.durable = store::open_sqlite_store(file);
  config.durable->seed(config.sandbox.fixtures->snapshot());
  return engine::Engine(std::move(config));
}

constexpr const char* kCaller = "11111111-1111-4111-8111-111111111111";
constexpr const char* kHashedSecret = "33333333-3333-4333-8333-333333333333";

http::Request request_by(const char* secret, const char* method, const char* target,
                         const char* body = "") {
  return {method, target, {{"authorization", secret}, {"X-Request-Id", "case"}}, body};
}

/// Checks the response to a change while the disk is full. (section 16)
void check_full_disk(engine::Engine& engine, const http::Request& request, int status,
                     const std::string& error, const std::string& message) {
  http::Response response;
  {
    FilesCannotGrow full;
    response = engine.handle(request);
  }
  CHECK(response.status == status);
  std::string begin = R"({"error":")" + error + R"(","message":")" + message + R"(","moreInfo":{)" +
                      (request.method == "PUT" ? R"("requestId":"case",)" : "") +
                      R"("supabaseError":{"code":")";
  CHECK(response.body.substr(0, begin.size()) == begin);
}

}  // namespace

TEST_CASE("a key whose new secret cannot be stored keeps its old one") {
  store_tests::TempDir dir;
  engine::Engine engine = make_engine_over(dir.file("keys.db"));
  std::string before = engine.handle(request_by(kHashedSecret, "GET", "/apikey/3")).body;

  check_full_disk(engine, request_by(kCaller, "PUT", "/apikey/3", R"({"regenerate":true})"), 500,
                  "failed_to_update_apikey", "Failed to regenerate API key");

  auto after = engine.handle(request_by(kHashedSecret, "GET", "/apikey/3"));
  CHECK(after.status == 200);
  CHECK(after.body == before);
}

TEST_CASE("changes are rejected while the disk is full, and change nothing") {
  store_tests::TempDir dir;
  engine::Engine engine = make_engine_over(dir.file("keys.db"));
  std::string before = engine.handle(request_by(kCaller, "GET", "/apikey")).body;

  check_full_disk(engine, request_by(kCaller, "PUT", "/apikey/2", R"({"name":"n"})"), 500,
                  "failed_to_update_apikey", "Failed to update API key");
  check_full_disk(engine, request_by(kCaller, "DELETE", "/apikey/2"), 500,
                  "failed_to_delete_apikey", "Failed to delete API key");
  check_full_disk(engine, request_by(kCaller, "POST", "/apikey", R"({"name":"k"})"), 400,
                  "failed_to_create_apikey", "Failed to create API key");

  CHECK(engine.handle(request_by(kCaller, "GET", "/apikey")).body == before);
}

TEST_CASE("null lists in a file are no limits of a subkey") {
  store_tests::TempDir dir;
  engine::Engine engine = make_engine_over(dir.file("keys.db"));
  http::Request request = request_by(kCaller, "GET", "/apikey/9");
  request.headers.add("x-limited-key-id", "9");
  http::Response response = engine.handle(request);
  CHECK(response.status == 200);
  CHECK(response.body.find(R"("limited_to_orgs":null,"limited_to_apps":null)") !=
        std::string::npos);
}
