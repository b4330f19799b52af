#include "capgo/key_list.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <type_traits>

namespace capgo {
namespace {

constexpr size_t kMinBlock = 512;
constexpr size_t kMaxBlock = 65536;

template <typename Value>
void write(std::string& row, const Value& value) {
  static_assert(std::is_trivially_copyable_v<Value>);
  row.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void write(std::string& row, const std::string& value) {
  write(row, static_cast<uint32_t>(value.size()));
  row += value;
}
void write(std::string& row, const std::vector<std::string>& values) {
  write(row, static_cast<uint32_t>(values.size()));
  for (const std::string& value : values) write(row, value);
}
void write(std::string& row, const Rights& rights);
template <typename Value>
void write(std::string& row, const std::optional<Value>& value) {
  write(row, value.has_value());
  if (value) write(row, *value);
}

void write(std::string& row, const Rights& rights) {
  write(row, static_cast<uint32_t>(rights.bindings.size()));
  for (const Binding& binding : rights.bindings) {
    std::apply([&](auto... member) { (write(row, binding.*member), ...); }, kBindingMembers);
  }
  write(row, rights.global_permissions);
}

/// Reads a value, and moves `at` to its end.
template <typename Value>
void read_value(const char*& at, Value& value) {
  static_assert(std::is_trivially_copyable_v<Value>);
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
}
void read_value(const char*& at, std::string& value) {
  uint32_t size = 0;
  read_value(at, size);
  value.assign(at, size);
  at += size;
}
void read_value(const char*& at, std::vector<std::string>& values) {
  uint32_t size = 0;
  read_value(at, size);
  values.resize(size);
  for (std::string& value : values) read_value(at, value);
}
void read_value(const char*& at, Rights& rights);
template <typename Value>
void read_value(const char*& at, std::optional<Value>& value) {
  bool has_value = false;
  read_value(at, has_value);
  if (!has_value) {
    value.reset();
    return;
  }
  if (!value) value.emplace();
  read_value(at, *value);
}

void read_value(const char*& at, Rights& rights) {
  uint32_t size = 0;
  read_value(at, size);
  rights.bindings.resize(size);
  for (Binding& binding : rights.bindings) {
    std::apply([&](auto... member) { (read_value(at, binding.*member), ...); }, kBindingMembers);
  }
  read_value(at, rights.global_permissions);
}

}  // namespace

KeyList::KeyList(std::initializer_list<ApiKey> keys) {
  for (const ApiKey& key : keys) push_back(key);
}

void KeyList::push_back(const ApiKey& key) {
  std::string row;
  row.reserve(kMinBlock);
  std::apply([&](auto... member) { (write(row, key.*member), ...); }, kKeyMembers);
  if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < row.size()) {
    size_t double_size = blocks_.empty() ? 0 : 2 * blocks_.back().size();
    blocks_.emplace_back().reserve(
        std::max(row.size(), std::clamp(double_size, kMinBlock, kMaxBlock)));
  }
  std::string& block = blocks_.back();
  rows_.push_back({static_cast<uint32_t>(blocks_.size() - 1), static_cast<uint32_t>(block.size())});
  block += row;
}

void KeyList::read(size_t row, ApiKey& key) const {
  const char* next = begin_of(rows_[row]);
  std::apply([&](auto... member) { (read_value(next, key.*member), ...); }, kKeyMembers);
}

ApiKey KeyList::operator[](size_t row) const {
  ApiKey key;
  read(row, key);
  return key;
}

void KeyList::set_id(size_t row, int64_t id) {
  std::memcpy(&blocks_[rows_[row].block][rows_[row].offset], &id, sizeof id);
}

void KeyList::replace(size_t row, const ApiKey& key) {
  push_back(key);
  rows_[row] = rows_.back();
  rows_.pop_back();
}

void KeyList::sort() {
  auto by_id = [this](Place a, Place b) { return id_of(a) < id_of(b); };
  if (!std::is_sorted(rows_.begin(), rows_.end(), by_id)) {
    std::sort(rows_.begin(), rows_.end(), by_id);
  }
}

size_t KeyList::find(int64_t id) const {
  auto found = std::lower_bound(rows_.begin(), rows_.end(), id,
                                [this](Place row, int64_t wanted) { return id_of(row) < wanted; });
  return found == rows_.end() || id_of(*found) != id ? size()
                                                     : static_cast<size_t>(found - rows_.begin());
}

bool KeyList::operator==(const KeyList& other) const {
  return size() == other.size() && std::equal(begin(), end(), other.begin());
}

int64_t KeyList::id_of(Place row) const {
  int64_t id = 0;
  std::memcpy(&id, begin_of(row), sizeof id);
  return id;
}

}  // namespace capgo
