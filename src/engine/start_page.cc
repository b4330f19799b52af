#include "engine/start_page.h"

#include <string>

namespace engine {

http::Response start_page(std::string_view path, std::string_view contract) {
  std::string base(path);
  if (!base.ends_with('/')) base += '/';
  auto item = [&](std::string_view target, std::string_view text) {
    std::string url = base + std::string(target);
    return "<li><a href=\"" + url + "\">" + url + "</a>: " + std::string(text) + "</li>\n";
  };
  http::Response response;
  response.headers = {{"Content-Type", "text/html; charset=utf-8"}};
  response.body =
      "<!doctype html>\n<html lang=\"en\">\n<title>mock-capgo</title>\n"
      // Otherwise browsers request /favicon.ico, which the journal would show.
      "<link rel=\"icon\" href=\"/__admin/console/icon.svg\">\n<h1>mock-capgo</h1>\n"
      "<p>This server emulates Capgo's API keys, for tests. The contract is " +
      std::string(contract) + ".</p>\n<ul>\n" +
      item("__admin/", "the console: requests, keys, scenarios and the clock") +
      item("apikey/", "the emulated API; send a key in the header authorization") +
      item("__admin/health", "whether the server is ready") +
      item("__admin/requests", "the requests so far, with the reason of each rejection") +
      item("__admin/openapi.json", "all calls, as an OpenAPI description") + "</ul>\n</html>\n";
  return response;
}

}  // namespace engine
