#include "engine/start_page.h"

#include <doctest/doctest.h>

#include <string>

#include "engine/requests.h"

using engine_tests::get;
using engine_tests::header;

TEST_CASE("the start page has status 200 and links to the API and the control API") {
  test_engine::Options options;
  options.base_path = "/functions/v1";
  engine::Engine engine = test_engine::make_engine(options);
  for (const std::string base : {"", "/functions/v1", "/sandbox/a", "/functions/v1/sandbox/a"}) {
    for (const std::string& path : {base, base + "/"}) {
      if (path.empty()) continue;
      CAPTURE(path);
      const http::Response page = engine.handle(get(path, ""));
      CHECK(page.status == 200);
      CHECK(header(page, "Content-Type") == "text/html; charset=utf-8");
      for (const std::string link :
           {"/__admin/", "/apikey/", "/__admin/health", "/__admin/requests"}) {
        CHECK(page.body.find("<a href=\"" + base + link + "\">") != std::string::npos);
        CHECK(engine.handle(get(base + link)).status == 200);
      }
    }
  }
}

TEST_CASE("HEAD / has the start page's headers, and any other method is the contract's") {
  engine::Engine engine = test_engine::make_engine();
  CHECK(engine.handle({"HEAD", "/", {}, ""}).status == 200);
  CHECK(engine.handle({"POST", "/", {}, ""}).status == 404);
}

TEST_CASE("the start page creates no sandbox and is not in the journal") {
  engine::Engine engine = test_engine::make_engine();
  engine.handle(get("/"));
  engine.handle(get("/sandbox/a/"));
  CHECK(engine_tests::ask(engine, "GET", "/__admin/sandboxes") ==
        R"(200 {"sandboxes":[],"limit":1000})");
  CHECK(engine_tests::ask(engine, "GET", "/__admin/requests") ==
        R"(200 {"requests":[],"dropped":0})");
}
