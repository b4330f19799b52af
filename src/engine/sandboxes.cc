#include "engine/sandboxes.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/redact.h"

namespace engine {

bool is_name(std::string_view value) {
  constexpr size_t kMaxSize = 64;
  bool is_key = value.starts_with("ak_") || base::is_jwt(value);
  return !value.empty() && value.size() <= kMaxSize && value != "." && value != ".." && !is_key &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return base::is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

std::shared_ptr<Sandbox> Sandboxes::find_or_create(std::string_view name) {
  base::MutexLock lock(mutex_);
  auto found = named_.find(name);
  return found != named_.end() ? found->second : add(std::string(name));
}

std::shared_ptr<Sandbox> Sandboxes::create(const std::string& name) {
  base::MutexLock lock(mutex_);
  return named_.contains(name) ? nullptr : add(name);
}

std::shared_ptr<Sandbox> Sandboxes::create_with_generated_name() {
  base::MutexLock lock(mutex_);
  std::string name;
  do {
    name = "sandbox-" + std::to_string(++generated_names_);
  } while (named_.contains(name));
  return add(name);
}

bool Sandboxes::remove(std::string_view name) {
  std::shared_ptr<Sandbox> removed;  // Destroyed after the lock is released.
  base::MutexLock lock(mutex_);
  auto found = named_.find(name);
  if (found == named_.end()) return false;
  removed = std::move(found->second);
  named_.erase(found);
  return true;
}

std::shared_ptr<Sandbox> Sandboxes::find(std::string_view name) const {
  base::MutexLock lock(mutex_);
  auto found = named_.find(name);
  return found == named_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<Sandbox>> Sandboxes::list() const {
  base::MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Sandbox>> all;
  all.reserve(named_.size());
  for (const auto& [name, sandbox] : named_) all.push_back(sandbox);
  return all;
}

std::vector<std::string> Sandboxes::unused_rules() {
  for (const auto& sandbox : list()) {
    base::MutexLock lock(sandbox->mutex);
    usage_.record(sandbox->rules);
  }
  base::MutexLock lock(default_.mutex);
  usage_.record(default_.rules);
  return usage_.unused();
}

std::shared_ptr<Sandbox> Sandboxes::add(const std::string& name) {
  if (named_.size() >= max_named_) return nullptr;
  auto sandbox = std::make_shared<Sandbox>(config_, usage_, name);
  named_.emplace(name, sandbox);
  return sandbox;
}

}  // namespace engine
