#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_format.h"
#include "contract/render.h"
#include "engine/engine.h"
#include "engine/mock_error.h"
#include "engine/sandboxes.h"
#include "http/message.h"
#include "http/path_pattern.h"
#include "json/document.h"
#include "json/object_reader.h"
#include "json/writer.h"

/// The control API, `/__admin/...`: a table of routes, and one file for each subject.
namespace control {

struct ControlConfig {
  /// Empty for none.
  std::string base_path = {};
  /// The version of the program.
  std::string version = {};
};

/// The control API for an engine.
engine::ControlApi make_control_api(ControlConfig config);

struct Route;

/// The arguments of a handler. Handlers lock the sandbox's mutex themselves.
struct Call {
  const Route& route;
  const http::Request& request;
  const http::PathParams& params;
  /// The sandbox in the request's path.
  engine::Sandbox& sandbox;
  engine::Sandboxes& sandboxes;
  const ControlConfig& config;
  journal::Exchange& exchange;
};

/// A call affects one sandbox, which is created if it does not exist, or the whole server.
enum class Scope { sandbox, server };

/// One call of the control API. openapi.json describes it.
struct Route {
  std::string_view method;
  /// As in http::match_path.
  std::string_view pattern;
  http::Response (*handler)(const Call&);
  Scope scope = Scope::sandbox;
  /// The names of its query parameters.
  std::span<const std::string_view> query = {};
};

/// All calls.
std::span<const Route> routes();

/// Returns the problems of a call's query, at most json::kMaxProblems: unknown and duplicate
/// parameters.
std::vector<std::string> check_query(const Route& route, std::string_view query);

/// The response with this body.
inline http::Response respond(json::Writer& body, int status = 200) {
  return contract::json_response(status, body.take());
}

/// Rejects a control call; see engine::mock_error.
inline http::Response reject(const Call& call, int status, const std::string& error,
                             const std::vector<std::string>& details,
                             std::string_view members = {}) {
  return engine::mock_error(status, error, details, call.exchange, members);
}

/// Rejects a body that has problems.
inline http::Response reject_body(const Call& call, const json::Document& body) {
  return reject(call, 400, "the body is invalid; nothing was changed", body.problem_lines());
}

/// Reads a field that is a duration, such as `31d`. If it is invalid, adds a problem, with other
/// `advice` after the examples, and returns nothing.
std::optional<base::Duration> read_duration(const json::ObjectReader& reader, std::string_view name,
                                            std::string_view advice = {});

/// The time of a sandbox. Locks its mutex.
base::Time now_in(engine::Sandbox& sandbox);

/// The URL of this server, from the request's Host header: `http://127.0.0.1:12113`.
std::string url_of(const http::Request& request);

// The handlers in the table of routes.
http::Response get_health(const Call& call);
http::Response reset_sandbox(const Call& call);
http::Response export_state(const Call& call);
http::Response import_state(const Call& call);
http::Response add_key(const Call& call);
http::Response delete_key(const Call& call);
http::Response create_token(const Call& call);
http::Response list_requests(const Call& call);
http::Response clear_requests(const Call& call);
http::Response verify_requests(const Call& call);
http::Response list_scenarios(const Call& call);
http::Response get_scenario(const Call& call);
http::Response put_scenario(const Call& call);
http::Response remove_scenario(const Call& call);
http::Response remove_scenarios(const Call& call);
http::Response get_clock(const Call& call);
http::Response set_clock(const Call& call);
http::Response advance_clock(const Call& call);
http::Response authorize(const Call& call);
http::Response list_sandboxes(const Call& call);
http::Response create_sandbox(const Call& call);
http::Response delete_sandbox(const Call& call);
http::Response get_openapi(const Call& call);

}  // namespace control
