#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/event_loop.h"
#include "transport/loop.h"

extern char** environ;

namespace transport {

/// One child process.
class ChildProcess : HandleOwner {
 public:
  /// See EventLoop::spawn. Called once.
  int start(uv_loop_t* loop, const std::vector<std::string>& command, const Environment& extra,
            std::function<void(ChildExit)> then) {
    if (command.empty()) throw SpawnError("cannot start: the command is missing");
    std::vector<std::string> arguments = command;
    std::vector<std::string> environment = merged_environment(extra);
    std::vector<char*> argument_pointers = pointers(arguments);
    std::vector<char*> environment_pointers = pointers(environment);
    uv_stdio_container_t stdio[3];
    for (int fd = 0; fd < 3; ++fd) {
      stdio[fd].flags = UV_INHERIT_FD;
      stdio[fd].data.fd = fd;
    }
    uv_process_options_t options{};
    options.file = argument_pointers[0];
    options.args = argument_pointers.data();
    options.env = environment_pointers.data();
    options.stdio_count = 3;
    options.stdio = stdio;
    options.exit_cb = [](uv_process_t* process, int64_t code, int signal) {
      ChildProcess& child = owner_of<ChildProcess>(process);
      child.close();
      child.then_({static_cast<int>(code), signal});
    };
    then_ = std::move(then);
    process_.data = this;
    int error = uv_spawn(loop, &process_, &options);
    if (error == 0) return process_.pid;
    close();
    throw spawn_error(command[0], error);
  }

  /// Does nothing if the process has ended.
  void send_signal(int signal) {
    if (is_open()) uv_process_kill(&process_, signal);
  }

  /// Stops watching the process, which keeps running; `then` is no longer called.
  void close() {
    if (is_open()) uv_close(as_handle(&process_), nullptr);
  }

 private:
  bool is_open() { return process_.data && !uv_is_closing(as_handle(&process_)); }

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
    if (error == UV_ENOENT) advice = "check its name and PATH";
    if (error == UV_EACCES) advice = "make it executable";
    return SpawnError("cannot start \"" + program + "\": " + uv_strerror(error) + "; " + advice);
  }

  uv_process_t process_{};
  std::function<void(ChildExit)> then_;
};

}  // namespace transport
