#include "app/serve.h"

#include <unistd.h>

#include <csignal>

#include "app/atomic_file.h"
#include "app/exec_advice.h"
#include "app/run.h"
#include "fixtures/fixture_file.h"
#include "json/body.h"
#include "transport/event_loop.h"

namespace app {
namespace {

constexpr int kAddressTaken = 3;
constexpr int kCommandNotStarted = 127;
/// Shells add the number of the signal that ended a command to this exit code.
constexpr int kEndedBySignal = 128;

/// Where clients find the server, and a key for them.
struct Ready {
  std::string url;
  std::string admin;
  /// See engine::pick_key.
  std::optional<std::string> key;
};

std::string ready_line(const Options& options, const Ready& ready) {
  json::Ordered line = {{"event", "ready"}, {"url", ready.url}, {"admin", ready.admin}};
  line["key"] = nullptr;
  if (ready.key) line["key"] = *ready.key;
  line["contract"] = options.contract->name;
  line["version"] = version();
  line["pid"] = getpid();
  return json::dump(line) + "\n";
}

/// The URL, a key, a request to try, and how to stop: for a person at a terminal.
std::string first_steps(const Options& options, const Ready& ready) {
  std::string header = "authorization: " + ready.key.value_or("YOUR_KEY");
  return "\n  URL   " + ready.url + options.base_path + "\n  Key   " +
         ready.key.value_or("none with mode all") + "\n  Try   curl -H " + shell_quote(header) +
         " " + shell_quote(ready.url + options.base_path + "/apikey/") + "\n  Stop  Ctrl+C\n";
}

/// Starts the child. When it ends, `exit_code` is set to its exit code and the loop stops.
void start_child(const Options& options, const Ready& ready, transport::EventLoop& loop,
                 int& exit_code) {
  std::vector<std::pair<std::string, std::string>> environment = {
      {"CAPGO_API_URL", ready.url + options.base_path}, {"MOCK_CAPGO_ADMIN_URL", ready.admin}};
  // Empty if there is no key, so that the child does not inherit a real one.
  environment.emplace_back("CAPGO_TOKEN", ready.key.value_or(""));
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

void export_state(const std::string& file, engine::Engine& engine, RequestLog& log) {
  if (write_file_atomically(file, fixtures::write_fixtures(engine.snapshot()))) return;
  log.warn(file + " cannot be replaced, so its content was overwritten");
}

/// Listens, serves and exports. Throws an exception on an error.
int serve_until_stopped(const Options& options, Inputs inputs, base::Clock clock, int in,
                        std::ostream& out, RequestLog& log, bool is_terminal) {
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
  Ready ready{address.url(), address.url() + "/__admin", engine->first_key()};

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
  if (options.command == Command::serve && !(out << line << std::flush)) {
    throw std::runtime_error("the ready line cannot be written to standard output");
  }
  if (is_terminal && options.command == Command::serve && options.log != Log::none &&
      options.log_format == LogFormat::text) {
    log.show(first_steps(options, ready));
  }
  loop.run();
  warn_of_unused_rules(options, *engine, log);
  if (options.export_on_exit) export_state(*options.export_on_exit, *engine, log);
  return exit_code;
}

}  // namespace

int serve(const Options& options, Inputs inputs, base::Clock clock, int in, std::ostream& out,
          RequestLog& log, bool is_terminal) {
  auto fail = [&](const std::exception& error, int exit_code) {
    log.warn(error.what());
    return exit_code;
  };
  try {
    return serve_until_stopped(options, std::move(inputs), clock, in, out, log, is_terminal);
  } catch (const transport::ListenError& error) {
    return fail(error, error.address_taken ? kAddressTaken : kFailed);
  } catch (const transport::SpawnError& error) {
    log.warn(explain_spawn_failure(options.child, error.what()));
    return kCommandNotStarted;
  } catch (const store::StoreError& error) {
    return fail(error, kBadUsage);
  } catch (const std::exception& error) {
    return fail(error, kFailed);
  }
}

}  // namespace app
