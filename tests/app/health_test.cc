#include "app/health.h"

#include <doctest/doctest.h>

#include <sstream>

#include "app/parsed_options.h"
#include "app/run.h"
#include "app/variable.h"
#include "transport/client.h"

using app_tests::early_exit_of;
using app_tests::options_of;
using app_tests::Variable;

namespace {

/// The URL that `health` requests with these arguments.
std::string health_url(const std::vector<std::string>& args = {}) {
  std::vector<std::string> all = {"health"};
  all.insert(all.end(), args.begin(), args.end());
  app::Options options = options_of(all);
  return transport::Address{options.host, options.port}.host_and_port() + options.health_path;
}

void check_health_rejected(const std::vector<std::string>& args, const std::string& problem) {
  std::vector<std::string> all = {"health"};
  all.insert(all.end(), args.begin(), args.end());
  app::EarlyExit rejection = early_exit_of(all);
  CHECK(rejection.exit_code == 2);
  CHECK(rejection.text == "mock-capgo: " + problem + "\nSee mock-capgo health --help.\n");
}

struct HealthOutcome {
  int exit_code;
  std::string out;
  std::string err;
};

/// Runs `health` on a server with this handler. URL stands for its address in the output.
HealthOutcome health_of(const transport::Handler& handler) {
  transport::RunningServer server(handler);
  std::string url = server.address.url();
  std::ostringstream out;
  std::ostringstream err;
  int exit_code = app::check_health(options_of({"health", "--url", url}), out, err);
  auto without_address = [&url](std::string output) {
    size_t begin = output.find(url);
    REQUIRE(begin != std::string::npos);
    return output.replace(begin, url.size(), "URL");
  };
  if (exit_code == 0) return {0, without_address(out.str()), err.str()};
  return {exit_code, out.str(), without_address(err.str())};
}

}  // namespace

TEST_CASE("health accepts the URL of a server, of its control API, and of its health") {
  CHECK(health_url() == "127.0.0.1:12113/__admin/health");
  for (const std::string path : {"", "/", "/__admin", "/__admin/", "/__admin/health"}) {
    CAPTURE(path);
    CHECK(health_url({"--url", "http://ci.internal:8080" + path}) ==
          "ci.internal:8080/__admin/health");
    CHECK(health_url({"--url=http://ci/functions/v1" + path}) ==
          "ci:80/functions/v1/__admin/health");
  }
  CHECK(health_url({"--url", "HTTP://[::1]:65535"}) == "[::1]:65535/__admin/health");
}

TEST_CASE("health rejects what is not the URL of a server") {
  for (const std::string url : {"", "127.0.0.1:12113", "ci", "ftp://ci", "http://", "http://ci:0",
                                "http://ci:65536", "http://ci:x", "http://user@ci", "http://[::1",
                                "http://ci/?a", "http://ci#a", "http://ci/a b"}) {
    check_health_rejected({"--url", url},
                          "--url: \"" + url + "\" must be a URL such as http://127.0.0.1:12113");
  }
  check_health_rejected(
      {"--url", "HTTPS://ci"},
      "--url: \"HTTPS://ci\" must begin with http://, because mock-capgo has no TLS");
  check_health_rejected({"http://ci"}, "unexpected argument \"http://ci\"");
  check_health_rejected({"--port", "1"},
                        "health: unknown option --port; the options are: --help --url");
}

TEST_CASE("without --url, health finds the server in the environment") {
  Variable host("MOCK_CAPGO_HOST", "::1");
  Variable port("MOCK_CAPGO_PORT", "8080");
  Variable empty("MOCK_CAPGO_ADMIN_URL", "");
  CHECK(health_url() == "[::1]:8080/__admin/health");
  {
    Variable url("MOCK_CAPGO_ADMIN_URL", "http://127.0.0.1:40123/__admin");
    CHECK(health_url() == "127.0.0.1:40123/__admin/health");
    CHECK(health_url({"--url", "http://ci"}) == "ci:80/__admin/health");
  }
  {
    Variable url("MOCK_CAPGO_ADMIN_URL", "x");
    check_health_rejected(
        {}, "MOCK_CAPGO_ADMIN_URL: \"x\" must be a URL such as http://127.0.0.1:12113");
    CHECK(options_of({}).port == 8080);
  }
  {
    Variable invalid("MOCK_CAPGO_PORT", "x");
    check_health_rejected({}, "MOCK_CAPGO_PORT: \"x\" must be a number from 0 to 65535");
    CHECK(health_url({"--url", "http://ci"}) == "ci:80/__admin/health");
  }
  Variable any("MOCK_CAPGO_PORT", "0");
  check_health_rejected(
      {}, "health: with MOCK_CAPGO_PORT=0 the port can be any; name the server with --url");
}

TEST_CASE("health succeeds only if mock-capgo answers") {
  const std::string body = R"({"status":"ok","version":"1.2.3","contract":"documented"})";
  HealthOutcome healthy = health_of([&](const http::Request& request) {
    return request.target == "/__admin/health" ? transport::always(body)(request)
                                               : transport::echo(request);
  });
  CHECK(healthy.exit_code == 0);
  CHECK(healthy.out == "ok: mock-capgo 1.2.3, contract documented, at URL\n");
  CHECK(healthy.err.empty());

  auto check_unhealthy = [](const http::Response& response, const std::string& problem) {
    HealthOutcome outcome = health_of([&](const http::Request&) { return response; });
    CHECK(outcome.exit_code == app::kFailed);
    CHECK(outcome.out.empty());
    CHECK(outcome.err == "mock-capgo: URL/__admin/health: " + problem + "\n");
  };
  const std::string not_mock = ", but not from mock-capgo; check host, port and path";
  for (const std::string other :
       {"", "ok", "[]", R"({"status":"ok"})", R"({"status":"ok","version":1,"contract":"a"})",
        R"({"status":"down","version":"1.2.3","contract":"documented"})"}) {
    http::Response response;
    response.body = other;
    check_unhealthy(response, "status 200" + not_mock);
  }
  http::Response response;
  response.status = 503;
  response.body = body;
  check_unhealthy(response, "status 503" + not_mock);
  response.headers.add("X-Mock-Reason", "too many connections");
  check_unhealthy(response, "status 503: too many connections");
  response.fault = http::Fault::empty_response;
  check_unhealthy(response,
                  "no HTTP response within 2 seconds; start the server, or name another one "
                  "with --url");
}
