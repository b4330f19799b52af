#include "app/run.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/options.h"
#include "base/embedded_files.h"
#include "json/value.h"
#include "test_engine.h"

namespace {

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

/// Runs a command with an empty standard input.
Outcome run(const std::vector<std::string>& args, app::ErrorStream error_stream = {}) {
  int in = open("/dev/null", O_RDONLY);
  std::ostringstream out;
  std::ostringstream err;
  int exit_code = app::run(args, in, out, err, error_stream);
  close(in);
  return {exit_code, out.str(), err.str()};
}

/// A folder for one test, removed at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mock-capgo-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(file(name)) << text;
    return file(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream stream(file(name));
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  std::string path_;
};

std::string repository_file(const std::string& name) { return MOCK_CAPGO_SOURCE_DIR "/" + name; }

}  // namespace

TEST_CASE("serve prints the ready line alone, and stops cleanly when stdin ends") {
  Outcome outcome = run({"--port", "0", "--exit-on-stdin-close", "--fixtures",
                         repository_file("fixtures/keys.json")});
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err.empty());
  json::Ordered line = json::parse_ordered(outcome.out);
  CHECK(outcome.out == line.dump() + "\n");
  std::string url = line["url"].get<std::string>();
  CHECK(url.starts_with("http://127.0.0.1:"));
  json::Ordered expected = {{"event", "ready"},
                            {"url", url},
                            {"admin", url + "/__admin"},
                            {"key", "ak_123"},
                            {"contract", "documented"},
                            {"version", app::version()},
                            {"pid", getpid()}};
  CHECK(line == expected);
}

TEST_CASE("the ready file is removed on a clean stop, and the export loads as a fixture") {
  Folder folder;
  Outcome outcome = run({"--port", "0", "--exit-on-stdin-close", "--fixtures",
                         repository_file("fixtures/keys.json"), "--ready-file",
                         folder.file("ready"), "--export-on-exit", folder.file("export.json")});
  CHECK(outcome.exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(folder.file("ready")));
  Outcome checked = run({"check", "--fixtures", folder.file("export.json")});
  CHECK(checked.out == "ok: the fixtures (keys: 5, orgs: 2, apps: 2), scenarios: 0\n");
}

TEST_CASE("the journal on exit has a sandbox without requests, too") {
  Folder folder;
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"serve", "--exit-on-stdin-close"}, {"exec"}}) {
    std::vector<std::string> args = command;
    args.insert(args.end(), {"--port", "0", "--journal-on-exit", folder.file("journal.json")});
    if (command[0] == "exec") args.insert(args.end(), {"--", "true"});
    CHECK(run(args).exit_code == 0);
    CHECK(json::parse_ordered(folder.read("journal.json")) ==
          json::parse_ordered(R"({"sandboxes":[{"name":null,"requests":[],"dropped":0}]})"));
    std::filesystem::remove(folder.file("journal.json"));
  }
}

TEST_CASE("without fixtures there is a demo set whose key is in the ready line") {
  Outcome outcome = run({"--port", "0", "--exit-on-stdin-close"});
  CHECK(json::parse_ordered(outcome.out)["key"] == "ak_demo");
}

TEST_CASE("the key of the ready line is null if no key has mode all") {
  Folder folder;
  std::string fixture = folder.file("f.json", R"([{"key":"ak_1","mode":"write","name":"k"}])");
  Outcome outcome = run({"--port", "0", "--exit-on-stdin-close", "--fixtures", fixture});
  CHECK(json::parse_ordered(outcome.out)["key"].is_null());
}

TEST_CASE("in a contract with roles, the key of the ready line may manage keys if one may") {
  Folder folder;
  const std::string org = R"({"orgs":[{"id":"o"}],"keys":[)";
  auto key = [](const std::string& name, const std::string& mode, const std::string& role) {
    return R"({"key":")" + name + R"(","name":"k",)" + mode + R"("bindings":[{"role_name":")" +
           role + R"(","scope_type":"org","org_id":"o"}]})";
  };
  const std::string member = key("member", R"("mode":"all",)", "org_member");
  const std::string manager = key("manager", R"("mode":"read",)", "apikey_manager");
  for (const auto& [keys, expected] :
       {std::pair(member + "," + manager, "manager"), {member, "member"}}) {
    std::string fixture = folder.file("f.json", org + keys + "]}");
    Outcome outcome = run({"--port", "0", "--exit-on-stdin-close", "--contract", "deployed-2026-07",
                           "--fixtures", fixture});
    CHECK(json::parse_ordered(outcome.out)["key"] == expected);
  }
}

