#include "app/serve.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

#include "app/atomic_file.h"
#include "app/exec_advice.h"
#include "app/run.h"
#include "base/ascii.h"
#include "fixtures/fixture_file.h"
#include "json/body.h"
#include "transport/event_loop.h"

namespace app {
namespace {

constexpr int kAddressTaken = 3;
constexpr int kCommandNotStarted = 127;
/// Shells add the number of the signal that ended a command to this exit code.
constexpr int kEndedBySignal = 128;

/// Where clients find the server, and their credentials.
struct Ready {
  std::string url;
  std::string admin;
  /// See engine::pick_key.
  std::optional<std::string> key;
  /// See engine::Engine::first_user_token.
  std::optional<std::string> user_token;
  /// The address that the server listens on.
  std::string host;
};

std::string ready_line(const Options& options, const Ready& ready) {
  json::Ordered line = {{"event", "ready"}, {"url", ready.url}, {"admin", ready.admin}};
  line["key"] = nullptr;
  if (ready.key) line["key"] = *ready.key;
  if (ready.user_token) line["user_token"] = *ready.user_token;
  line["contract"] = options.contract->name;
  line["version"] = version();
  line["pid"] = getpid();
  return json::dump(line) + "\n";
}

/// The URL, a key, a request to try, and how to stop: for a person at a terminal.
std::string first_steps(const Options& options, const Ready& ready) {
  std::string header = "authorization: " + ready.key.value_or("YOUR_KEY");
  return "\n  URL   " + ready.url + options.base_path + "\n  Key   " +
         ready.key.value_or("none that may manage keys") + "\n  Try   curl -H " +
         shell_quote(header) + " " + shell_quote(ready.url + options.base_path + "/apikey/") +
         "\n  Stop  Ctrl+C\n";
}

/// Whether a list that is separated by commas or spaces has this entry, in either case.
bool has_entry(std::string_view list, std::string_view entry) {
  constexpr std::string_view kSeparators = ", ";
  while (!list.empty()) {
    std::string_view first = list.substr(0, list.find_first_of(kSeparators));
    if (base::equal_ignoring_case(first, entry)) return true;
    list.remove_prefix(std::min(first.size() + 1, list.size()));
  }
  return false;
}

/// `NO_PROXY` and `no_proxy` with the loopback addresses and `host`, because a proxy cannot reach
/// the server. Programs differ in which of the two they prefer, so one that is missing copies the
/// other.
transport::Environment without_proxy(std::string_view host) {
  const std::array<std::string_view, 5> addresses = {"127.0.0.1", "localhost", "::1", "[::1]",
                                                     host};
  const char* upper = std::getenv("NO_PROXY");
  const char* lower = std::getenv("no_proxy");
  auto extend = [&](const char* own, const char* other) {
    const char* value = own != nullptr ? own : other;
    std::string entries = value != nullptr ? value : "";
    if (base::trim(entries, " ") == "*") return entries;  // Every host; it must stand alone.
    for (std::string_view address : addresses) {
      if (has_entry(entries, address)) continue;
      if (!entries.empty()) entries += ',';
      entries += address;
    }
    return entries;
  };
  return {{"NO_PROXY", extend(upper, lower)}, {"no_proxy", extend(lower, upper)}};
}

/// Starts the child. When it ends, `exit_code` is set to its exit code and the loop stops.
void start_child(const Options& options, const Ready& ready, transport::EventLoop& loop,
                 int& exit_code) {
  transport::Environment environment = without_proxy(ready.host);
  environment.emplace_back("CAPGO_API_URL", ready.url + options.base_path);
  environment.emplace_back("MOCK_CAPGO_ADMIN_URL", ready.admin);
  // Empty if there is none, so that the child does not inherit a real one.
  environment.emplace_back("CAPGO_TOKEN", ready.key.value_or(""));
  environment.emplace_back("CAPGO_USER_TOKEN", ready.user_token.value_or(""));
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) {
    loop.forward_signal(signal);
  }
  loop.spawn(options.child, environment, [&loop, &exit_code](transport::ChildExit child) {
    exit_code = child.signal == 0 ? child.code : kEndedBySignal + child.signal;
    loop.stop();
  });
}

void stop_on_signal(const Options& options, int in, transport::EventLoop& loop) {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    loop.on_signal(signal, [&loop] { loop.stop(); });
  }
  if (options.exit_on_stdin_close) loop.on_end_of_input(in, [&loop] { loop.stop(); });
}

