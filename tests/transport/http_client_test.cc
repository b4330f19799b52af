#include "transport/http_client.h"

#include <doctest/doctest.h>

#include "transport/client.h"

TEST_CASE("GET returns the status, headers and body of any response") {
  transport::RunningServer server([](const http::Request& request) {
    http::Response response = transport::echo(request);
    response.status = 404;
    response.headers.add("X-Host", *request.headers.find("Host"));
    return response;
  });
  auto result = transport::http_get(server.address, "/a/b", std::chrono::seconds(20));
  const auto& response = std::get<http::Response>(result);
  CHECK(response.status == 404);
  CHECK(response.body == "GET /a/b ");
  CHECK(*response.headers.find("X-Host") == server.address.host_and_port());
}

TEST_CASE("without an HTTP response, GET returns the cause") {
  http::Response no_response;
  no_response.fault = http::Fault::empty_response;
  transport::RunningServer server([&](const http::Request&) { return no_response; });
  auto get = [&] {
    auto result = transport::http_get(server.address, "/", std::chrono::seconds(20));
    return std::get<std::string>(result);
  };
  CHECK(get() == "no HTTP response within 20 seconds");
  server.stop();
  CHECK(get() == "cannot connect");
}
