#include "engine/guard.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/guard_cases.h"

using engine::Guards;
using engine_tests::describe;
using engine_tests::split;
using Config = engine::Guards::Config;

namespace {

std::string check_control(const Config& config, http::Headers headers) {
  return describe(Guards(config).check_control({"PUT", "/__admin/clock", std::move(headers), "{}"},
                                               "/__admin/clock"));
}

/// The rejection of an Origin, in a request with this Host.
std::string foreign_origin(const std::string& origin, const std::string& host) {
  return "403 | origin | Origin \"" + origin +
         "\" is not allowed to use the control API | call it from a program that sends no Origin "
         "header, not from a web page | the only allowed page is http://" +
         host;
}

constexpr std::string_view kNeedsToken =
    "403 | admin_token | the admin token is missing | send the value of --admin-token as "
    "Authorization: Bearer T";
constexpr std::string_view kWrongToken =
    "403 | admin_token | the admin token is wrong | send the value of --admin-token as "
    "Authorization: Bearer T";
constexpr std::string_view kClosed =
    "403 | admin_token | the control API is disabled: other machines can reach this server, and it "
    "has no admin token | start with --admin-token T and send it as Authorization: Bearer T";

}  // namespace

TEST_CASE("control calls without an Origin and from pages of the server pass on loopback") {
  struct Row {
    std::string host;
    std::string origin;
  };
  CHECK(check_control({}, {}) == "passes");
  CHECK(check_control({}, {{"Host", "localhost:12113"}}) == "passes");
  CHECK(check_control({}, {{"Host", "localhost:12113"},
                           {"Referer", "http://evil.example/"},
                           {"X-Origin", "http://evil.example"}}) == "passes");
  for (const Row& row : {
           Row{"localhost:12113", "http://localhost:12113"},
           Row{"127.0.0.1:12113", "http://127.0.0.1:12113"},
           Row{"[::1]:12113", "http://[::1]:12113"},
           Row{"LocalHost:12113", "HTTP://localhost:12113"},
           Row{"localhost", "http://LOCALHOST"},
       }) {
    CAPTURE(row.origin);
    CHECK(check_control({}, {{"Host", row.host}, {"Origin", row.origin}}) == "passes");
    CHECK(check_control({}, {{"ORIGIN", row.origin}, {"hoST", row.host}}) == "passes");
    CHECK(check_control({}, {{"Host", row.host}, {"Origin", row.origin}, {"Origin", row.origin}}) ==
          "passes");
  }
}

TEST_CASE("a page of another origin cannot make a control call, even without an Origin") {
  const std::string rejected =
      "403 | origin | a web page of another origin cannot use the control API | call it from a "
      "program, not from a web page";
  CHECK(check_control({}, {{"Sec-Fetch-Site", "cross-site"}}) == rejected);
  CHECK(check_control({}, {{"Host", "localhost"},
                           {"Origin", "http://localhost"},
                           {"sec-fetch-site", "cross-site"}}) == rejected);
  CHECK(check_control({}, {{"Sec-Fetch-Site", "same-site"}}) == rejected);
  for (const std::string site : {"same-origin", "none", ""}) {
    CHECK(check_control({}, {{"Sec-Fetch-Site", site}}) == "passes");
  }
}

TEST_CASE("a page of another site creates no sandbox, unless it is a loopback or allowed page") {
  auto check_without_site = [](http::Headers headers) {
    Config config;
    config.allowed_hosts = {"console.example"};
    return describe(
        Guards(config).check_new_sandbox({"GET", "/sandbox/a/apikey/", std::move(headers), ""}));
  };
  auto check = [&](http::Headers headers) {
    headers.add("Sec-Fetch-Site", "cross-site");
    return check_without_site(std::move(headers));
  };
  const std::string rejected =
      "403 | origin | a web page of another site cannot create a sandbox | create the sandbox "
      "before the page uses it, or start with --allow-host and the host of the page";
  CHECK(check({}) == rejected);
  for (const std::string origin : {"null", "", "http://", "http://evil.example", "console.example",
                                   "http://localhost.evil.example", "evil://x@localhost"}) {
    CAPTURE(origin);
    CHECK(check({{"Origin", origin}}) == rejected);
    CHECK(check_without_site({{"Origin", origin}}) == rejected);
  }
  for (const std::string origin : {"http://localhost:5173", "https://127.0.0.1:8443",
                                   "http://[::1]:3000", "https://console.example"}) {
    CAPTURE(origin);
    CHECK(check({{"Origin", origin}}) == "passes");
    CHECK(check_without_site({{"Origin", origin}}) == "passes");
  }
  CHECK(describe(Guards({}).check_new_sandbox({"GET", "/sandbox/a/apikey/", {}, ""})) == "passes");
}