TEST_CASE("check reports every problem of every file and exits 2") {
  Folder folder;
  std::string fixture = folder.file("keys.json",
                                    "{\"keys\": [\n  {\"key\": \"ak_1\", \"mode\": \"reed\", "
                                    "\"name\": \"k\"},\n  {\"kye\": \"ak_2\", \"key\": \"ak_3\", "
                                    "\"mode\": \"all\", \"name\": \"k\"}]}");
  std::string scenario =
      folder.file("s.json", "{\"rules\": [{\"on\": \"GET /\", \"error\": \"x\"}]}");
  Outcome outcome = run({"check", "--fixtures", fixture, "--scenario", scenario, "--fixtures",
                         folder.file("none.json"), "--scenario", "flaky-creat"});
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.out.empty());
  for (const std::string& part :
       {fixture + ":2:27: /keys/0/mode: \"reed\" is not one of read, upload, write, all; did you "
                  "mean \"read\"?\n",
        fixture + ":3:4: /keys/1/kye: unknown field; did you mean \"key\"?\n",
        scenario + ":1:37: /rules/0/error: \"x\" is not one of ",
        "--fixtures " + folder.file("none.json") + ": cannot read " + folder.file("none.json") +
            ": No such file or directory\n",
        std::string("--scenario: unknown built-in scenario \"flaky-creat\"; did you mean "
                    "\"flaky-create\"?")}) {
    CHECK_MESSAGE(outcome.err.find(part) != std::string::npos, part << " not in " << outcome.err);
  }
}

TEST_CASE("a bad file stops the start before anything is printed") {
  Folder folder;
  std::string fixture = folder.file("f.json", "[");
  Outcome outcome = run({"--port", "0", "--exit-on-stdin-close", "--fixtures", fixture});
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.find(fixture + ":1:2: is not JSON: ") == 0);
}

TEST_CASE("every built-in scenario is embedded unchanged, and can be used by name") {
  int scenarios = 0;
  for (const base::EmbeddedFile& file : base::embedded_files()) {
    std::string name(file.name);
    if (!name.starts_with("scenarios/") || name.ends_with(".schema.json")) continue;
    CHECK(file.content == test_engine::read_file(name));
    ++scenarios;
    std::string bare = name.substr(10, name.size() - 15);
    CHECK(run({"check", "--scenario", bare}).exit_code == 0);
  }
  CHECK(scenarios == 29);
}

TEST_CASE("--scenario takes errors and faults as the contract and the rules spell them") {
  for (std::string_view error : base::kNames<capgo::ErrorName>) {
    CHECK(run({"check", "--scenario", std::string(error)}).exit_code == 0);
  }
  for (std::string_view fault : base::kNames<http::Fault>) {
    CHECK(run({"check", "--scenario", std::string(fault)}).exit_code == 0);
  }
  CHECK(run({"scenarios", "HANG"}).out == run({"scenarios", "hang"}).out);
  CHECK(
      run({"check", "--scenario", "rate_limted"})
          .err.find("unknown built-in scenario \"rate_limted\"; did you mean \"rate-limited\"?") !=
      std::string::npos);
  // A file is a file.
  CHECK(run({"check", "--scenario", "./rate_limited"}).err.find("cannot read") !=
        std::string::npos);
}

TEST_CASE("a file that cannot be written, or is also read from, is rejected before the start") {
  Folder folder;
  std::string nowhere = folder.file("no/such/folder.json");
  std::string fixture = folder.file("f.json", "[]");
  struct Row {
    std::string file;
    std::string problem;
  };
  const Row rows[] = {
      {nowhere, "cannot be written; there is no folder " + folder.file("no/such") + "\n"},
      {folder.file("."), "cannot be written; it is not a regular file\n"},
      {"/dev/null", "cannot be written; it is not a regular file\n"},
      {"", "cannot be written; the name is empty; is a variable unset?\n"},
      {fixture, "is also read from and would be overwritten; choose another\n"},
  };
  for (const Row& row : rows) {
    for (const char* option :
         {"--export-on-exit", "--journal-on-exit", "--log-file", "--ready-file"}) {
      Outcome outcome =
          run({"--port", "0", "--exit-on-stdin-close", "--fixtures", fixture, option, row.file});
      CHECK(outcome.exit_code == 2);
      CHECK(outcome.out.empty());
      CHECK(outcome.err == std::string(option) + " \"" + row.file + "\": " + row.problem);
    }
  }
  CHECK(folder.read("f.json") == "[]");
}

