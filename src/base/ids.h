#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>

namespace base {

/// A seeded random generator: the same seed produces the same values on every machine.
/// Not thread-safe; guarded by the lock of the sandbox that owns it.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  /// 64 random bits.
  uint64_t next() { return engine_(); }

  /// A number in [0, 1).
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// 32 lower-case hex digits.
  std::string hex();

  /// A UUID of version 4 in lower case.
  std::string uuid();

 private:
  std::array<char, 32> hex_digits();

  std::mt19937_64 engine_;
};

/// Generates the random values of a sandbox. Secrets, request ids and row ids come from separate
/// streams, so the third key has the same secret however many requests came before it.
/// Not thread-safe; guarded by the lock of the sandbox that owns it.
class Ids {
 public:
  explicit Ids(uint64_t seed)
      : secrets_(seed), request_ids_(~seed), row_ids_(seed ^ 0x726f775f69647321) {}

  /// A new API key: `ak_` and 32 lower-case hex digits.
  /// (documented contract, section 12, "form of secrets")
  std::string secret() { return "ak_" + secrets_.hex(); }

  /// A new API key of the deployed service: a random UUID.
  /// (deployed contract of February 2026, section 8)
  std::string uuid_secret() { return secrets_.uuid(); }

  /// A random UUID, the value of X-Request-Id where a client sends none.
  std::string request_id() { return request_ids_.uuid(); }

  /// A random UUID, which rows of the deployed service have in addition to a number.
  std::string row_id() { return row_ids_.uuid(); }

 private:
  Random secrets_;
  Random request_ids_;
  Random row_ids_;
};

/// A random seed from the operating system.
uint64_t random_seed();

}  // namespace base