TEST_CASE("any page may link to the console, which needs no token, but not to what it shows") {
  auto check_path = [](const std::string& method, const std::string& path) {
    Config config;
    config.admin_token = "T";
    http::Headers headers = {{"Sec-Fetch-Site", "cross-site"}};
    return describe(Guards(config).check_control({method, path, headers, ""}, path));
  };
  for (const std::string path : {"/__admin", "/__admin/", "/__admin/console/main.js"}) {
    CAPTURE(path);
    CHECK(check_path("GET", path) == "passes");
    CHECK(check_path("HEAD", path) == "passes");
    CHECK(check_path("POST", path).starts_with("403 | origin"));
  }
  for (const std::string path : {"/__admin/requests", "/__admin/console", "/__admin//"}) {
    CAPTURE(path);
    CHECK(check_path("GET", path).starts_with("403 | origin"));
  }
}

TEST_CASE("the health of a server needs no token, but no page may ask for it") {
  auto check_health = [](http::Headers headers) {
    Config config;
    config.admin_token = "T";
    return describe(Guards(config).check_control({"GET", "/__admin/health", std::move(headers), ""},
                                                 "/__admin/health"));
  };
  CHECK(check_health({}) == "passes");
  CHECK(check_health({{"Origin", "http://evil.example"}, {"Host", "localhost"}})
            .starts_with("403 | origin"));
}

TEST_CASE("a control call from any other page is rejected") {
  const std::string host = "127.0.0.1:12113";
  for (const std::string& origin : split(R"(
        null NULL http:// http: http http://evil.example http://evil.example:12113
        https://127.0.0.1:12113 ws://127.0.0.1:12113 http://127.0.0.1 http://127.0.0.1:80
        http://127.0.0.1:1211 http://127.0.0.1:12112 http://127.0.0.1:121130
        http://127.0.0.1:012113 http://127.0.0.1: http://127.0.0.2:12113 http://localhost:12113
        http://[::1]:12113 http://[::ffff:127.0.0.1]:12113 http://0.0.0.0:12113
        http://127.0.0.1.:12113 http://127.1:12113 http://127.0.0.1:12113/
        http://127.0.0.1:12113/apikey http://127.0.0.1:12113? http://127.0.0.1:12113#
        http://127.0.0.1:12113.evil.example http://127.0.0.1.evil.example:12113
        http://127.0.0.1:12113,http://127.0.0.1:12113 http://127.0.0.1:12113:12113
        http:/127.0.0.1:12113 http:127.0.0.1:12113 //127.0.0.1:12113 127.0.0.1:12113
        http:\\127.0.0.1:12113 file:// about:blank chrome-extension://abcdef vscode-webview://x *)",
                                         {"", "http://127.0.0.1:12113 http://evil.example",
                                          "http://evil.example http://127.0.0.1:12113"})) {
    CAPTURE(origin);
    CHECK(check_control({}, {{"Host", host}, {"Origin", origin}}) == foreign_origin(origin, host));
  }
  CHECK(check_control({}, {{"Host", host}, {"Origin", "http://user@" + host}}) ==
        foreign_origin("...@" + host, host));
  CHECK(check_control({}, {{"Host", host}, {"Origin", " http://" + host}}) ==
        foreign_origin("http://" + host, host));
  CHECK(check_control({}, {{"Host", host}, {"Origin", std::string(200, 'x')}}) ==
        foreign_origin(std::string(100, 'x') + "...", host));
}