/// Warns if other machines can reach the server, and says whether they can use the control API.
void warn_if_exposed(const Options& options, const transport::Address& address, RequestLog& log) {
  if (engine::is_loopback(address.host)) return;
  log.warn("listening on " + address.host_and_port() + ", where other machines may reach it; " +
           (options.admin_token ? "control calls must send the --admin-token"
                                : "control calls are rejected, unless you start with "
                                  "--admin-token T and send Authorization: Bearer T"));
}

void warn_of_unused_rules(const Options& options, engine::Engine& engine, RequestLog& log) {
  if (options.log == Log::none) return;
  for (const std::string& rule : engine.unused_rules()) {
    log.warn("this rule of a scenario never fired: " + rule);
  }
}

/// Logs a request that the transport rejected.
void write_rejection(const http::Request& request, const http::Response& response,
                     const std::string& reason, RequestLog& log) {
  journal::Exchange exchange;
  exchange.path = request.path();
  exchange.rejected_by = "transport";
  exchange.reason = reason;
  log.write(request, response, exchange);
}

/// Writes a file that the options ask for at the end. Returns whether there was no error.
bool write_on_exit(const std::optional<std::string>& file, const Output& output,
                   const std::function<std::string()>& content) {
  try {
    if (file && !write_file_atomically(*file, content())) {
      output.log.warn(*file + " cannot be replaced, so its content was overwritten");
    }
    return true;
  } catch (const std::exception& error) {
    output.errors.warn(error.what());
    return false;
  }
}

/// Listens, serves and exports. Throws an exception on an error.
int serve_until_stopped(const Options& options, Inputs inputs, base::Clock clock, int in,
                        const Output& output) {
  RequestLog& log = output.log;
  transport::EventLoop loop;
  std::unique_ptr<engine::Engine> engine;
  // Listening comes first, so that no file is touched if the address is taken.
  auto answer = [&](const http::Request& request) { return engine->handle(request); };
  transport::ServerOptions server;
  server.on_error = [&](const auto& request, auto& response, const auto& reason) {
    engine->add_headers(request, response);
    write_rejection(request, response, reason, log);
  };
  server.on_warning = [&](const std::string& text) { log.warn(text); };
  transport::Address address = loop.listen(options.host, options.port, answer, server);
  warn_if_exposed(options, address, log);
  Hooks hooks;
  hooks.listens_on = address.host;
  hooks.warn = [&](const std::string& text) { log.warn(text); };
  if (options.log != Log::none) {
    hooks.observer = [&](const auto& request, const auto& response, const auto& exchange) {
      log.write(request, response, exchange);
    };
  }
  engine = make_engine(options, std::move(inputs), clock, hooks);
  Ready ready{address.url(), address.url() + "/__admin", engine->first_key(),
              engine->first_user_token(), address.host};

  // Before the command starts: the server exits if the file cannot be written.
  std::string line = ready_line(options, ready);
  std::optional<TemporaryFile> ready_file;
  if (options.ready_file) ready_file.emplace(*options.ready_file, line);
  int exit_code = 0;
  if (options.command == Command::exec) {
    start_child(options, ready, loop, exit_code);
  } else {
    stop_on_signal(options, in, loop);
  }
  if (options.command == Command::serve && !(output.out << line << std::flush)) {
    throw std::runtime_error("the ready line cannot be written to standard output");
  }
  if (output.is_terminal && options.command == Command::serve && options.log != Log::none &&
      options.log_format == LogFormat::text) {
    output.errors.show(first_steps(options, ready));
  }
  loop.run();
  warn_of_unused_rules(options, *engine, log);
  bool exported = write_on_exit(options.export_on_exit, output, [&] {
    return fixtures::write_fixtures(engine->snapshot(), options.contract->has_roles());
  });
  // Also if the export failed: each file may be all that is left to look at.
  bool journaled =
      write_on_exit(options.journal_on_exit, output, [&] { return engine->journals(); });
  return exported && journaled ? exit_code : kFailed;
}

}  // namespace

int serve(const Options& options, Inputs inputs, base::Clock clock, int in, const Output& output) {
  auto fail = [&](const std::exception& error, int exit_code) {
    output.errors.warn(error.what());
    return exit_code;
  };
  try {
    return serve_until_stopped(options, std::move(inputs), clock, in, output);
  } catch (const transport::ListenError& error) {
    return fail(error, error.address_taken ? kAddressTaken : kFailed);
  } catch (const transport::SpawnError& error) {
    output.errors.warn(explain_spawn_failure(options.child, error.what()));
    return kCommandNotStarted;
  } catch (const store::StoreError& error) {
    return fail(error, kBadUsage);
  } catch (const std::exception& error) {
    return fail(error, kFailed);
  }
}

}  // namespace app
