#include "base/mutex.h"

#include <doctest/doctest.h>

#include <thread>

namespace {

struct Counter {
  base::Mutex mutex;
  int count GUARDED_BY(mutex) = 0;

  void add() REQUIRES(mutex) { ++count; }
};

void count_to_20000(Counter& counter) {
  for (int i = 0; i < 20'000; ++i) {
    base::MutexLock lock(counter.mutex);
    counter.add();
  }
}

}  // namespace

TEST_CASE("one thread at a time holds a lock, until its block ends") {
  Counter counter;
  std::thread other([&] { count_to_20000(counter); });
  count_to_20000(counter);
  other.join();
  base::MutexLock lock(counter.mutex);
  CHECK(counter.count == 40'000);
}

TEST_CASE("a mutex can be locked and unlocked without a block") {
  Counter counter;
  counter.mutex.lock();
  counter.add();
  counter.mutex.unlock();
  counter.mutex.lock();
  CHECK(counter.count == 1);
  counter.mutex.unlock();
}
