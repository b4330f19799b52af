#include "transport/child_process.h"

#include <uv.h>

#include <algorithm>
#include <string_view>

extern char** environ;

namespace transport {
namespace {

/// This process's environment with `extra` in it, as `NAME=value`.
std::vector<std::string> merged_environment(const Environment& extra) {
  std::vector<std::string> lines;
  for (char** line = environ; line && *line; ++line) {
    std::string_view text = *line;
    std::string_view name = text.substr(0, text.find('='));
    bool replaced = std::any_of(extra.begin(), extra.end(),
                                [&](const auto& variable) { return variable.first == name; });
    if (!replaced) lines.emplace_back(text);
  }
  for (const auto& [name, value] : extra) lines.push_back(name + '=' + value);
  return lines;
}

/// The null-ended array that exec takes; valid as long as `texts` stands.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

SpawnError spawn_error(const std::string& program, int error) {
  std::string advice = "check the command";
  if (error == UV_ENOENT) advice = "check its name and PATH";
  if (error == UV_EACCES) advice = "make it executable";
  return SpawnError("cannot start \"" + program + "\": " + uv_strerror(error) + "; " + advice);
}

}  // namespace

struct ChildProcess::Impl {
  uv_process_t process;
  std::function<void(ChildExit)> then;
  bool started = false;

  static void on_exit(uv_process_t* process, int64_t code, int signal) {
    auto* impl = static_cast<Impl*>(process->data);
    impl->close();
    impl->then({static_cast<int>(code), signal});
  }

  bool is_open() const {
    return started && !uv_is_closing(reinterpret_cast<const uv_handle_t*>(&process));
  }

  void close() {
    if (is_open()) uv_close(reinterpret_cast<uv_handle_t*>(&process), nullptr);
  }
};

ChildProcess::ChildProcess() : impl_(std::make_unique<Impl>()) {}

ChildProcess::~ChildProcess() = default;

int ChildProcess::start(uv_loop_s* loop, const std::vector<std::string>& command,
                        const Environment& extra, std::function<void(ChildExit)> then) {
  if (command.empty()) throw SpawnError("cannot start: there is no command; name one");
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
  options.exit_cb = Impl::on_exit;
  impl_->then = std::move(then);
  impl_->process.data = impl_.get();
  impl_->started = true;
  int error = uv_spawn(loop, &impl_->process, &options);
  if (error == 0) return impl_->process.pid;
  close();
  throw spawn_error(command[0], error);
}

void ChildProcess::send_signal(int signal) {
  if (impl_->is_open()) uv_process_kill(&impl_->process, signal);
}

void ChildProcess::close() { impl_->close(); }

}  // namespace transport
