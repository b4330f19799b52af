#include <array>

#include "control/control.h"
#include "json/object_reader.h"

/// The control calls about named sandboxes.
namespace control {
namespace {

/// Writes the name of a sandbox, and the URLs where clients find it and its control API.
void write_sandbox(json::Writer& body, const Call& call, const std::string& name) {
  std::string url = url_of(call.request) + "/sandbox/" + name;
  body.member("name", name).member("url", url).member("admin", url + "/__admin");
}

}  // namespace

http::Response list_sandboxes(const Call& call) {
  json::Writer body;
  body.open_object().name("sandboxes").open_array();
  for (const auto& sandbox : call.sandboxes.list()) {
    body.open_object();
    write_sandbox(body, call, sandbox->name);
    base::MutexLock lock(sandbox->mutex);
    body.member("requests", sandbox->journal.recorded()).close_object();
  }
  body.close_array().member("limit", call.sandboxes.max()).close_object();
  return respond(body);
}

http::Response create_sandbox(const Call& call) {
  static constexpr std::array<std::string_view, 1> kFields = {"name"};
  std::optional<std::string> name;
  if (!call.request.body.empty()) {
    json::Document body("body", call.request.body);
    if (!body.has_problems()) {
      json::ObjectReader reader(body, body.root(), "", kFields);
      name = reader.string("name");
      if (name && !engine::is_name(*name)) {
        reader.add_problem("name", json::quote(*name) + " is not a valid sandbox name; " +
                                       std::string(engine::kNameForm));
      }
    }
    if (body.has_problems()) return reject_body(call, body);
  }
  auto created = name ? call.sandboxes.create(*name) : call.sandboxes.create_with_generated_name();
  if (!created && name && call.sandboxes.find(*name)) {
    return reject(call, 409, "sandbox \"" + *name + "\" exists already",
                  {"use it, delete it with DELETE /__admin/sandboxes/" + *name +
                   ", or leave out the name to get a generated one"});
  }
  if (!created) return engine::too_many_sandboxes(call.sandboxes.max(), call.exchange);
  json::Writer body;
  body.open_object();
  write_sandbox(body, call, created->name);
  body.member("key", call.sandboxes.config().key).close_object();
  return respond(body, 201);
}

http::Response delete_sandbox(const Call& call) {
  const std::string& name = *http::find_param(call.params, "name");
  if (!call.sandboxes.remove(name)) {
    return reject(call, 404, "no sandbox has the name \"" + name + "\"",
                  {"GET /__admin/sandboxes lists them"});
  }
  return respond(json::Writer().open_object().member("deleted", name).close_object());
}

}  // namespace control
