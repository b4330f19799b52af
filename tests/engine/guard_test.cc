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

constexpr std::string_view kMalformed =
    "send a name or an IP address, with or without a port, such as localhost:12113";

std::string check_host(const Config& config, const std::string& host) {
  return describe(Guards(config).check_host({"GET", "/apikey/", {{"Host", host}}, ""}));
}

std::string check_target(const Config& config, const std::string& target, http::Headers headers) {
  return describe(Guards(config).check_host({"GET", target, std::move(headers), ""}));
}

/// The rejection of a host that could be allowed.
std::string foreign(const std::string& host, const std::string& what = "Host") {
  std::string allowed = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
  return "421 | host | " + what + " \"" + host +
         "\" does not name this server | start with --allow-host " + allowed + " to allow it";
}

/// The rejection of a host that is not valid.
std::string malformed(const std::string& host, const std::string& what = "Host") {
  return "421 | host | " + what + " \"" + host + "\" does not name this server | " +
         std::string(kMalformed);
}

}  // namespace

TEST_CASE("loopback hosts pass, whatever address the server is bound to") {
  for (const std::string bound : {"", "127.0.0.1", "127.0.0.2", "::1", "192.168.1.5", "0.0.0.0"}) {
    for (const std::string& host : split(R"(
        127.0.0.1 127.0.0.1: 127.0.0.1:12113 127.0.0.1:0 127.0.0.1:65535 127.0.0.1. 127.0.0.1.:12113
        127.0.0.0 127.255.255.254:1 localhost localhost:12113 LOCALHOST LocalHost:80 localhost.
        localhost.:12113 foo.localhost a.b-c.localhost:12113 Foo.LOCALHOST.
        xn--bcher-kva.localhost [::1] [::1]: [::1]:80 [0:0:0:0:0:0:0:1]:12113 [::ffff:127.0.0.1]
        [::FFFF:7f00:1]:12113 [::ffff:127.1.2.3]
        [0000:0000:0000:0000:0000:ffff:127.255.255.255]:12113)")) {
      CAPTURE(bound);
      CAPTURE(host);
      CHECK(check_host({bound, {}, {}}, host) == "passes");
    }
  }
}

TEST_CASE("other names are rejected, however similar to loopback") {
  for (const std::string& host : split(R"(
        evil.example 127.0.0.1.evil.example localhost.evil.example localhost-evil evillocalhost
        evil-localhost localhost.localdomain ip6-localhost localhos localhosts 127.0.0.1.nip.io
        localtest.me a local_host xn--lcalhost-lbg -127.0.0.1 127.0.0.1e0)")) {
    CAPTURE(host);
    CHECK(check_host({}, host) == foreign(host));
    CHECK(check_host({"0.0.0.0", {}, {}}, host) == foreign(host));
    CHECK(check_host({"::", {}, {}}, host + ":12113") == foreign(host));
    CHECK(check_host({"192.168.1.5", {}, {}}, host + ".") == foreign(host));
  }
}

TEST_CASE("unusual spellings of an address count as a name, and are rejected") {
  for (const std::string& host : split(R"(
        127.1 127.0.1 0x7f.1 0x7f.0.0.1 0x7f000001 2130706433 4294967297 0177.0.0.1 00127.0.0.1
        127.0.0.01 127.0.0.00 127.0.0.1.1 127.0.0.256 127.0.0.1000 256.0.0.1 127 0)")) {
    CAPTURE(host);
    CHECK(check_host({}, host) == foreign(host));
    CHECK(check_host({"0.0.0.0", {}, {}}, host + ":12113") == foreign(host));
  }
}

