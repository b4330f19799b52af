#include "app/inputs.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "base/time_format.h"
#include "contract/catalog.h"
#include "store/temp_dir.h"

namespace {

struct Expected {
  std::string user;
  std::string demo_key;
  /// Of three requests where the limit is 2 a minute.
  std::string statuses;
};

/// The deployed service rejects the Nth request of a window, the documented one those after it.
/// (deployed contract of February 2026, section 18; documented contract, section 10)
const std::map<std::string_view, Expected> kExpected = {
    {"documented", {"user_123", "ak_demo", "200 200 429 "}},
    {"deployed-2026-02",
     {"00000000-0000-4000-8000-000000000123", "de300000-0000-4000-8000-000000000001",
      "200 429 429 "}},
    {"deployed-2026-07",
     {"00000000-0000-4000-8000-000000000123", "de300000-0000-4000-8000-000000000001",
      "200 429 429 "}}};

}  // namespace

TEST_CASE("a frozen clock is at --now, to the microsecond") {
  app::Options options;
  options.freeze = true;
  options.now = base::parse_time("2024-02-12T00:00:00Z");
  base::Clock clock = app::make_clock(options);
  CHECK(clock.now() == *options.now);
  CHECK(clock.now() == *options.now);
}

TEST_CASE("a clock that is not frozen continues from --now") {
  app::Options options;
  options.now = base::parse_time("2024-02-12T00:00:00Z");
  base::Clock clock = app::make_clock(options);
  base::Time first = clock.now();
  CHECK(first >= *options.now);
  while (clock.now() == first) {
  }
  CHECK(clock.now() > first);
}

TEST_CASE("a large fixture is read from a pipe, whose size is unknown") {
  std::string folder = (std::filesystem::temp_directory_path() / "mock-capgo-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  std::string pipe = folder + "/pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  std::string name(300'000, 'n');
  std::thread writer(
      [&] { std::ofstream(pipe) << R"([{"key":"a","mode":"all","name":")" << name << R"("}])"; });
  app::Options options;
  options.contract = contract::all().front();
  options.fixtures = {pipe};
  app::Inputs inputs = app::read_inputs(options, base::Time{});
  writer.join();
  std::filesystem::remove_all(folder);
  CHECK(inputs.problems.empty());
  REQUIRE(inputs.snapshot.keys.size() == 1);
  CHECK(inputs.snapshot.keys[0].name == name);
}

TEST_CASE(
    "keys without a user belong to the contract's default user, in the demo set and in files") {
  std::string file = (std::filesystem::temp_directory_path() / "mock-capgo-XXXXXX.json").string();
  int opened = mkstemps(file.data(), 5);
  REQUIRE(opened >= 0);
  close(opened);
  std::ofstream(file) << R"([{"key":"a","mode":"all","name":"A"},
                             {"key":"b","mode":"all","name":"B","user_id":"somebody"}])";
  app::Options options;
  for (const contract::Contract* contract : contract::all()) {
    options.contract = contract;
    const std::string& user = kExpected.at(contract->name).user;
    options.fixtures = {};
    app::Inputs demo = app::read_inputs(options, base::Time{});
    REQUIRE_FALSE(demo.snapshot.keys.empty());
    for (const capgo::ApiKey& key : demo.snapshot.keys) CHECK(key.user_id == user);
    options.fixtures = {file};
    app::Inputs own = app::read_inputs(options, base::Time{});
    REQUIRE(own.snapshot.keys.size() == 2);
    CHECK(own.snapshot.keys[0].user_id == user);
    CHECK(own.snapshot.keys[1].user_id == "somebody");
    CHECK(own.problems.empty());
  }
  std::filesystem::remove(file);
}

TEST_CASE("a key without a mode is a note if the contract has modes, unless the file is ignored") {
  store_tests::TempDir folder;
  app::Options options;
  options.contract = contract::find_contract("documented");
  options.fixtures = {folder.file("keys.json")};
  std::ofstream(options.fixtures[0]) << R"([{"key":"a","name":"CI","bindings":[]}])";
  options.sqlite_file = folder.file("keys.db");
  std::string warnings;
  app::Hooks hooks;
  hooks.warn = [&](const std::string& text) { warnings += text + "\n"; };
  app::make_engine(options, app::read_inputs(options, base::Time{}), base::Clock(), hooks);
  CHECK(warnings == options.fixtures[0] +
                        ": key 1 (\"CI\") has no \"mode\"; this contract uses \"read\", as the "
                        "key has no roles\n");
  warnings.clear();
  app::make_engine(options, app::read_inputs(options, base::Time{}), base::Clock(), hooks);
  CHECK(warnings.find("has no \"mode\"") == std::string::npos);
  CHECK(warnings.find("--fixtures is ignored") != std::string::npos);
}

TEST_CASE("each contract has its own demo key and rate limit") {
  for (const contract::Contract* contract : contract::all()) {
    const Expected& expected = kExpected.at(contract->name);
    app::Options options;
    options.contract = contract;
    options.rate_limit = 2;
    options.freeze = true;
    std::string warnings;
    app::Hooks hooks;
    hooks.warn = [&](const std::string& text) { warnings += text; };
    base::Clock clock = app::make_clock(options);
    auto engine = app::make_engine(options, app::read_inputs(options, clock.now()), clock, hooks);
    http::Request list{"GET", "/apikey/", {{"authorization", expected.demo_key}}, ""};
    std::string statuses;
    for (int i = 0; i < 3; ++i) statuses += std::to_string(engine->handle(list).status) + " ";
    CHECK(statuses == expected.statuses);
    CHECK(warnings.empty());
  }
}
