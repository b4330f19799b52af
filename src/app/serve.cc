#include "app/serve.h"

#include <unistd.h>

#include <csignal>

#include "app/atomic_file.h"
#include "app/request_log.h"
#include "fixtures/fixture_file.h"
#include "json/body.h"
#include "transport/event_loop.h"

namespace app {
namespace {

constexpr int kFailed = 1;
constexpr int kBadFile = 2;
constexpr int kAddressTaken = 3;
constexpr int kCommandNotStarted = 127;
/// A shell's way to tell by an exit code that a signal ended the command.
constexpr int kEndedBySignal = 128;

/// What a client must know to talk to this server.
struct Ready {
  std::string url;
  std::string admin;
  /// The first key with mode `all` that is neither expired nor limited, or else the first with that
  /// mode; nothing if there is none with a plain secret.
  std::optional<std::string> key;
};

Ready make_ready(const transport::Address& address, const capgo::Snapshot& snapshot,
                 base::Time now) {
  Ready ready{address.url(), address.url() + "/__admin", std::nullopt};
  for (const capgo::ApiKey& key : snapshot.keys) {
    if (key.mode != capgo::KeyMode::all || !key.key) continue;
    bool is_good = !key.is_limited() && (!key.expires_at || *key.expires_at >= now);
    if (is_good || !ready.key) ready.key = key.key;
    if (is_good) break;
  }
  return ready;
}

std::string ready_line(const Options& options, const Ready& ready) {
  json::Ordered line = {{"event", "ready"}, {"url", ready.url}, {"admin", ready.admin}};
  line["key"] = nullptr;
  if (ready.key) line["key"] = *ready.key;
  line["contract"] = options.contract->name;
  line["version"] = version();
  line["pid"] = getpid();
  return json::dump(line) + "\n";
}

/// Runs the child; the loop stops when it has ended, and `exit_code` is its own then.
void start_child(const Options& options, const Ready& ready, transport::EventLoop& loop,
                 int& exit_code) {
  std::vector<std::pair<std::string, std::string>> environment = {
      {"CAPGO_API_URL", ready.url + options.base_path}, {"MOCK_CAPGO_ADMIN_URL", ready.admin}};
  // Empty where there is no such key: one from outside must not reach the command.
  environment.emplace_back("CAPGO_TOKEN", ready.key.value_or(""));
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) {
    loop.on_signal(signal, [&loop, signal] { loop.signal_child(signal); });
  }
  loop.spawn(options.child, environment, [&loop, &exit_code](transport::ChildExit child) {
    exit_code = child.signal == 0 ? child.code : kEndedBySignal + child.signal;
    loop.stop();
  });
}

void stop_when_told(const Options& options, int in, transport::EventLoop& loop) {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    loop.on_signal(signal, [&loop] { loop.stop(); });
  }
  if (options.exit_on_stdin_close) loop.on_end_of_input(in, [&loop] { loop.stop(); });
}

/// From the listening socket to the last export. Throws what goes wrong.
int serve_until_stopped(const Options& options, Inputs inputs, base::Clock clock, int in,
                        std::ostream& out, std::ostream& err) {
  transport::EventLoop loop;
  std::unique_ptr<engine::Engine> engine;
  RequestLog log(options.log, err);
  // Listening comes first: where the address is taken, no file has been touched.
  auto answer = [&](const http::Request& request) {
    http::Response response = engine->handle(request);
    log.write(request, response);
    return response;
  };
  transport::ServerOptions server;
  server.refused = [&](const auto& request, const auto& response) { log.write(request, response); };
  transport::Address address = loop.listen(options.host, options.port, answer, server);
  engine = make_engine(options, std::move(inputs), clock, err);
  Ready ready = make_ready(address, engine->snapshot(), clock.now());

  int exit_code = 0;
  if (options.command == Command::exec) {
    start_child(options, ready, loop, exit_code);
  } else {
    stop_when_told(options, in, loop);
  }
  std::string line = ready_line(options, ready);
  if (options.ready_file) write_file_atomically(*options.ready_file, line);
  if (options.command == Command::serve && !(out << line << std::flush)) {
    throw std::runtime_error("the ready line cannot be written to standard output");
  }
  loop.run();
  if (options.export_on_exit) {
    write_file_atomically(*options.export_on_exit, fixtures::write_fixtures(engine->snapshot()));
  }
  return exit_code;
}

}  // namespace

int serve(const Options& options, Inputs inputs, base::Clock clock, int in, std::ostream& out,
          std::ostream& err) {
  try {
    return serve_until_stopped(options, std::move(inputs), clock, in, out, err);
  } catch (const transport::ListenError& error) {
    err << "mock-capgo: " << error.what() << "\n";
    return error.address_taken ? kAddressTaken : kFailed;
  } catch (const transport::SpawnError& error) {
    err << "mock-capgo: " << error.what() << "\n";
    return kCommandNotStarted;
  } catch (const store::StoreError& error) {
    err << "mock-capgo: " << error.what() << "\n";
    return kBadFile;
  } catch (const std::exception& error) {
    err << "mock-capgo: " << error.what() << "\n";
    return kFailed;
  }
}

}  // namespace app
