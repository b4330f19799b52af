#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sandboxes.h"
#include "http/message.h"
#include "http/path_pattern.h"
#include "json/document.h"

namespace engine {

struct ControlRoute;
struct ShippedScenario;

/// One control call: what its handler may use. Handlers take the sandbox's lock where they need it.
struct ControlCall {
  const ControlRoute& route;
  const http::Request& request;
  const http::PathParams& params;
  /// The one whose path was called.
  Sandbox& sandbox;
  Sandboxes& sandboxes;
  std::span<const ShippedScenario> shipped;
  std::string_view base_path;
  std::string_view version;
};

/// A value that a control call takes from the query: `limit`, and what it means.
struct QueryField {
  std::string_view name;
  std::string_view means;
};

/// One call of the control API: how it is asked for, who answers it, and what its description says.
struct ControlRoute {
  std::string_view method;
  /// As in http::match_path.
  std::string_view pattern;
  http::Response (*answer)(const ControlCall&);
  /// What it does, in a line.
  std::string_view summary;
  /// The status of its success, and the name of the schema of what it then gives
  /// (find_control_schema).
  int status;
  std::string_view gives;
  /// The name of the schema of the body it takes; empty if it takes none.
  std::string_view takes = {};
  /// Whether what there is may be against it (409).
  bool may_conflict = false;
  std::span<const QueryField> query = {};

  /// Whether it is about the whole server: then no sandbox is made for it.
  bool is_of_server() const;
};

/// Every call there is.
std::span<const ControlRoute> control_routes();

/// The call of this method and path, or null. HEAD asks as GET does.
struct ControlMatch {
  const ControlRoute* route = nullptr;
  http::PathParams params = {};
};
ControlMatch find_control_route(std::string_view method, std::string_view path);

/// Whether a path belongs to the control API, `/__admin/...`.
bool is_control_path(std::string_view path);

/// What is wrong with the query of a call: fields that it does not take, or takes once only.
std::vector<std::string> judge_query(const ControlRoute& route, std::string_view query);

/// The answer to a control path that is none, or is not for this method: which ones there are.
http::Response refuse_unknown_control(std::string_view method, std::string_view path,
                                      Sandbox& plain);

/// Takes for secrets what looks like one, and what is the secret of one of these keys and has 6
/// characters or more: a shorter one would take words out of every sentence. A store that fails
/// knows none: most refusals are about that very failure then, and must be readable. The keys must
/// stand as long as it does, with their lock held when it is asked.
base::IsSecret secrets_of(const store::KeyStore& keys);

/// The emulator's own refusal, never a contract's: `{"error":...,"details":[...]}`; the error and
/// the first detail are in X-Mock-Reason too. Secrets in them are shortened: what looks like one,
/// and those of `sandbox`, whose lock the caller must not hold.
http::Response refuse_control(int status, const std::string& error,
                              const std::vector<std::string>& details, Sandbox* sandbox = nullptr);

/// The refusal of a control call.
inline http::Response refuse(const ControlCall& call, int status, const std::string& error,
                             const std::vector<std::string>& details) {
  return refuse_control(status, error, details, &call.sandbox);
}

/// The refusal of a query that has problems.
inline http::Response refuse_query(const ControlCall& call,
                                   const std::vector<std::string>& problems) {
  return refuse(call, 400, "the query is not as it should be", problems);
}

/// The refusal of a body that has problems.
inline http::Response refuse_body(const ControlCall& call, const json::Document& body) {
  return refuse(call, 400, "the body is not as it should be; nothing was changed",
                body.problem_lines());
}

/// The refusal of a sandbox where there are as many as there may be.
http::Response refuse_one_more_sandbox(size_t most);

/// The URL that the caller has this server at: `http://127.0.0.1:12112`, or as its Host has it.
std::string url_of(const http::Request& request);

// Who answers; each is named in the table of routes.
http::Response tell_health(const ControlCall& call);
http::Response reset_sandbox(const ControlCall& call);
http::Response export_state(const ControlCall& call);
http::Response import_state(const ControlCall& call);
http::Response list_requests(const ControlCall& call);
http::Response forget_requests(const ControlCall& call);
http::Response verify_requests(const ControlCall& call);
http::Response list_scenarios(const ControlCall& call);
http::Response put_scenario(const ControlCall& call);
http::Response remove_scenario(const ControlCall& call);
http::Response remove_scenarios(const ControlCall& call);
http::Response tell_clock(const ControlCall& call);
http::Response set_clock(const ControlCall& call);
http::Response advance_clock(const ControlCall& call);
http::Response authorize(const ControlCall& call);
http::Response list_sandboxes(const ControlCall& call);
http::Response make_sandbox(const ControlCall& call);
http::Response drop_sandbox(const ControlCall& call);
http::Response tell_openapi(const ControlCall& call);

}  // namespace engine
