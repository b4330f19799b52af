#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/control.h"
#include "http/message.h"
#include "json/value.h"

/// The OpenAPI description while it is written, and what its two halves share.
namespace engine::openapi {

using json::Ordered;

/// Something that is told of a status.
struct StatusText {
  int status;
  std::string_view means;
};

struct Draft {
  /// By their templates, `/apikey/{id}/`.
  Ordered paths = Ordered::object();
  /// By their kinds, `schemas`.
  Ordered components = Ordered::object();
};

/// All that may come with one status.
struct Answer {
  std::vector<std::string> meanings = {};
  /// Any of these, by their names; none if there is no body.
  std::set<std::string> schemas = {};
  /// Their names.
  std::vector<std::string> headers = {};
  Ordered examples = Ordered::object();

  /// Adds what may come too. `schema` may be empty; of the headers the names count.
  void add(std::string_view meaning, std::string_view schema, const http::Headers& lines = {});
};

/// Adds the endpoints of the contract in force to the draft.
void describe_contract(const ControlCall& call, Draft& draft);

/// Adds the control API to the draft.
void describe_control(Draft& draft);

/// The URLs of the server and of one of its sandboxes, below the base path.
Ordered servers(const ControlCall& call, std::string_view base_path);

/// A reference to a component: of a kind, `schemas`, and a name.
Ordered refer(std::string_view kind, std::string_view name);

/// A Response Object; the headers it has are among the draft's components from now on.
Ordered response_of(const Answer& answer, Draft& draft);

/// A Request Body Object with this schema.
Ordered request_body(std::string_view schema, bool is_required);

/// The names of a pattern's parameters: `id` of `/apikey/:id/`.
std::vector<std::string> names_in(std::string_view pattern);

/// Where an operation belongs in the draft, which may have nothing there yet.
Ordered& operation_at(std::string_view method, std::string_view pattern, Draft& draft);

/// A new Operation Object; its id is made of method and pattern: `delete_apikey_id`.
Ordered make_operation(std::string_view method, std::string_view pattern, std::string_view tag,
                       std::string_view summary);

}  // namespace engine::openapi
