#include "app/run.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "app/atomic_file.h"
#include "app/built_in_scenarios.h"
#include "app/contracts.h"
#include "app/health.h"
#include "app/inputs.h"
#include "app/log_file.h"
#include "app/options.h"
#include "app/serve.h"
#include "app/terminal.h"

namespace app {
namespace {

/// Prints every problem. Returns whether there was one.
bool report(const std::vector<std::string>& problems, std::ostream& err) {
  for (const std::string& problem : problems) err << replace_control_characters(problem) << "\n";
  return !problems.empty();
}

void print_check_summary(const Options& options, const Inputs& inputs, std::ostream& out) {
  std::string from = options.fixtures.empty() ? "the built-in demo data" : "the fixtures";
  out << "ok: " << from << " (keys: " << inputs.snapshot.keys.size()
      << ", orgs: " << inputs.snapshot.orgs.size() << ", apps: " << inputs.snapshot.apps.size()
      << "), scenarios: " << inputs.scenarios.size() << "\n"
      << std::flush;
}

}  // namespace

int run(const std::vector<std::string>& args, int in, std::ostream& out, std::ostream& err,
        ErrorStream error_stream) {
  auto parsed = parse_options(args);
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) {
    std::ostream& stream = early->exit_code == 0 ? out : err;
    stream << replace_control_characters(early->text) << std::flush;
    return stream ? early->exit_code : kFailed;
  }
  const Options& options = std::get<Options>(parsed);
  if (options.command == Command::contracts) {
    out << (options.compared.empty()
                ? list_contracts()
                : compare_contracts(*options.compared[0], *options.compared[1]))
        << std::flush;
    return out ? 0 : kFailed;
  }
  if (options.command == Command::scenarios) {
    const std::string& name = options.printed_scenario;
    const contract::Contract& contract = *options.contract;
    out << (name.empty() ? list_scenarios(contract)
                         : std::string(built_in_scenario(contract, name)))
        << std::flush;
    return out ? 0 : kFailed;
  }
  if (options.command == Command::health) return check_health(options, out, err);
  base::Clock clock = make_clock(options);
  std::vector<std::string> unwritable = find_unwritable_files(options);
  std::string ready_option = source_of("--ready-file", options);
  bool is_writable = std::none_of(
      unwritable.begin(), unwritable.end(),
      [&](const std::string& problem) { return problem.starts_with(ready_option + " "); });
  if (options.ready_file && options.command != Command::check && is_writable) {
    // A killed server leaves its ready file, and a script that waits for the new one would read it.
    remove_file(*options.ready_file);
  }
  Inputs inputs = read_inputs(options, clock.now());
  for (std::string& problem : unwritable) inputs.problems.push_back(std::move(problem));
  if (report(inputs.problems, err)) return kBadUsage;
  if (options.command == Command::check) {
    report(inputs.notes, err);
    print_check_summary(options, inputs, out);
    return out ? 0 : kFailed;
  }
  RequestLog errors(options.log, options.log_format, error_stream.colored, err);
  bool is_terminal = error_stream.is_terminal;
  if (!options.log_file) {
    return serve(options, std::move(inputs), clock, in, {out, errors, errors, is_terminal});
  }
  std::optional<LogFile> file;
  try {
    file.emplace(*options.log_file, [&](const std::string& text) { errors.warn(text); });
  } catch (const std::runtime_error& error) {
    errors.warn(error.what());
    return kBadUsage;
  }
  RequestLog log(options.log, options.log_format, false, file->stream());
  return serve(options, std::move(inputs), clock, in, {out, log, errors, is_terminal});
}

}  // namespace app
