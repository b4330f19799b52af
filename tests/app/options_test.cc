#include "app/options.h"

#include <doctest/doctest.h>

#include <iterator>
#include <map>
#include <sstream>

#include "app/parsed_options.h"
#include "base/time_format.h"
#include "contract/catalog.h"

using app_tests::check_rejected;
using app_tests::early_exit_of;
using app_tests::options_of;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("without arguments it serves the documented contract from memory on port 12113") {
  app::Options options = options_of({});
  CHECK(options.command == app::Command::serve);
  CHECK(options.contract == contract::find_contract("documented"));
  CHECK(options.host == "127.0.0.1");
  CHECK(options.port == 12113);
  CHECK(options.fixtures.empty());
  CHECK(!options.sqlite_file.has_value());
  CHECK(!options.seed.has_value());
  CHECK(!options.rate_limit.has_value());
  CHECK(options.journal == 1000);
  CHECK(options.max_sandboxes == 1000);
  CHECK(options.allowed_hosts.empty());
  CHECK(!options.admin_token.has_value());
  CHECK(options.jwt_secret == "super-secret-jwt-token-with-at-least-32-characters-long");
  CHECK(options.log == app::Log::requests);
  CHECK(options.log_format == app::LogFormat::text);
  CHECK(!options.log_file.has_value());
  CHECK(!options.journal_on_exit.has_value());
}

