#include "capgo/key_list.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using capgo::ApiKey;
using capgo::KeyList;

ApiKey key_with_id(int64_t id) {
  ApiKey key;
  key.id = id;
  key.name = "Key " + std::to_string(id);
  return key;
}

/// A key with every member set, and long strings.
ApiKey full_key() {
  ApiKey key = key_with_id(capgo::kMaxId);
  key.key = std::string(100'000, 'k');
  key.key_hash = std::string("\0h", 2);
  key.mode = capgo::KeyMode::all;
  key.user_id = "";
  key.created_at = base::Time::min();
  key.updated_at = base::Time::max();
  key.expires_at = base::Time(std::chrono::microseconds{1});
  key.limited_to_apps = std::vector<std::string>{"a", "", "c"};
  key.limited_to_orgs = std::nullopt;
  key.rbac_id = "\xFF";
  key.rights = {{{"app_reader", capgo::Scope::app, "org", "app"},
                 {"channel_admin", capgo::Scope::channel, "", "", "channel"}},
                {"org.create"}};
  return key;
}

std::string names_of(const KeyList& keys) {
  std::string names;
  for (const ApiKey& key : keys) names += key.name + " ";
  return names;
}

}  // namespace

TEST_CASE("a list returns the keys that were added, each with its own members") {
  const std::vector<ApiKey> keys = {key_with_id(1), full_key(), key_with_id(3), ApiKey{}};
  KeyList list;
  for (const ApiKey& key : keys) list.push_back(key);
  REQUIRE(list.size() == 4);
  CHECK(std::vector<ApiKey>(list.begin(), list.end()) == keys);
  for (size_t row = 0; row < keys.size(); ++row) {
    CHECK((list[row] == keys[row]));
    CHECK(list.id(row) == keys[row].id);
  }
  CHECK((list.front() == keys[0]));
  CHECK((list.back() == keys[3]));
  // Into a key whose members are set.
  ApiKey reused = full_key();
  list.read(0, reused);
  CHECK((reused == keys[0]));
}

TEST_CASE("lists are equal if their keys are, and a copy has its own rows") {
  KeyList list = {key_with_id(1), full_key()};
  KeyList copy = list;
  CHECK((copy == list));
  copy.push_back(key_with_id(3));
  CHECK_FALSE((copy == list));
  list.push_back(key_with_id(4));
  CHECK_FALSE((copy == list));
  CHECK(copy.back().id == 3);
  CHECK((KeyList{} == KeyList{}));
  CHECK(KeyList{}.empty());
}

TEST_CASE("rows are sorted by id and then found") {
  KeyList list = {key_with_id(5), key_with_id(0), key_with_id(2)};
  list.set_id(1, 9);
  list.sort();
  CHECK(names_of(list) == "Key 2 Key 5 Key 0 ");
  CHECK(list.find(2) == 0);
  CHECK(list.find(5) == 1);
  CHECK(list.find(9) == 2);
  for (int64_t id : {-1, 0, 3, 10}) CHECK(list.find(id) == 3);
  CHECK(KeyList{}.find(1) == 0);
}

TEST_CASE("a list of 10,000 keys has them all") {
  KeyList list;
  for (int64_t id = 1; id <= 10'000; ++id) list.push_back(key_with_id(id));
  int64_t count = 0;
  for (const ApiKey& key : list) CHECK((key == key_with_id(++count)));
  CHECK(count == 10'000);
}
