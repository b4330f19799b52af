#include "engine/sandboxes.h"

#include <algorithm>
#include <cctype>

#include "base/secret_text.h"

namespace engine {

bool is_name(std::string_view text) {
  constexpr size_t kLongest = 64;
  return !text.empty() && text.size() <= kLongest && text != "." && text != ".." &&
         !base::has_key_form(text) &&
         std::all_of(text.begin(), text.end(), [](unsigned char letter) {
           return (letter < 0x80 && std::isalnum(letter) != 0) || letter == '.' || letter == '_' ||
                  letter == '-';
         });
}

std::shared_ptr<Sandbox> Sandboxes::find_or_make(std::string_view name) {
  base::MutexLock lock(mutex_);
  auto found = named_.find(name);
  return found != named_.end() ? found->second : add(std::string(name));
}

std::shared_ptr<Sandbox> Sandboxes::make(const std::string& name) {
  base::MutexLock lock(mutex_);
  return named_.contains(name) ? nullptr : add(name);
}

std::shared_ptr<Sandbox> Sandboxes::make_unnamed() {
  base::MutexLock lock(mutex_);
  std::string name;
  do {
    name = "sandbox-" + std::to_string(++made_up_);
  } while (named_.contains(name));
  return add(name);
}

bool Sandboxes::drop(std::string_view name) {
  std::shared_ptr<Sandbox> dropped;  // Ends outside of the lock.
  base::MutexLock lock(mutex_);
  auto found = named_.find(name);
  if (found == named_.end()) return false;
  dropped = std::move(found->second);
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

std::vector<std::string> Sandboxes::dead_rules() {
  for (const auto& sandbox : list()) {
    base::MutexLock lock(sandbox->mutex);
    use_.note(sandbox->rules);
  }
  base::MutexLock lock(plain_.mutex);
  use_.note(plain_.rules);
  return use_.dead();
}

std::shared_ptr<Sandbox> Sandboxes::add(const std::string& name) {
  if (named_.size() >= most_) return nullptr;
  auto made = std::make_shared<Sandbox>(beginning_, use_, name);
  named_.emplace(name, made);
  return made;
}

}  // namespace engine
