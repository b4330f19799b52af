#include "control/console.h"

#include <doctest/doctest.h>

#include <string>

#include "base/embedded_files.h"
#include "engine/requests.h"

using engine_tests::get;
using engine_tests::header;

namespace {

std::string without_folder(std::string_view file) {
  return std::string(file.substr(std::string_view("console/").size()));
}

}  // namespace

TEST_CASE("the console's page and all of its files are served with their types, and nothing else") {
  engine::Engine engine = test_engine::make_engine();
  size_t files = 0;
  for (const base::EmbeddedFile& file : base::embedded_files()) {
    if (!file.name.starts_with("console/")) continue;
    CAPTURE(file.name);
    ++files;
    http::Response response = engine.handle(get("/__admin/" + std::string(file.name), ""));
    CHECK(response.status == 200);
    CHECK(response.body == file.content);
    std::string suffix = without_folder(file.name);
    suffix.erase(0, suffix.find('.'));
    const std::string type = suffix == ".html"  ? "text/html; charset=utf-8"
                             : suffix == ".css" ? "text/css; charset=utf-8"
                             : suffix == ".js"  ? "text/javascript; charset=utf-8"
                             : suffix == ".svg" ? "image/svg+xml"
                                                : "(unexpected)";
    CHECK(header(response, "Content-Type") == type);
  }
  CHECK(files > 5);
  const std::string page(base::embedded_file("console/index.html"));
  for (const std::string path : {"/__admin", "/__admin/", "/sandbox/a/__admin/", "/__admin/?x"}) {
    CHECK(engine.handle(get(path, "")).body == page);
    CHECK(engine.handle({"HEAD", path, {}, ""}).status == 200);
  }
  for (const std::string path :
       {"/__admin/console", "/__admin/console/", "/__admin/console/none.js",
        "/__admin/scenarios/hang.json", "/__admin/console/../control/openapi.json",
        "/__admin/control/openapi.json", "/__admin/console%2Findex.html"}) {
    CAPTURE(path);
    CHECK(engine.handle(get(path)).status == 404);
  }
  CHECK(engine.handle({"POST", "/__admin/", {}, ""}).status == 404);
}

TEST_CASE("the console runs only its own files, is not framed, and creates no sandbox") {
  engine::Engine engine = test_engine::make_engine();
  for (const std::string path : {"/sandbox/a/__admin/", "/__admin/console/main.js"}) {
    CAPTURE(path);
    http::Response response = engine.handle(get(path, ""));
    CHECK(header(response, "Content-Security-Policy") ==
          "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
          "object-src 'none'");
    CHECK(header(response, "X-Frame-Options") == "DENY");
    CHECK(header(response, "X-Content-Type-Options") == "nosniff");
    CHECK(header(response, "Cross-Origin-Resource-Policy") == "same-origin");
    CHECK(header(response, "Cache-Control") == "no-store");
    CHECK(header(response, "Access-Control-Allow-Origin") == "(absent)");
  }
  CHECK(engine_tests::ask(engine, "GET", "/__admin/sandboxes") ==
        R"(200 {"sandboxes":[],"limit":1000})");
}

TEST_CASE("the console's files are at most 60 kB, and refer to no other server") {
  size_t size = 0;
  for (const base::EmbeddedFile& file : base::embedded_files()) {
    if (!file.name.starts_with("console/")) continue;
    CAPTURE(file.name);
    size += file.content.size();
    std::string content(file.content);
    // The name of an XML namespace.
    const std::string svg = "http://www.w3.org/2000/svg";
    if (size_t at = content.find(svg); at != std::string::npos) content.erase(at, svg.size());
    CHECK(content.find("//www.") == std::string::npos);
    CHECK(content.find("http://") == std::string::npos);
    CHECK(content.find("https://") == std::string::npos);
    CHECK(content.find("innerHTML") == std::string::npos);
  }
  CHECK(size <= 60'000);
}