TEST_CASE("invalid hosts are rejected without suggesting to allow them") {
  for (const std::string& host :
       split(R"(
        : :80 . .. .localhost foo..localhost localhost.. 127.0.0.1.. .127.0.0.1 127..0.1 / ::1
        ::1:80 [::1 ::1] [] [ ] []:80 [::1]x [::1]x80 [::1]. [::1]:80:80 [::1]] [[::1]]
        [::1%lo] [::1%25lo] [::1/128] [localhost] [127.0.0.1] [:::1] [1::1::1] [::g]
        [0:0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]
        [v1.fe80::a] [::127.0.0.256] [::ffff:127.1] localhost:abc 127.0.0.1:abc
        127.0.0.1:80:80 127.0.0.1:-1 127.0.0.1:+80 127.0.0.1:0x50 127.0.0.1:123456
        127.0.0.1:80/ 127.0.0.1:80.evil.example evil.example:127.0.0.1 evil:80.localhost
        localhost,localhost localhost;evil localhost/ localhost/apikey localhost? localhost#
        evil.example#.localhost evil.example/.localhost evil.example?.localhost
        evil.example\.localhost localhost\ http://localhost http://localhost:12113/ //localhost
        %6cocalhost localhost%00.evil.example 127%2e0%2e0%2e1 *.localhost * "localhost"
        'localhost' <script> $(id).localhost)",
             {"", "[::1] :80", "127.0.0.1:8 0", "127.0.0.1: 80", "localhost evil.example",
              "evil.example localhost", "127.0.0.1, evil.example", "local host"})) {
    CAPTURE(host);
    CHECK(check_host({}, host) == malformed(host));
    CHECK(check_host({"::", {}, {}}, host) == malformed(host));
  }
}

TEST_CASE("a host with bytes that are not printable ASCII is invalid, and these are not repeated") {
  using namespace std::string_literals;
  struct Row {
    std::string host;
    std::string shortened;
  };
  for (const Row& row : {
           Row{"localhost\0.evil.example"s, "localhost?.evil.example"},
           Row{"[::1\0]"s, "[::1?]"},
           Row{"[::1\0evil.example]"s, "[::1?evil.example]"},
           Row{"127.0.0.1\0"s, "127.0.0.1?"},
           Row{"localhost\t", "localhost?"},
           Row{"localhost\r\nX: y", "localhost??X: y"},
           Row{"127.0.0.1\x7f", "127.0.0.1?"},
           Row{"127\xE3\x80\x82.0.0.1", "127???.0.0.1"},
           Row{"\xEF\xBD\x8Cocalhost", "???ocalhost"},
           Row{"l\xC3\xB6.localhost", "l??.localhost"},
           Row{"127.0.0.1:\xEF\xBC\x98\xEF\xBC\x90", "127.0.0.1:??????"},
           Row{" localhost", "localhost"},
           Row{" ", ""},
       }) {
    CAPTURE(row.shortened);
    CHECK(check_host({}, row.host) == malformed(row.shortened));
    CHECK(check_host({"0.0.0.0", {row.host}, {}}, row.host) == malformed(row.shortened));
  }
}

TEST_CASE("user and password in front of a host are not repeated") {
  CHECK(check_host({}, "user@127.0.0.1") == malformed("...@127.0.0.1"));
  CHECK(check_host({}, "user:secret@localhost:80") == malformed("...@localhost:80"));
  CHECK(check_host({}, "localhost@evil.example") == malformed("...@evil.example"));
  CHECK(check_host({}, "127.0.0.1:80@evil.example") == malformed("...@evil.example"));
  CHECK(check_host({}, "a@b@localhost") == malformed("...@localhost"));
  CHECK(check_host({}, "@localhost") == malformed("...@localhost"));
  CHECK(check_host({}, "@") == malformed("...@"));
}

