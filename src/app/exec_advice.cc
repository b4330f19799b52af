#include "app/exec_advice.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/ascii.h"

namespace app {
namespace {

/// Commands that exist only inside a shell.
constexpr auto kShellBuiltIns = std::to_array<std::string_view>(
    {"cd", "export", "source", ".", "alias", "set", "unset", "eval", "exec", "ulimit", "umask"});

/// The words quoted, with a space before each.
std::string join_quoted(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += " " + shell_quote(word);
  return line;
}

}  // namespace

std::string shell_quote(std::string_view word) {
  bool is_plain = std::all_of(word.begin(), word.end(), [](char c) {
    return base::is_alnum(c) || std::string_view("-_./:=@%+,").find(c) != std::string_view::npos;
  });
  if (is_plain && !word.empty()) return std::string(word);
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string exec_line(const std::vector<std::string>& command) {
  return "mock-capgo exec --" + join_quoted(command);
}

std::string explain_spawn_failure(const std::vector<std::string>& command,
                                  const std::string& reason) {
  const std::string& program = command.front();
  std::string cannot = "cannot start \"" + program + "\": ";
  std::error_code ignored;
  if (std::filesystem::is_directory(program, ignored)) {
    return cannot + "it is a directory; name a program in it";
  }
  if (std::filesystem::exists(program, ignored)) return reason;
  if (std::find(kShellBuiltIns.begin(), kShellBuiltIns.end(), program) != kShellBuiltIns.end()) {
    std::string line = join_quoted(command).substr(1) + " && ...";
    return cannot + "it is a shell built-in; use a shell: " + exec_line({"sh", "-c", line});
  }
  if (command.size() > 1 || program.find(' ') == std::string::npos) return reason;
  bool needs_shell = program.find_first_of("|&;<>()$`\\\"'*?~") != std::string::npos;
  return cannot + (needs_shell ? "exec runs no shell; use one: " + exec_line({"sh", "-c", program})
                               : "write each word as its own argument, without quotes: " +
                                     exec_line({}) + " " + program);
}

}  // namespace app
