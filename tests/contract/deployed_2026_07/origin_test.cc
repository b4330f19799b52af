#include "contract/deployed_2026_07/origin.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <utility>

using contract::deployed_2026_07::allowed_origin;

TEST_CASE("the service's own origins are allowed, over https and its default port") {
  for (std::string host : {"capgo.app", "preprod.capgo.app", "development.capgo.app"}) {
    for (const std::string& origin : {"https://" + host, "https://console." + host}) {
      CHECK(allowed_origin(origin) == origin);
      CHECK(allowed_origin(origin + ":443") == origin);
      CHECK(allowed_origin(origin + ":8443") == "");
      CHECK(allowed_origin(origin + ".evil.com") == "");
    }
    CHECK(allowed_origin("http://" + host) == "");
    CHECK(allowed_origin("https://www." + host) == "");
  }
}

TEST_CASE("local origins are allowed with any port") {
  for (std::string scheme : {"http", "https"}) {
    for (std::string host : {"localhost", "127.0.0.1", "[::1]"}) {
      std::string origin = scheme + "://" + host;
      CHECK(allowed_origin(origin) == origin);
      CHECK(allowed_origin(origin + ":5173") == origin + ":5173");
    }
  }
  for (std::string origin :
       {"capacitor://localhost", "ionic://localhost", "localhost://localhost"}) {
    CHECK(allowed_origin(origin) == origin);
    CHECK(allowed_origin(origin + ":80") == origin + ":80");
  }
}

TEST_CASE("an allowed origin is written as a URL library writes it") {
  const std::initializer_list<std::pair<std::string, std::string>> origins = {
      {"https://CAPGO.app:443/x", "https://capgo.app"},
      {"HTTPS://capgo.app", "https://capgo.app"},
      {"https://capgo.app?x=1", "https://capgo.app"},
      {"https://capgo.app#x", "https://capgo.app"},
      {"https://user@capgo.app", "https://capgo.app"},
      {"http://localhost:80", "http://localhost"},
      {"https://localhost:80", "https://localhost:80"},
      {"http://localhost:", "http://localhost"},
      {"http://localhost:080", "http://localhost"},
      {"http://[::1]:3000/", "http://[::1]:3000"},
  };
  for (const auto& origin : origins) {
    CAPTURE(origin.first);
    CHECK(allowed_origin(origin.first) == origin.second);
  }
}

TEST_CASE("other origins are not allowed") {
  for (std::string origin :
       {"", "null", "capgo.app", "https://", "https://evil.com", "https://capgo.app@evil.com",
        "https://evil.com/https://capgo.app", "https://evil.com\\@capgo.app", "file://localhost",
        "capacitor://capgo.app", "http://localhost:99999", "http://localhost:x",
        "http://localhost.evil.com", "http://[::2]"}) {
    CAPTURE(origin);
    CHECK(allowed_origin(origin) == "");
  }
}