TEST_CASE("two outputs in one file are rejected, however it is named") {
  Folder folder;
  const std::string file = folder.file("x.json");
  const std::string other = folder.file("./x.json");
  Outcome outcome = run({"--port", "0", "--exit-on-stdin-close", "--export-on-exit", file,
                         "--journal-on-exit", other});
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.err == "--journal-on-exit \"" + other +
                           "\": is also written by --export-on-exit; choose another\n");
}

TEST_CASE("a folder given as a file is rejected") {
  Folder folder;
  Outcome outcome = run({"check", "--fixtures", folder.file("")});
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.err == "--fixtures " + folder.file("") + ": " + folder.file("") +
                           " is a directory; name a file in it\n");
}

TEST_CASE("a file that cannot be read is reported with its full path and a hint") {
  Folder folder;
  std::string link = folder.file("link.json");
  std::filesystem::create_symlink("nowhere.json", link);
  const std::string here = std::filesystem::current_path().string() + "/";
  const std::string missing = ": No such file or directory";
  struct Row {
    std::string file;
    std::string problem;
  };
  for (const Row& row : {
           Row{"none.json", "cannot read " + here + "none.json" + missing},
           Row{"./x/../none.json", "cannot read " + here + "none.json" + missing},
           Row{link, "cannot read " + link + missing + "; it is a symbolic link to nowhere.json"},
           Row{"~/k.json", "cannot read " + here + "~/k.json" + missing +
                               "; the shell expands ~ only without quotes and at the start of a "
                               "word, not after ="},
           Row{"*.json", "cannot read " + here + "*.json" + missing +
                             "; wildcards are not expanded; repeat the option for each file"},
           Row{"-", "cannot read " + here + "-" + missing +
                        "; standard input is not read; save it to a file"},
           Row{"a,b", "cannot read " + here + "a,b" + missing +
                          "; commas do not separate files; repeat the option for each file"},
       }) {
    Outcome outcome = run({"check", "--fixtures", row.file});
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.err == "--fixtures " + row.file + ": " + row.problem + "\n");
  }
  CHECK(run({"check", "--fixtures", ""}).err ==
        "--fixtures \"\": cannot read a file; the name is empty; is a variable unset?\n");
  CHECK(run({"check", "--scenario", "./flaky-create.json"}).err ==
        "--scenario ./flaky-create.json: cannot read " + here + "flaky-create.json" + missing +
            "; for the built-in scenario write --scenario flaky-create\n");
}

TEST_CASE("scenarios lists the built-in scenarios, or prints one unchanged") {
  Outcome list = run({"scenarios"});
  CHECK(list.exit_code == 0);
  CHECK(std::count(list.out.begin(), list.out.end(), '\n') == 30);
  const std::string flaky = test_engine::read_file("scenarios/flaky-create.json");
  const std::string description = json::parse_ordered(flaky)["description"].get<std::string>();
  size_t line = list.out.find("\nflaky-create  ");
  REQUIRE(line != std::string::npos);
  CHECK(list.out.substr(line, list.out.find('\n', line + 1) - line).ends_with(" " + description));
  CHECK(run({"scenarios", "flaky-create"}).out == flaky);
}

