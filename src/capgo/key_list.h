#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "capgo/api_key.h"

namespace capgo {

/// Keys in a compact form: each is a row of bytes, in about a third of the memory of an ApiKey and
/// its strings. Not thread-safe while a thread changes it.
class KeyList {
 public:
  /// Reads one key after another into the same ApiKey. Valid until the list changes.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = ApiKey;
    using difference_type = std::ptrdiff_t;
    using pointer = const ApiKey*;
    using reference = const ApiKey&;

    Iterator(const KeyList& list, size_t row) : list_(&list), row_(row) { read(); }

    reference operator*() const { return key_; }
    pointer operator->() const { return &key_; }
    Iterator& operator++() {
      ++row_;
      read();
      return *this;
    }
    bool operator==(const Iterator& other) const { return row_ == other.row_; }

   private:
    void read() {
      if (row_ < list_->size()) list_->read(row_, key_);
    }

    const KeyList* list_;
    size_t row_;
    ApiKey key_;
  };

  KeyList() = default;
  KeyList(std::initializer_list<ApiKey> keys);

  void push_back(const ApiKey& key);

  bool empty() const { return rows_.empty(); }
  size_t size() const { return rows_.size(); }

  /// Sets `key` to the key in this row; the first is 0. Reuses the memory of its strings.
  void read(size_t row, ApiKey& key) const;

  ApiKey operator[](size_t row) const;
  ApiKey front() const { return (*this)[0]; }
  ApiKey back() const { return (*this)[size() - 1]; }
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

  int64_t id(size_t row) const { return id_of(rows_[row]); }
  void set_id(size_t row, int64_t id);

  /// Replaces the key in this row. The old one stays in memory.
  void replace(size_t row, const ApiKey& key);

  /// Sorts the rows by their ids. Fast if they are sorted already.
  void sort();

  /// Returns the row with this id, or size() if there is none. The rows must be sorted.
  size_t find(int64_t id) const;

  bool operator==(const KeyList& other) const;

 private:
  /// Where a row begins.
  struct Place {
    uint32_t block;
    uint32_t offset;
  };

  const char* begin_of(Place row) const { return &blocks_[row.block][row.offset]; }
  int64_t id_of(Place row) const;

  /// They never grow, so that no row is copied.
  std::vector<std::string> blocks_;
  std::vector<Place> rows_;
};

/// The content of a store, a fixture file or an export.
struct Snapshot {
  std::vector<Org> orgs;
  std::vector<App> apps;
  /// In ascending order of their ids, which are unique.
  KeyList keys;
  std::vector<Channel> channels = {};

  bool operator==(const Snapshot&) const = default;
};

}  // namespace capgo
