#include "app/options.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "app/parsed_options.h"
#include "app/variable.h"

using app_tests::check_rejected;
using app_tests::options_of;
using app_tests::Variable;

TEST_CASE("an option of the command is set by its variable, unless the command line has it") {
  Variable fixtures("MOCK_CAPGO_FIXTURES", "a, b.json");
  Variable port("MOCK_CAPGO_PORT", "1234");
  Variable ready_file("MOCK_CAPGO_READY_FILE", "r");
  Variable token("MOCK_CAPGO_ADMIN_TOKEN", "T");
  Variable freeze("MOCK_CAPGO_FREEZE", "1");
  Variable journal("MOCK_CAPGO_JOURNAL", "");
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{}, {"serve"}, {"exec", "--", "true"}}) {
    app::Options options = options_of(args);
    CHECK(options.fixtures == std::vector<std::string>{"a, b.json"});
    CHECK(options.port == 1234);
    CHECK(options.ready_file == "r");
    CHECK(options.admin_token == "T");
    CHECK(options.freeze);
    CHECK(options.journal == 1000);
  }
  app::Options options = options_of({"--port", "2", "--fixtures=c.json"});
  CHECK(options.port == 2);
  CHECK(options.fixtures == std::vector<std::string>{"c.json"});
  CHECK(options_of({"check"}).fixtures == std::vector<std::string>{"a, b.json"});
  CHECK(options_of({"contracts"}).command == app::Command::contracts);
}

TEST_CASE("the problem of a value names its variable") {
  struct Row {
    const char* name;
    const char* value;
    std::string problem;
  };
  for (const Row& row : {
           Row{"MOCK_CAPGO_PORT", "x", "\"x\" must be a number from 0 to 65535"},
           Row{"MOCK_CAPGO_STORAGE", "disk", "\"disk\" must be memory or sqlite:FILE"},
           Row{"MOCK_CAPGO_FREEZE", "maybe", "\"maybe\" must be true or false"},
           Row{"MOCK_CAPGO_EXIT_ON_STDIN_CLOSE", "a = b", "\"a = b\" must be true or false"},
       }) {
    Variable variable(row.name, row.value);
    check_rejected({}, std::string(row.name) + ": " + row.problem);
    CHECK(options_of({"contracts"}).command == app::Command::contracts);
  }
  check_rejected({"--freeze=maybe"}, "--freeze: \"maybe\" must be true or false");
}
