#include "contract/explain.h"

#include <doctest/doctest.h>

namespace {

using contract::Uuids;

/// A store that knows one secret, or fails at every question.
class OneSecret : public store::KeyStore {
 public:
  std::optional<capgo::ApiKey> find_by_secret(std::string_view secret) const override {
    if (fails) throw store::StoreError("the disk is gone");
    return secret == "s3cr!t" ? std::optional(capgo::ApiKey()) : std::nullopt;
  }
  std::optional<capgo::ApiKey> find_by_id(int64_t /*id*/) const override { return std::nullopt; }
  void for_each_of_user(std::string_view /*user_id*/,
                        const std::function<void(const capgo::ApiKey&)>& /*visit*/) const override {
  }
  int64_t insert(const capgo::ApiKey& /*key*/) override { return 0; }
  bool update(const capgo::ApiKey& /*key*/) override { return false; }
  bool erase(int64_t /*id*/) override { return false; }
  void erase_expired_before(base::Time /*moment*/) override {}
  const std::vector<capgo::Org>& orgs() const override { return orgs_; }
  const std::vector<capgo::App>& apps() const override { return apps_; }
  bool is_untouched() const override { return true; }
  void seed(const capgo::Snapshot& /*snapshot*/) override {}
  capgo::Snapshot snapshot() const override { return {}; }

  bool fails = false;

 private:
  std::vector<capgo::Org> orgs_;
  std::vector<capgo::App> apps_;
};

/// A call of a caller who sent `Bearer mine` as a credential.
struct Calling {
  http::Request request{"GET", "/apikey/", {{"Authorization", "Bearer mine"}}, ""};
  http::PathParams params;
  OneSecret keys;
  base::Ids ids{1};
  contract::RateWindows windows;
  contract::Call call{request, params, nullptr, keys, ids, windows, std::nullopt, base::Time(), ""};
};

constexpr std::string_view kUuid = "0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e";

}  // namespace

TEST_CASE("a secret is told by its form, by the caller's headers and by the keys there are") {
  Calling calling;
  for (std::string_view secret : {"ak_", "s3cr!t", "mine", "Bearer mine"}) {
    CAPTURE(secret);
    CHECK(contract::is_secret(calling.call, secret));
    CHECK(contract::is_secret(calling.call, secret, Uuids::ids));
  }
  for (std::string_view other : {"Bearer", "reed", "s3cr!", "min", "com.demo.app"}) {
    CAPTURE(other);
    CHECK_FALSE(contract::is_secret(calling.call, other));
  }
  CHECK(contract::is_secret(calling.call, kUuid));
  CHECK_FALSE(contract::is_secret(calling.call, kUuid, Uuids::ids));
}

TEST_CASE("where the store fails, everything may be a secret") {
  Calling calling;
  calling.keys.fails = true;
  CHECK(contract::quoted(calling.call, "reed") == "\"re...\"");
}

TEST_CASE(
    "what was sent as an id is shown if it is a slip of the pen, and shortened if it is long") {
  Calling calling;
  for (std::string_view id : {"", "x", "1.5", "abcdef", "1234567890123", "0"}) {
    CAPTURE(id);
    CHECK(contract::quoted_id(calling.call, id) == "\"" + std::string(id) + "\"");
  }
  CHECK(contract::quoted_id(calling.call, "abcdefghijkl") == "\"abcdef...\"");
  CHECK(contract::quoted_id(calling.call, "s3cr!t") == "\"s3c...\"");
  CHECK(contract::quoted_id(calling.call, kUuid) == "\"0f1e2d...\"");
}

TEST_CASE("of what the database said the text it was given is judged") {
  Calling calling;
  auto shown = [&](std::string message) {
    return contract::shown(calling.call, postgres::Error{"22P02", std::move(message)});
  };
  CHECK(shown("no quotes: ak_123") == "no quotes: ak_123");
  CHECK(shown("one quote: \"") == "one quote: \"");
  CHECK(shown("value \"12 s3cr!t\" is out of range") == "value \"12 s3c...\" is out of range");
  CHECK(shown("time zone \"a\"s3cr!t\"b\" not recognized") ==
        "time zone \"a\"s3c...\"b\" not recognized");
  CHECK(shown("invalid input syntax for type uuid: \"" + std::string(kUuid) + " ak_123\"") ==
        "invalid input syntax for type uuid: \"" + std::string(kUuid) + " ak_...\"");
  CHECK(shown("invalid input syntax for type date: \"" + std::string(kUuid) + "\"") ==
        "invalid input syntax for type date: \"0f1e2d...\"");
}
