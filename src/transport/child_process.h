#pragma once

#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/event_loop.h"
#include "transport/inherited_signals.h"
#include "transport/loop.h"

extern char** environ;

namespace transport {

/// One child process. Used on its loop's thread only.
class ChildProcess {
 public:
  /// See EventLoop::spawn. `reap` calls `then`. Called once.
  int start(const std::vector<std::string>& command, const Environment& extra,
            std::function<void(ChildExit)> then) {
    if (command.empty()) throw SpawnError("cannot start: the command is missing");
    std::vector<std::string> arguments = command;
    std::vector<std::string> environment = merged_environment(extra);
    sigset_t not_ignored;
    // sigfillset omits two internal signals of glibc, which posix_spawn would then ignore.
    std::memset(&not_ignored, 0xFF, sizeof not_ignored);
    for (int signal = 1; signal < NSIG; ++signal) {
      if (sigismember(&inherited_signals().ignored, signal) == 1) sigdelset(&not_ignored, signal);
    }
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &not_ignored);
    posix_spawnattr_setsigmask(&attributes, &inherited_signals().blocked);
    int error = posix_spawnp(&pid_, command[0].c_str(), nullptr, &attributes,
                             pointers(arguments).data(), pointers(environment).data());
    posix_spawnattr_destroy(&attributes);
    if (error != 0) throw spawn_error(command[0], error);
    then_ = std::move(then);
    return pid_;
  }

  /// Calls `then` if the process has ended.
  void reap() {
    int status = 0;
    if (!then_ || waitpid(pid_, &status, WNOHANG) != pid_) return;
    bool exited = WIFEXITED(status);
    std::exchange(then_,
                  nullptr)({exited ? WEXITSTATUS(status) : 0, exited ? 0 : WTERMSIG(status)});
  }

  /// Does nothing if the process has ended.
  void send_signal(int signal) {
    if (then_) kill(pid_, signal);
  }

  /// Stops watching the process, which keeps running; `then` is no longer called.
  void close() { then_ = nullptr; }

 private:
  /// This process's environment as `NAME=value`, where `extra` replaces or adds variables.
  static std::vector<std::string> merged_environment(const Environment& extra) {
    std::vector<std::string> lines;
    for (char** line = environ; line && *line; ++line) {
      std::string_view variable = *line;
      std::string_view name = variable.substr(0, variable.find('='));
      bool replaced = std::any_of(extra.begin(), extra.end(),
                                  [&](const auto& each) { return each.first == name; });
      if (!replaced) lines.emplace_back(variable);
    }
    for (const auto& [name, value] : extra) lines.push_back(name + '=' + value);
    return lines;
  }

  /// The null-terminated array that exec expects; valid while `strings` is unchanged.
  static std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (std::string& each : strings) result.push_back(each.data());
    result.push_back(nullptr);
    return result;
  }

  static SpawnError spawn_error(const std::string& program, int error) {
    std::string advice = "check the command";
    if (error == ENOENT) advice = "check its name and PATH";
    if (error == EACCES) advice = "make it executable";
    if (error == ENOEXEC) advice = "if it is a script, begin it with a line such as #!/bin/sh";
    return SpawnError("cannot start \"" + program +
                      "\": " + uv_strerror(uv_translate_sys_error(error)) + "; " + advice);
  }

  pid_t pid_ = 0;
  /// Empty if the process has ended or is no longer watched.
  std::function<void(ChildExit)> then_;
};

}  // namespace transport
