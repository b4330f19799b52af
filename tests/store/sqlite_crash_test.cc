// The SQLite store after its process was killed or while its disk is full.

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "base/ids.h"
#include "store/child.h"
#include "store/model.h"
#include "store/sqlite_store.h"
#include "store/temp_dir.h"

namespace {

using namespace store_tests;
using capgo::ApiKey;
using store::open_sqlite_store;
using store::StoreError;

/// The changes that a process reported before it was killed.
struct Acknowledged {
  std::map<int64_t, std::string> stored;
  std::set<int64_t> erased;

  void add(const std::string& line) {
    std::istringstream words(line);
    std::string what;
    std::string secret;
    int64_t id = 0;
    words >> what >> id >> secret;
    if (what == "stored") stored[id] = secret;
    if (what == "changing" || what == "erasing") stored.erase(id);
    if (what == "erased") erased.insert(id);
  }
};

std::string new_secret() {
  return "secret-" + std::to_string(getpid()) + "-" + std::to_string(base::random_seed());
}

/// Adds, changes and erases keys forever, and reports each change.
int change_forever(const std::string& file, Pipe& reports) {
  reports.close_reading();
  const auto store = open_sqlite_store(file);
  while (true) {
    int64_t id = 0;
    for (int n = 0; n < 3; ++n) {
      const std::string secret = new_secret();
      id = store->insert(make_key(secret));
      reports.write_line("stored " + std::to_string(id) + " " + secret);
    }
    const std::string secret = new_secret();
    reports.write_line("changing " + std::to_string(id - 1));
    store->update(with_id(make_key(secret), id - 1));
    reports.write_line("stored " + std::to_string(id - 1) + " " + secret);
    reports.write_line("erasing " + std::to_string(id));
    store->erase(id);
    reports.write_line("erased " + std::to_string(id));
  }
}

/// Limits the size of files that this process writes, in bytes.
void limit_file_size(rlim_t bytes) {
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = std::min(bytes, limit.rlim_max);
  setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace

TEST_CASE("changes that were reported before kill -9 are in the file exactly once") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  Acknowledged acknowledged;
  for (size_t round = 1; round <= 4; ++round) {
    Pipe reports;
    const pid_t child = start_child([&] { return change_forever(file, reports); });
    reports.close_writing();
    uint64_t lines_to_kill = 1 + base::random_seed() % 1000;
    while (const std::optional<std::string> line = reports.read_line()) {
      acknowledged.add(*line);
      if (--lines_to_kill == 0) kill(child, SIGKILL);
    }
    CHECK(wait_for(child) == -SIGKILL);

    const auto store = open_sqlite_store(file);
    for (const auto& [id, secret] : acknowledged.stored) {
      ApiKey key = make_key(secret);
      key.id = id;
      CHECK(store->find_by_id(id) == key);
      CHECK(store->find_by_secret(secret) == key);
    }
    for (const int64_t id : acknowledged.erased) CHECK(store->find_by_id(id) == std::nullopt);
    // Each kill may come between a change and its report.
    const size_t keys = store->snapshot().keys.size();
    CHECK(keys >= acknowledged.stored.size());
    CHECK(keys <= acknowledged.stored.size() + round);
  }
}

TEST_CASE("a start interrupted by kill -9 leaves a file that the next start can use") {
  for (int round = 0; round < 5; ++round) {
    const TempDir directory;
    Pipe reports;
    const pid_t child = start_child([&] {
      reports.close_reading();
      for (int n = 0;; ++n) {
        open_sqlite_store(directory.file(std::to_string(n)));
        reports.write_line("opened");
      }
      return 0;
    });
    reports.close_writing();
    uint64_t lines_to_kill = 1 + base::random_seed() % 10;
    int opened = 0;
    while (reports.read_line()) {
      ++opened;
      if (--lines_to_kill == 0) kill(child, SIGKILL);
    }
    CHECK(wait_for(child) == -SIGKILL);
    for (int n = 0; n <= opened; ++n) {
      CHECK(open_sqlite_store(directory.file(std::to_string(n)))->is_untouched());
    }
  }
}

TEST_CASE("a full disk fails the write, and the store works again when there is space") {
  const TempDir directory;
  const std::string file = directory.file("keys.db");
  Pipe reports;
  const int outcome = run_in_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const auto store = open_sqlite_store(file);
    limit_file_size(200'000);
    int64_t keys = 0;
    try {
      for (;; ++keys) store->insert(make_key("secret " + std::to_string(keys)));
    } catch (const StoreError& error) {
      reports.write_line(error.what());
    }
    const capgo::Snapshot before = store->snapshot();
    if (before.keys.size() != static_cast<size_t>(keys)) return 1;
    capgo::Snapshot big = before;
    big.orgs.resize(1);
    big.orgs[0].name = std::string(1'000'000, 'x');
    try {
      store->seed(big);
      return 2;
    } catch (const StoreError&) {
      if (store->snapshot() != before) return 3;
    }
    limit_file_size(RLIM_INFINITY);
    if (store->insert(make_key("last")) != keys + 1) return 4;
    store->erase(keys + 1);
    reports.write_line(std::to_string(keys));
    return 0;
  });
  CHECK(outcome == 0);
  CHECK(reports.read_line() ==
        file + ": cannot add a key: disk I/O error; check whether the disk is full or failing");
  const auto store = open_sqlite_store(file);
  CHECK(std::to_string(store->snapshot().keys.size()) == reports.read_line());
  CHECK(store->find_by_secret("secret 0")->id == 1);
}