TEST_CASE("on a terminal serve also prints the first steps, unless the log is off or JSON") {
  const std::vector<std::string> args = {"--port", "0", "--exit-on-stdin-close", "--base-path",
                                         "/functions/v1"};
  auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), args.begin(), args.end());
    return run(more, {/*is_terminal=*/true, /*colored=*/false});
  };
  Outcome outcome = with({});
  std::string url = json::parse_ordered(outcome.out)["url"].get<std::string>() + "/functions/v1";
  CHECK(outcome.err == "\n  URL   " + url +
                           "\n  Key   ak_demo\n  Try   curl -H 'authorization: ak_demo' " + url +
                           "/apikey/\n  Stop  Ctrl+C\n\n");
  CHECK(with({"--log", "none"}).err.empty());
  Folder folder;
  CHECK(with({"--log", "errors", "--log-file", folder.file("log")}).err.starts_with("\n  URL   "));
  CHECK(folder.read("log").empty());
  CHECK(with({"--log-format", "json"}).err.empty());
  CHECK(run(args).err.empty());
  CHECK(run({"exec", "--", "true"}, {true, false}).err.empty());
}

TEST_CASE("a mistake in the command of exec is reported with the line to write") {
  Folder folder;
  struct Row {
    std::vector<std::string> command;
    std::string problem;
  };
  for (const Row& row : {
           Row{{"npm test"},
               "write each word as its own argument, without quotes: mock-capgo exec -- npm test"},
           Row{{"a && b"}, "exec runs no shell; use one: mock-capgo exec -- sh -c 'a && b'"},
           Row{{"cd", "my app"},
               "it is a shell built-in; use a shell: mock-capgo exec -- sh -c 'cd "
               "'\\''my app'\\'' && ...'"},
           Row{{folder.file("")}, "it is a directory; name a program in it"},
           Row{{"no-such-command", "x"}, "no such file or directory; check its name and PATH"},
           Row{{"./no such", "x"}, "no such file or directory; check its name and PATH"},
       }) {
    std::vector<std::string> args = {"exec", "--"};
    args.insert(args.end(), row.command.begin(), row.command.end());
    Outcome outcome = run(args);
    CHECK(outcome.exit_code == 127);
    CHECK(outcome.err ==
          "mock-capgo: cannot start \"" + row.command[0] + "\": " + row.problem + "\n");
  }
}

TEST_CASE("exec returns the exit code of the command, or 128 plus the signal") {
  CHECK(run({"exec", "--", "sh", "-c", "exit 7"}).exit_code == 7);
  CHECK(run({"exec", "--", "sh", "-c", "kill -TERM $$"}).exit_code == 128 + 15);
  CHECK(run({"exec", "--", "true"}).out.empty());
  Outcome missing = run({"exec", "--", "/no/such/command"});
  CHECK(missing.exit_code == 127);
  CHECK(missing.err.find("/no/such/command") != std::string::npos);
}

TEST_CASE("exec passes the URL and a key to the command") {
  Folder folder;
  std::string script =
      "echo \"$CAPGO_TOKEN $CAPGO_API_URL $MOCK_CAPGO_ADMIN_URL\" > " + folder.file("environment");
  CHECK(run({"exec", "--base-path", "/functions/v1", "--", "sh", "-c", script}).exit_code == 0);
  std::istringstream words(folder.read("environment"));
  std::string token, url, admin;
  words >> token >> url >> admin;
  CHECK(token == "ak_demo");
  REQUIRE(url.ends_with("/functions/v1"));
  CHECK(admin == url.substr(0, url.size() - std::string("/functions/v1").size()) + "/__admin");
}

TEST_CASE("a used database keeps its keys, and a warning says that fixtures are ignored") {
  Folder folder;
  std::string storage = "sqlite:" + folder.file("keys.db");
  std::vector<std::string> args = {"--port",
                                   "0",
                                   "--exit-on-stdin-close",
                                   "--fixtures",
                                   repository_file("fixtures/keys.json"),
                                   "--storage",
                                   storage,
                                   "--export-on-exit",
                                   folder.file("export.json")};
  CHECK(run(args).err.empty());
  std::string first_export = folder.read("export.json");
  args[4] = repository_file("fixtures/saved-answer.json");
  Outcome second = run(args);
  CHECK(second.exit_code == 0);
  CHECK(second.err.find("has keys already, so --fixtures is ignored") != std::string::npos);
  CHECK(folder.read("export.json") == first_export);
}

TEST_CASE("a file that is not a database is rejected") {
  Folder folder;
  std::string file = folder.file("keys.db", "this is not a database");
  Outcome outcome = run({"--port", "0", "--exit-on-stdin-close", "--storage", "sqlite:" + file});
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.find(file) != std::string::npos);
  CHECK(folder.read("keys.db") == "this is not a database");
}