TEST_CASE("a long host is truncated") {
  std::string label(63, 'a');
  std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  CHECK(check_host({}, longest) == foreign(longest.substr(0, 100) + "..."));
  CHECK(check_host({}, longest + "c") == malformed(longest.substr(0, 100) + "..."));
  CHECK(check_host({}, longest.substr(0, 100)) == foreign(longest.substr(0, 100)));
  std::string huge(16'000, '/');
  CHECK(check_host({}, huge) == malformed(huge.substr(0, 100) + "..."));
}

TEST_CASE("an IP address passes as Host if the server listens on it") {
  struct Row {
    std::string bound;
    std::string own;
    std::string others;
  };
  for (const Row& row : {
           Row{"192.168.1.5", "192.168.1.5 192.168.1.5. [::ffff:192.168.1.5] [::FFFF:c0a8:105]",
               "192.168.1.6 192.168.1.50 19.168.1.5 0.0.0.0 [::] [::192.168.1.5]"},
           Row{"fd00::1", "[fd00::1] [FD00:0:0::1]", "[fd00::2] [::] 0.0.0.0 192.168.1.5"},
           Row{"::ffff:10.0.0.1", "10.0.0.1 [::ffff:10.0.0.1]", "10.0.0.2"},
           // Browsers let pages reach loopback as 0.0.0.0.
           Row{"127.0.0.1", "",
               "0.0.0.0 [::] [::ffff:0.0.0.0] 192.168.1.5 126.255.255.255 128.0.0.1 1.0.0.127 "
               "[::2] "
               "[1::1] [::127.0.0.1] [64:ff9b::127.0.0.1] [::ffff:0:127.0.0.1] 169.254.169.254"},
           Row{"", "", "0.0.0.0 [::] 192.168.1.5"},
           Row{"::1", "", "0.0.0.0 [::] [fe80::1]"},
           // A server bound to every address does not know its own addresses.
           Row{"0.0.0.0", "0.0.0.0 192.168.1.5 [fd00::1] [::]", "192.168.1.256"},
           Row{"::", "0.0.0.0 192.168.1.5 [fd00::1] [::]", "192.168.1"},
           Row{"::ffff:0.0.0.0", "10.1.2.3", "10.1.2"},
           Row{"everywhere", "", "192.168.1.5 everywhere"},
       }) {
    CAPTURE(row.bound);
    for (const std::string& host : split(row.own)) {
      CAPTURE(host);
      CHECK(check_host({row.bound, {}, {}}, host) == "passes");
      CHECK(check_host({row.bound, {}, {}}, host + ":12113") == "passes");
    }
    for (const std::string& host : split(row.others)) {
      CAPTURE(host);
      CHECK(check_host({row.bound, {}, {}}, host) == foreign(host));
      CHECK(check_host({row.bound, {}, {}}, host + ":12113") == foreign(host));
    }
  }
}

TEST_CASE("allowed hosts pass in any case, with any port, and with a final dot") {
  Config config{
      "127.0.0.1",
      {"mock-capgo", "ci_runner.example", "dot.example.", "192.168.1.5", "fd00::1", "[fd00::2]"},
      {}};
  for (const std::string& host : split(R"(
        mock-capgo MOCK-capgo:12113 mock-capgo. mock-capgo.:80 ci_runner.example Dot.example
        dot.example. 192.168.1.5:1 [::ffff:192.168.1.5] [fd00:0::1]:80 [fd00::2] localhost:12113
        127.0.0.1)")) {
    CAPTURE(host);
    CHECK(check_host(config, host) == "passes");
  }
  for (const std::string host : {"a.mock-capgo", "mock-capgo.example", "example", "mock", "fd00",
                                 "192.168.1.6", "[fd00::3]"}) {
    CAPTURE(host);
    CHECK(check_host(config, host) == foreign(host));
  }
  CHECK(check_host(config, "fd00::1") == malformed("fd00::1"));
  CHECK(check_host(config, "user@mock-capgo") == malformed("...@mock-capgo"));
  CHECK(check_host(config, "mock-capgo,evil.example") == malformed("mock-capgo,evil.example"));
}

TEST_CASE("an allowed host that is empty or a pattern allows nothing") {
  for (const std::string allowed : {"", ".", "*", "[]", "*.example", ".example"}) {
    CAPTURE(allowed);
    CHECK(check_host({"", {allowed}, {}}, "evil.example") == foreign("evil.example"));
    CHECK(check_host({"", {allowed}, {}}, "") == malformed(""));
    CHECK(check_host({"", {allowed}, {}}, "10.0.0.1") == foreign("10.0.0.1"));
  }
}

TEST_CASE("a request without Host passes, and only Host is checked") {
  CHECK(check_target({}, "/apikey/", {}) == "passes");
  CHECK(check_target({}, "/", {{"X-Forwarded-Host", "evil.example"}, {"Hosts", "x"}}) == "passes");
  CHECK(check_target({}, "/",
                     {{"X-Forwarded-Host", "localhost"},
                      {"Forwarded", "host=localhost"},
                      {"hOST", "evil.example"}}) == foreign("evil.example"));
}

TEST_CASE("both the host of an absolute target and the Host header must be allowed") {
  const std::string what = "The target's host";
  const http::Headers local = {{"Host", "localhost:12113"}};
  struct Row {
    std::string target;
    std::string expected;
  };
  for (const Row& row : {
           Row{"http://localhost:12113/apikey/", "passes"},
           Row{"HTTP://LOCALHOST", "passes"},
           Row{"http://[::1]:12113?x=1", "passes"},
           Row{"https://127.0.0.1#http://evil/", "passes"},
           Row{"http://evil.example/apikey/", foreign("evil.example", what)},
           Row{"http://evil.example:12113", foreign("evil.example", what)},
           Row{"http://evil.example?http://localhost/", foreign("evil.example", what)},
           Row{"http://evil.example#@localhost/", foreign("evil.example", what)},
           Row{"http://localhost.evil.example/", foreign("localhost.evil.example", what)},
           Row{"x://evil.example/apikey/", foreign("evil.example", what)},
           Row{"x/y://evil.example/apikey/", foreign("evil.example", what)},
           Row{"://evil.example/apikey/", foreign("evil.example", what)},
           Row{"http:///apikey/", malformed("", what)},
           Row{"http://", malformed("", what)},
           Row{"http://?", malformed("", what)},
           Row{"http://a:b@localhost/", malformed("...@localhost", what)},
           Row{"http://evil.example\\@localhost/", malformed("...@localhost", what)},
           Row{"http://localhost\\.evil.example/", malformed("localhost\\.evil.example", what)},
           Row{"http://localhost:80:80/", malformed("localhost:80:80", what)},
           Row{"http://[::1/", malformed("[::1", what)},
           // Not absolute targets.
           Row{"/http://evil.example/", "passes"},
           Row{"//evil.example/", "passes"},
           Row{"/apikey/?next=http://evil.example/", "passes"},
           Row{"?next=http://evil.example/", "passes"},
           Row{"#http://evil.example/", "passes"},
           Row{"*", "passes"},
           Row{"", "passes"},
       }) {
    CAPTURE(row.target);
    CHECK(check_target({}, row.target, local) == row.expected);
    CHECK(check_target({}, row.target, {}) == row.expected);
  }
  CHECK(check_target({}, "http://localhost/", {{"Host", "evil.example"}}) ==
        foreign("evil.example"));
  CHECK(check_target({"", {"mock.example"}, {}}, "http://Mock.example/", local) == "passes");
}

TEST_CASE("loopback addresses are recognized") {
  for (const std::string address : {"127.0.0.1", "127.0.0.0", "127.255.255.255", "::1",
                                    "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f01:203"}) {
    CAPTURE(address);
    CHECK(engine::is_loopback(address));
  }
  for (const std::string& address : split(R"(
        0.0.0.0 :: 128.0.0.1 126.0.0.1 192.168.1.5 ::2 ::127.0.0.1 ::ffff:128.0.0.1 127.1
        0127.0.0.1 127.0.0.1. [::1] ::1%lo localhost 127.0.0.1:80 fe80::1)",
                                          {"", "127.0.0.1 "})) {
    CAPTURE(address);
    CHECK_FALSE(engine::is_loopback(address));
  }
}