TEST_CASE("every option of serve is read") {
  std::istringstream words(
      "serve --fixtures a.json --fixtures=b.json --scenario flaky --scenario=own.json"
      " --contract=documented --host=::1 --port 0 --base-path=/functions/v1/"
      " --storage=sqlite:k.db --seed=18446744073709551615 --now=2024-02-12 --freeze"
      " --rate-limit=7 --ready-file=ready.json --exit-on-stdin-close"
      " --export-on-exit=export.json --journal=100000 --max-sandboxes=7"
      " --allow-host ci.internal --allow-host=192.0.2.7 --admin-token=t0ken --jwt-secret=s"
      " --log=debug"
      " --log-format=json --log-file=mock.log --journal-on-exit=journal.json");
  app::Options options =
      options_of({std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()});
  CHECK(options.fixtures == std::vector<std::string>{"a.json", "b.json"});
  CHECK(options.scenarios == std::vector<std::string>{"flaky", "own.json"});
  CHECK(options.host == "::1");
  CHECK(options.port == 0);
  CHECK(options.base_path == "/functions/v1");
  CHECK(options.sqlite_file == "k.db");
  CHECK(options.seed == 18446744073709551615U);
  CHECK(options.now == base::parse_time("2024-02-12T00:00:00Z"));
  CHECK(options.freeze);
  CHECK(options.rate_limit == 7);
  CHECK(options.ready_file == "ready.json");
  CHECK(options.exit_on_stdin_close);
  CHECK(options.export_on_exit == "export.json");
  CHECK(options.journal == 100'000);
  CHECK(options.max_sandboxes == 7);
  CHECK(options.allowed_hosts == std::vector<std::string>{"ci.internal", "192.0.2.7"});
  CHECK(options.admin_token == "t0ken");
  CHECK(options.jwt_secret == "s");
  CHECK(options.log == app::Log::debug);
  CHECK(options.log_format == app::LogFormat::json);
  CHECK(options.log_file == "mock.log");
  CHECK(options.journal_on_exit == "journal.json");
}

TEST_CASE("the levels of the log are none, errors, requests and debug") {
  CHECK(options_of({"--log=none"}).log == app::Log::none);
  CHECK(options_of({"--log=errors"}).log == app::Log::errors);
  CHECK(options_of({"--log=requests"}).log == app::Log::requests);
  check_rejected({"--log=error"},
                 "--log: \"error\" must be none, errors, requests or debug; did you mean "
                 "\"errors\"?");
}

TEST_CASE("exec has the options of a server, and check does not") {
  app::Options options =
      options_of({"exec", "--journal=0", "--max-sandboxes=0", "--allow-host=a", "--admin-token=t",
                  "--log-format=json", "--log-file=l", "--journal-on-exit=j", "--", "true"});
  CHECK(options.journal == 0);
  CHECK(options.max_sandboxes == 0);
  CHECK(options.allowed_hosts == std::vector<std::string>{"a"});
  CHECK(options.admin_token == "t");
  CHECK(options.log_format == app::LogFormat::json);
  CHECK(options.log_file == "l");
  CHECK(options.journal_on_exit == "j");
  for (const std::string option :
       {"--journal", "--max-sandboxes", "--allow-host", "--admin-token", "--jwt-secret",
        "--log-format", "--log-file", "--journal-on-exit"}) {
    CAPTURE(option);
    CHECK(early_exit_of({"check", option, "1"}).text ==
          "mock-capgo: check: unknown option " + option +
              "; the options are: --help --fixtures --scenario --contract\n"
              "See mock-capgo check --help.\n");
  }
}

TEST_CASE("an allowed host is stored in lower case, and an IPv6 address without its brackets") {
  const std::string longest(253, 'a');
  struct Row {
    std::string given;
    std::string stored;
  };
  for (const Row& row :
       {Row{"CI.Internal", "ci.internal"}, Row{"host_1-2.", "host_1-2."},
        Row{"10.0.0.1", "10.0.0.1"}, Row{"FE80::1", "fe80::1"}, Row{"[2001:DB8::7]", "2001:db8::7"},
        Row{"[::ffff:192.0.2.7]", "::ffff:192.0.2.7"}, Row{longest, longest}}) {
    CAPTURE(row.given);
    CHECK(options_of({"--allow-host", row.given}).allowed_hosts ==
          std::vector<std::string>{row.stored});
  }
}

TEST_CASE("for an allowed host with a scheme, a port or a slash, the host is suggested") {
  struct Row {
    std::string given;
    std::string host;
  };
  for (const Row& row :
       {Row{"http://ci.internal", "ci.internal"}, Row{"ci.internal:8080", "ci.internal"},
        Row{"ci.internal/", "ci.internal"}, Row{"https://Ci:1/a:b", "Ci"}, Row{"[::1]:80", "[::1]"},
        Row{"http://[::1]:80/", "[::1]"}, Row{"192.0.2.7:80", "192.0.2.7"}}) {
    check_rejected({"--allow-host", "valid", "--allow-host", row.given},
                   "--allow-host: \"" + row.given +
                       "\" must be the host alone, without scheme, port or slash; write " +
                       row.host);
  }
}

TEST_CASE("invalid host names and IP addresses are rejected") {
  for (const std::string& given :
       {std::string(""), std::string("a b"), std::string("*.internal"), std::string("user@ci"),
        std::string("h\xC3\xB6st"), std::string("a:b:c"), std::string("[ci]"), std::string("[::1"),
        std::string("::1%eth0"), std::string("[]"), std::string("http://"), std::string("/"),
        std::string("."), std::string("a..b"), std::string(".internal"), std::string(254, 'a')}) {
    check_rejected({"--allow-host", given},
                   "--allow-host: \"" + given +
                       "\" must be a host name or an IP address, such as ci.internal or 192.0.2.7");
  }
}

TEST_CASE("the main help lists each command once, and the help of a command lists none") {
  const std::string help = early_exit_of({"--help"}).text;
  for (std::string_view line : {"serve  ", "exec -- ", "check  ", "contracts [", "scenarios [",
                                "health  ", "version  ", "help ["}) {
    CAPTURE(line);
    size_t first = help.find("\n  " + std::string(line));
    CHECK(first != std::string::npos);
    CHECK(help.find("\n  " + std::string(line), first + 1) == std::string::npos);
  }
  CHECK_FALSE(contains(early_exit_of({"serve", "--help"}).text, "Commands:"));
}

TEST_CASE("the brackets of an IPv6 address are optional in --host") {
  CHECK(options_of({"--host", "[::1]"}).host == "::1");
  CHECK(options_of({"--host", "LocalHost"}).host == "localhost");
  CHECK(options_of({"--host", "fe80::1:2%eth0"}).host == "fe80::1:2%eth0");
}

TEST_CASE("--now accepts a date, a date and time, or seconds since 1970") {
  for (const std::string now : {"2024-01-31 12:00", "2024-01-31t12:00:00z", "1706702400"}) {
    CAPTURE(now);
    CHECK(options_of({"--now", now}).now == base::parse_time("2024-01-31T12:00:00Z"));
  }
}

TEST_CASE("scenarios accepts the name of a built-in scenario, or none") {
  CHECK(options_of({"scenarios"}).command == app::Command::scenarios);
  CHECK(options_of({"scenarios"}).printed_scenario.empty());
  for (const std::string name : {"flaky-create", "flaky_create", "HANG"}) {
    CHECK(options_of({"scenarios", name}).printed_scenario == name);
  }
}

TEST_CASE("serve is the default command") {
  CHECK(options_of({"--port", "5"}).command == app::Command::serve);
  CHECK(options_of({"--port", "5"}).port == 5);
  CHECK(options_of({"--port", "012"}).port == 12);
}

// documented contract, section 10; deployed contracts, section 5
TEST_CASE("the rate limits of a contract have names, and any other is a number") {
  const std::map<std::string_view, contract::RateLimits> limits = {
      {"documented", {100, 1000}},
      {"deployed-2026-02", {2000, 2000}},
      {"deployed-2026-07", {2000, 2000}}};
  for (const contract::Contract* contract : contract::all()) {
    std::string name(contract->name);
    CAPTURE(name);
    auto limit_of = [&](const std::string& given) {
      auto limit = options_of({"--contract", name, "--rate-limit", given}).rate_limit;
      CHECK(options_of({"exec", "--rate-limit=" + given, "--contract=" + name, "--", "x"})
                .rate_limit == limit);
      return limit;
    };
    CHECK(limit_of("standard") == limits.at(name).standard);
    CHECK(limit_of("enterprise") == limits.at(name).enterprise);
    CHECK(limit_of("1") == 1);
    CHECK(limit_of("007") == 7);
    CHECK(limit_of("1000000000") == 1'000'000'000);
    CHECK(!options_of({"--contract", name}).rate_limit.has_value());
  }
}

TEST_CASE("an invalid rate limit is rejected with the valid ones") {
  for (const std::string given : {"", "0", "-1", "+1", "1.5", "1e3", "1000000001", "10/m", "0x10",
                                  "Standard", "enterprise ", "none", "99999999999999999999"}) {
    CAPTURE(given);
    check_rejected({"--rate-limit", given},
                   "--rate-limit: \"" + given +
                       "\" must be standard, enterprise or a number from 1 to 1000000000");
  }
}

TEST_CASE("an unknown contract is reported with any rate limit") {
  for (const std::string limit : {"standard", "enterprise", "5", "x"}) {
    app::EarlyExit rejection = early_exit_of({"--contract", "documentd", "--rate-limit", limit});
    CHECK(rejection.exit_code == 2);
    CHECK(contains(rejection.text, "--contract: unknown contract \"documentd\""));
  }
}

TEST_CASE("exec uses a free port, and passes on the words after --") {
  app::Options options =
      options_of({"exec", "--seed", "1", "--", "npm", "test", "--", "--port", "x"});
  CHECK(options.command == app::Command::exec);
  CHECK(options.port == 0);
  CHECK(options.child == std::vector<std::string>{"npm", "test", "--", "--port", "x"});
  CHECK(options_of({"exec", "--port", "99", "--", "true"}).port == 99);
}

TEST_CASE("bad usage exits with 2 and an explanation") {
  struct Row {
    std::vector<std::string> args;
    std::string_view problem;
  };
  const Row rows[] = {
      {{"--fixture", "a.json"}, "did you mean \"--fixtures\"?"},
      {{"--port", "65536"}, "--port"},
      {{"--port", "http"}, "--port"},
      {{"--port", "012x"}, "--port"},
      {{"--port", ""}, "--port"},
      {{"--host", ""}, "--host"},
      {{"--fixtures"}, "--fixtures: needs a value"},
      {{"--fixtures", "a.json", "b.json"},
       "mock-capgo: unexpected argument \"b.json\"; repeat --fixtures for more files\n"},
      {{"--port", "0", "--scenario=x.json", "b.json"},
       "unexpected argument \"b.json\"; repeat --scenario for more files\n"},
      {{"--fixtures", "a.json", "--port", "0", "b.json"}, "unexpected argument \"b.json\"\n"},
      {{"--contract", "documentd"}, "did you mean \"documented\"?"},
      {{"--storage", "sqlite"}, "--storage: \"sqlite\" must be memory or sqlite:FILE"},
      {{"--storage", "sqlite:"}, "must be memory or sqlite:FILE"},
      {{"--seed", "-1"}, "--seed: \"-1\" must be a number from 0 to"},
      {{"--seed", "18446744073709551616"}, "--seed"},
      {{"--seed", "0x10"}, "--seed"},
      {{"--now", ""}, "--now"},
      {{"--now", "today"},
       "--now: \"today\" is not a valid time; write a date (2024-01-31), a date and time "
       "(2024-01-31T12:00:00Z), or seconds since 1970 (1706702400)\n"},
      {{"--log", "request"}, "did you mean \"requests\"?"},
      {{"--log-format", "jsno"},
       "--log-format: \"jsno\" must be text or json; did you mean \"json\"?"},
      {{"--log-format", ""}, "--log-format: \"\" must be text or json"},
      {{"--journal", "100001"}, "--journal: \"100001\" must be a number from 0 to 100000"},
      {{"--journal", "-1"}, "--journal: \"-1\" must be a number from 0 to 100000"},
      {{"--max-sandboxes", "1e3"}, "--max-sandboxes: \"1e3\" must be a number from 0 to 100000"},
      {{"--max-sandboxes", "100001"}, "--max-sandboxes: \"100001\" must be a number from 0 to"},
      {{"--allow-host", "a", "b"},
       "unexpected argument \"b\"; repeat --allow-host for more values\n"},
      {{"--base-path", "functions"},
       "--base-path: \"functions\" must be a path that begins with /"},
      {{"--base-path", "/a?b"}, "--base-path"},
      {{"exec", "npm", "test"}, "exec: put -- before the command: mock-capgo exec -- npm test\n"},
      {{"exec", "--seed=1", "sh", "-c", "a b"}, "the command: mock-capgo exec -- sh -c 'a b'\n"},
      {{"exec", "npm", "test", "--", "--watch"}, "mock-capgo exec -- npm test -- --watch\n"},
      {{"exec"}, "mock-capgo exec -- npm test"},
      {{"exec", "--"}, "no command to run"},
      {{"exec", "--exit-on-stdin-close", "--", "true"}, "standard input belongs to the command"},
      {{"serve", "--", "true"}, "only exec runs a command"},
      {{"check", "--port", "1"}, "--port"},
      {{"check", "--rate-limit", "1"}, "check: unknown option --rate-limit"},
      {{"--rate-limit"}, "--rate-limit: needs a value"},
      {{"sevre"}, "unknown command \"sevre\"; did you mean \"serve\"?"},
      {{"help", "exce"}, "unknown command \"exce\"; did you mean \"exec\"?"},
      {{"keys.json"},
       "the commands are: serve exec check contracts scenarios health version help\n"},
      {{"--wrong"}, "serve: unknown option --wrong; the options are: --help --fixtures "},
      {{"exec", "--wrong", "--", "true"}, "exec: unknown option --wrong; the options are: --help "},
      {{"scenarios", "a", "b"}, "unexpected argument \"b\"\n"},
      {{"scenarios", "flaky-creat"},
       "unknown built-in scenario \"flaky-creat\"; did you mean \"flaky-create\"? The built-in "},
      {{"--host", "http://127.0.0.1"}, "--host: expected a host, not a URL; write 127.0.0.1\n"},
      {{"--host", "https://ci:80/x"}, "not a URL; write ci and use --port 80\n"},
      {{"--host", "127.0.0.1:3000"},
       "--host: expected a host without a port; write 127.0.0.1 and use --port 3000\n"},
      {{"--host", "[::1]:3000"}, "write [::1] and use --port 3000\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.problem);
    app::EarlyExit rejection = early_exit_of(row.args);
    CHECK(rejection.exit_code == 2);
    CHECK_MESSAGE(contains(rejection.text, row.problem), rejection.text);
    CHECK(rejection.text.ends_with(" --help.\n"));
  }
}

TEST_CASE("a command after the options is rejected, and not ignored") {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--port", "0", "check"}, {"serve", "check"}}) {
    app::EarlyExit rejection = early_exit_of(args);
    CHECK(rejection.exit_code == 2);
    CHECK(rejection.text ==
          "mock-capgo: \"check\" is a command; write it first, before its options\n"
          "See mock-capgo check --help.\n");
  }
}

TEST_CASE("an option without a value, or given twice, is the only problem") {
  struct Row {
    std::vector<std::string> args;
    std::string problem;
  };
  for (const Row& row : {
           Row{{"--journal"}, "--journal: needs a value"},
           Row{{"exec", "--port", "--", "true"}, "--port: needs a value"},
           Row{{"check", "--fixtures", "a.json", "--fixtures"}, "--fixtures: needs a value"},
           Row{{"--admin-token"}, "--admin-token: needs a value"},
           Row{{"--journal", "1", "--journal", "2"}, "--journal: given more than once"},
           Row{{"--journal=1", "--port", "0", "--journal=1"}, "--journal: given more than once"},
           Row{{"check", "--contract=documented", "--contract=x"},
               "--contract: given more than once"},
           Row{{"--admin-token=hush", "--admin-token=hush"}, "--admin-token: given more than once"},
       }) {
    app::EarlyExit rejection = early_exit_of(row.args);
    CHECK(rejection.exit_code == 2);
    bool has_command = !row.args[0].starts_with("--");
    CHECK(rejection.text == "mock-capgo: " + row.problem + "\nSee mock-capgo " +
                                (has_command ? row.args[0] : "serve") + " --help.\n");
  }
}

TEST_CASE("a base path must not be a reserved path, or below one") {
  for (const std::string own : {"/__admin", "/sandbox", "/apikey"}) {
    for (const std::string below : {"", "/", "//", "/v1", "/v1/"}) {
      check_rejected({"--base-path", own + below},
                     "--base-path: " + own + " is reserved; choose another path");
    }
    for (const std::string& other : {own + "s", own + "-1/v1", "/v1" + own}) {
      CHECK(options_of({"--base-path", other}).base_path == other);
    }
  }
}

TEST_CASE("help and version go to stdout with exit code 0, each command with an example") {
  for (const char* command : {"serve", "exec", "check"}) {
    app::EarlyExit help = early_exit_of({command, "--help"});
    CHECK(help.exit_code == 0);
    CHECK(contains(help.text, "Example:\n  mock-capgo "));
    CHECK(contains(help.text, "--fixtures"));
    CHECK(contains(early_exit_of({"--help"}).text, command));
  }
  CHECK(early_exit_of({"help"}).text == early_exit_of({"--help"}).text);
  CHECK(early_exit_of({"help", "exec"}).text == early_exit_of({"exec", "--help"}).text);
  CHECK(early_exit_of({"help", "exec"}).exit_code == 0);
  CHECK(early_exit_of({"version"}).text == early_exit_of({"--version"}).text);
  CHECK(early_exit_of({"--version"}).text == "mock-capgo " + app::version() + "\n");
  CHECK(early_exit_of({"--version"}).exit_code == 0);
}