TEST_CASE("every Origin must match the Host, and none matches without Host") {
  const http::Header own = {"Origin", "http://localhost:1"};
  const http::Header evil = {"Origin", "http://evil.example"};
  const http::Header host = {"Host", "localhost:1"};
  const std::string expected = foreign_origin("http://evil.example", "localhost:1");
  CHECK(check_control({}, {host, own, evil}) == expected);
  CHECK(check_control({}, {host, evil, own}) == expected);
  CHECK(check_control({}, {own}) ==
        "403 | origin | Origin \"http://localhost:1\" is not allowed to use the control API | call "
        "it from a program that sends no Origin header, not from a web page");
}

TEST_CASE("with an admin token set, control calls need it, on loopback too") {
  for (const std::string bound : {"", "127.0.0.1", "0.0.0.0", "192.168.1.5"}) {
    CAPTURE(bound);
    Config config{bound, {}, "a b="};
    for (const std::string line : {"Bearer a b=", "bearer a b=", "BEARER    a b="}) {
      CHECK(check_control(config, {{"Host", "localhost:1"}, {"authorization", line}}) == "passes");
    }
    CHECK(check_control(config, {{"Host", "localhost:1"}}) == kNeedsToken);
    for (const std::string line : {"", "Bearer", "Bearer ", "Bearer    ", "a b=", "Bearera b=",
                                   "Bearer\ta b=", "Bearer,a b=", " Bearer a b=", "Bear a b=",
                                   "Basic a b=", "Basic YSBiPQ==", "Bearer: a b="}) {
      CAPTURE(line);
      CHECK(check_control(config, {{"Authorization", line}}) == kNeedsToken);
    }
    for (const std::string line :
         {"Bearer A b=", "Bearer a b", "Bearer a b==", "Bearer a b= ", "Bearer a",
          "Bearer Bearer a b=", "Bearer \"a b=\"", "Bearer T", "Bearer a  b=", "Bearer ak_123"}) {
      CAPTURE(line);
      CHECK(check_control(config, {{"Authorization", line}}) == kWrongToken);
    }
    CHECK(check_control(config, {{"capgkey", "a b="}, {"X-Admin-Token", "a b="}}) == kNeedsToken);
    auto check_get = [&](const std::string& path) {
      return describe(Guards(config).check_control({"GET", path + "?token=a%20b=", {}, ""}, path));
    };
    CHECK(check_get("/__admin/clock") == kNeedsToken);
    CHECK(check_get("/__admin/health") == "passes");
  }
}

TEST_CASE("an empty admin token never matches") {
  for (const std::string line : {"", "Bearer", "Bearer ", "Bearer  "}) {
    CHECK(check_control({"", {}, ""}, {{"Authorization", line}}) == kNeedsToken);
  }
  CHECK(check_control({"", {}, ""}, {}) == kNeedsToken);
  CHECK(check_control({"", {}, ""}, {{"Authorization", "Bearer x"}}) == kWrongToken);
}

TEST_CASE("without an admin token, only a server bound to loopback accepts control calls") {
  for (const std::string bound : {"", "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"}) {
    CAPTURE(bound);
    CHECK(check_control({bound, {}, {}}, {{"Host", "localhost"}}) == "passes");
    CHECK(check_control({bound, {}, {}}, {{"Authorization", "Bearer anything"}}) == "passes");
  }
  for (const std::string bound :
       {"0.0.0.0", "::", "192.168.1.5", "fd00::1", "::ffff:0.0.0.0", "localhost", "nonsense"}) {
    CAPTURE(bound);
    CHECK(check_control({bound, {}, {}}, {{"Host", "localhost"}}) == kClosed);
    CHECK(check_control({bound, {}, {}}, {{"Host", "127.0.0.1:12113"},
                                          {"Origin", "http://127.0.0.1:12113"},
                                          {"Authorization", "Bearer anything"}}) == kClosed);
  }
}

TEST_CASE("the origin is checked before the token, even if the token is correct") {
  Config config{"0.0.0.0", {}, "T"};
  http::Headers headers = {{"Host", "10.0.0.1:1"}, {"Origin", "http://evil.example"}};
  const std::string expected = foreign_origin("http://evil.example", "10.0.0.1:1");
  CHECK(check_control(config, headers) == expected);
  CHECK(check_control({"0.0.0.0", {}, {}}, headers) == expected);
  headers.add("Authorization", "Bearer T");
  CHECK(check_control(config, headers) == expected);
  headers.set("Origin", "http://10.0.0.1:1");
  CHECK(check_control(config, headers) == "passes");
}
