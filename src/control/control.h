#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/mock_error.h"
#include "engine/sandboxes.h"
#include "http/message.h"
#include "http/path_pattern.h"
#include "json/document.h"

/// The control API, `/__admin/...`: a table of routes, and one file for each subject.
namespace control {

/// A scenario that comes with the program: its name, and the text of its file.
struct BuiltInScenario {
  std::string_view name;
  std::string_view text;
};

/// What the control API knows of the program around it.
struct ControlConfig {
  /// Scenarios that can be put in force by name.
  std::vector<BuiltInScenario> built_in = {};
  /// Empty for none.
  std::string base_path = {};
  /// Of the program.
  std::string version = {};
};

/// The control API for an engine.
engine::ControlApi make_control_api(ControlConfig config);

struct Route;

/// One control call: what its handler may use. Handlers take the sandbox's lock where they need it.
struct Call {
  const Route& route;
  const http::Request& request;
  const http::PathParams& params;
  /// The one whose path was called.
  engine::Sandbox& sandbox;
  engine::Sandboxes& sandboxes;
  const ControlConfig& config;
  journal::Exchange& exchange;
};

/// Which sandbox a call is about: one, which is made if it is not there, or none in particular.
enum class Scope { sandbox, server };

/// One call of the control API. openapi.json describes it.
struct Route {
  std::string_view method;
  /// As in http::match_path.
  std::string_view pattern;
  http::Response (*answer)(const Call&);
  Scope scope = Scope::sandbox;
  /// The fields that its query may have.
  std::span<const std::string_view> query = {};
};

/// Every call there is.
std::span<const Route> routes();

/// What is wrong with the query of a call: fields that it does not take, or takes once only.
std::vector<std::string> check_query(const Route& route, std::string_view query);

/// The rejection of a control call; see engine::mock_error.
inline http::Response reject(const Call& call, int status, const std::string& error,
                             const std::vector<std::string>& details,
                             std::string_view members = {}) {
  return engine::mock_error(status, error, details, call.exchange, members);
}

/// The rejection of a query that has problems.
inline http::Response reject_query(const Call& call, const std::vector<std::string>& problems) {
  return reject(call, 400, "the query is not as it should be", problems);
}

/// The rejection of a body that has problems.
inline http::Response reject_body(const Call& call, const json::Document& body) {
  return reject(call, 400, "the body is not as it should be; nothing was changed",
                body.problem_lines());
}

/// The URL that the caller has this server at: `http://127.0.0.1:12113`, or as its Host has it.
std::string url_of(const http::Request& request);

// Who answers; each is named in the table of routes.
http::Response get_health(const Call& call);
http::Response reset_sandbox(const Call& call);
http::Response export_state(const Call& call);
http::Response import_state(const Call& call);
http::Response list_requests(const Call& call);
http::Response clear_requests(const Call& call);
http::Response verify_requests(const Call& call);
http::Response list_scenarios(const Call& call);
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
