#pragma once

#include <mutex>

// Clang checks these with -Wthread-safety; other compilers see nothing.
#if defined(__clang__)
#define MOCK_CAPGO_THREAD(x) __attribute__((x))
#else
#define MOCK_CAPGO_THREAD(x)
#endif

/// Marks a member that may only be touched while `lock` is held.
#define GUARDED_BY(lock) MOCK_CAPGO_THREAD(guarded_by(lock))
/// Marks a function that must be called with the lock held.
#define REQUIRES(...) MOCK_CAPGO_THREAD(requires_capability(__VA_ARGS__))

namespace base {

/// A std::mutex that the compiler's thread-safety analysis understands.
class MOCK_CAPGO_THREAD(capability("mutex")) Mutex {
 public:
  /// Waits for the lock and acquires it.
  void lock() MOCK_CAPGO_THREAD(acquire_capability()) { mutex_.lock(); }
  /// Releases the lock. Only its holder may call this.
  void unlock() MOCK_CAPGO_THREAD(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// Holds a Mutex for the length of a block.
class MOCK_CAPGO_THREAD(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) MOCK_CAPGO_THREAD(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() MOCK_CAPGO_THREAD(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace base
