#include "app/options.h"

#include <doctest/doctest.h>

#include "base/time_text.h"
#include "contract/catalog.h"

namespace {

app::Options options_of(const std::vector<std::string>& args) {
  auto parsed = app::parse_options(args);
  if (const auto* nothing = std::get_if<app::NothingToRun>(&parsed)) FAIL(nothing->text);
  return std::get<app::Options>(parsed);
}

app::NothingToRun refusal_of(const std::vector<std::string>& args) {
  auto parsed = app::parse_options(args);
  REQUIRE(std::holds_alternative<app::NothingToRun>(parsed));
  return std::get<app::NothingToRun>(parsed);
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("without arguments it serves the documented contract from memory on port 12112") {
  app::Options options = options_of({});
  CHECK(options.command == app::Command::serve);
  CHECK(options.contract == &contract::kDocumented);
  CHECK(options.host == "127.0.0.1");
  CHECK(options.port == 12112);
  CHECK(options.fixtures.empty());
  CHECK(!options.sqlite_file.has_value());
  CHECK(!options.seed.has_value());
  CHECK(!options.rate_limit.has_value());
  CHECK(options.log == app::Log::requests);
}

TEST_CASE("every option of serve is read") {
  app::Options options = options_of({"serve",
                                     "--fixtures",
                                     "a.json",
                                     "--fixtures=b.json",
                                     "--scenario",
                                     "flaky",
                                     "--scenario",
                                     "own.json",
                                     "--contract",
                                     "documented",
                                     "--host",
                                     "::1",
                                     "--port",
                                     "0",
                                     "--base-path",
                                     "/functions/v1/",
                                     "--storage",
                                     "sqlite:k.db",
                                     "--seed",
                                     "18446744073709551615",
                                     "--now",
                                     "2024-02-12",
                                     "--freeze",
                                     "--rate-limit",
                                     "7",
                                     "--ready-file",
                                     "ready.json",
                                     "--exit-on-stdin-close",
                                     "--export-on-exit",
                                     "export.json",
                                     "--log",
                                     "debug"});
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
  CHECK(options.log == app::Log::debug);
}

TEST_CASE("serve is the default command") {
  CHECK(options_of({"--port", "5"}).command == app::Command::serve);
  CHECK(options_of({"--port", "5"}).port == 5);
  CHECK(options_of({"--port", "012"}).port == 12);
}

// documented contract, section 10; deployed contract of February 2026, section 5
TEST_CASE("the rate limits of a contract are asked for by name, any other by its number") {
  struct Row {
    std::string contract;
    std::string given;
    int64_t wanted;
  };
  for (const Row& row :
       {Row{"documented", "standard", 100}, Row{"documented", "enterprise", 1000},
        Row{"deployed-2026-02", "standard", 2000}, Row{"deployed-2026-02", "enterprise", 2000},
        Row{"documented", "1", 1}, Row{"deployed-2026-02", "1000000000", 1'000'000'000},
        Row{"documented", "007", 7}}) {
    CAPTURE(row.contract);
    CAPTURE(row.given);
    CHECK(options_of({"--contract", row.contract, "--rate-limit", row.given}).rate_limit ==
          row.wanted);
    CHECK(options_of({"exec", "--rate-limit=" + row.given, "--contract=" + row.contract, "--", "x"})
              .rate_limit == row.wanted);
  }
  CHECK(!options_of({"--contract", "deployed-2026-02"}).rate_limit.has_value());
}

TEST_CASE("what is no rate limit is refused with what there is") {
  for (const std::string given : {"", "0", "-1", "+1", "1.5", "1e3", "1000000001", "10/m", "0x10",
                                  "Standard", "enterprise ", "none", "99999999999999999999"}) {
    CAPTURE(given);
    app::NothingToRun refusal = refusal_of({"--rate-limit", given});
    CHECK(refusal.exit_code == 2);
    CHECK(refusal.text == "mock-capgo: --rate-limit: \"" + given +
                              "\" must be standard, enterprise or a number from 1 to 1000000000\n"
                              "See mock-capgo --help.\n");
  }
}

TEST_CASE("a contract that is not there is told, whatever rate limit is asked of it") {
  for (const std::string limit : {"standard", "enterprise", "5", "x"}) {
    app::NothingToRun refusal = refusal_of({"--contract", "documentd", "--rate-limit", limit});
    CHECK(refusal.exit_code == 2);
    CHECK(contains(refusal.text, "--contract: there is no contract \"documentd\""));
  }
}

TEST_CASE("exec takes a free port and leaves the words after -- alone") {
  app::Options options =
      options_of({"exec", "--seed", "1", "--", "npm", "test", "--", "--port", "x"});
  CHECK(options.command == app::Command::exec);
  CHECK(options.port == 0);
  CHECK(options.child == std::vector<std::string>{"npm", "test", "--", "--port", "x"});
  CHECK(options_of({"exec", "--port", "99", "--", "true"}).port == 99);
}

TEST_CASE("bad usage exits 2 and says what, where and what to do") {
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
      {{"--fixtures"}, "--fixtures"},
      {{"--fixtures", "a.json", "b.json"}, "\"b.json\" is no option and belongs to none"},
      {{"--contract", "documentd"}, "did you mean \"documented\"?"},
      {{"--storage", "sqlite"}, "--storage: \"sqlite\" must be memory or sqlite:FILE"},
      {{"--storage", "sqlite:"}, "must be memory or sqlite:FILE"},
      {{"--seed", "-1"}, "--seed: \"-1\" must be a number from 0 to"},
      {{"--seed", "18446744073709551616"}, "--seed"},
      {{"--seed", "0x10"}, "--seed"},
      {{"--now", ""}, "--now"},
      {{"--now", "today"}, "--now: \"today\" is no time; write it as 2024-01-31T12:00:00Z"},
      {{"--log", "request"}, "did you mean \"requests\"?"},
      {{"--base-path", "functions"}, "--base-path: \"functions\" must begin with /"},
      {{"--base-path", "/a?b"}, "--base-path"},
      {{"exec", "npm", "test"}, "put the command to run after --"},
      {{"exec"}, "mock-capgo exec -- npm test"},
      {{"exec", "--"}, "no command to run"},
      {{"exec", "--exit-on-stdin-close", "--", "true"}, "standard input is the child's"},
      {{"serve", "--", "true"}, "only exec runs a command"},
      {{"check", "--port", "1"}, "--port"},
      {{"check", "--rate-limit", "1"}, "check has no option --rate-limit"},
      {{"--rate-limit"}, "--rate-limit"},
      {{"--contract", "deployed-2026-2"}, "did you mean \"deployed-2026-02\"?"},
      {{"sevre"}, "there is no command \"sevre\"; did you mean \"serve\"?"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.problem);
    app::NothingToRun refusal = refusal_of(row.args);
    CHECK(refusal.exit_code == 2);
    CHECK_MESSAGE(contains(refusal.text, row.problem), refusal.text);
    CHECK(contains(refusal.text, "See mock-capgo --help."));
  }
}

TEST_CASE("help and version go to stdout with exit code 0, each command with an example") {
  for (const char* command : {"serve", "exec", "check"}) {
    app::NothingToRun help = refusal_of({command, "--help"});
    CHECK(help.exit_code == 0);
    CHECK(contains(help.text, "Example:\n  mock-capgo "));
    CHECK(contains(help.text, "--fixtures"));
    CHECK(contains(refusal_of({"--help"}).text, command));
  }
  CHECK(refusal_of({"--version"}).text == "mock-capgo " + app::version() + "\n");
  CHECK(refusal_of({"--version"}).exit_code == 0);
}
