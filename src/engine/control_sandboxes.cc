#include <array>

#include "contract/render.h"
#include "engine/control.h"
#include "json/object_reader.h"
#include "json/writer.h"

/// The control calls about the sandboxes with a name.
namespace engine {
namespace {

/// Where clients find a sandbox: `http://127.0.0.1:12112/sandbox/worker-1`.
std::string sandbox_url(const ControlCall& call, const std::string& name) {
  return url_of(call.request) + "/sandbox/" + name;
}

void write_place(json::Writer& body, const ControlCall& call, const std::string& name) {
  std::string url = sandbox_url(call, name);
  body.member("name", name).member("url", url).member("admin", url + "/__admin");
}

}  // namespace

http::Response refuse_one_more_sandbox(size_t most) {
  return refuse_control(
      429,
      "no more than " + std::to_string(most) + " sandboxes may have a name, and there are as many",
      {"drop one with DELETE /__admin/sandboxes/NAME, or start with a greater "
       "--max-sandboxes"});
}

http::Response list_sandboxes(const ControlCall& call) {
  json::Writer body;
  body.open_object().name("sandboxes").open_array();
  for (const auto& sandbox : call.sandboxes.list()) {
    body.open_object();
    write_place(body, call, sandbox->name);
    base::MutexLock lock(sandbox->mutex);
    body.member("requests", sandbox->journal.recorded()).close_object();
  }
  body.close_array().member("limit", static_cast<int64_t>(call.sandboxes.most())).close_object();
  return contract::json_response(200, body.take());
}

http::Response make_sandbox(const ControlCall& call) {
  static constexpr std::array<std::string_view, 1> kFields = {"name"};
  std::optional<std::string> name;
  if (!call.request.body.empty()) {
    json::Document body("body", call.request.body);
    if (!body.has_problems()) {
      json::ObjectReader reader(body, body.root(), "", kFields);
      name = reader.text("name");
      if (name && !is_name(*name)) {
        reader.problem("name",
                       "\"" + *name + "\" cannot name a sandbox; " + std::string(kNameForm));
      }
    }
    if (body.has_problems()) return refuse_body(call, body);
  }
  auto made = name ? call.sandboxes.make(*name) : call.sandboxes.make_unnamed();
  if (!made && name && call.sandboxes.find(*name)) {
    return refuse(call, 409, "there is a sandbox \"" + *name + "\" already",
                  {"use it as it is, drop it with DELETE /__admin/sandboxes/" + *name +
                   ", or leave the name out"});
  }
  if (!made) return refuse_one_more_sandbox(call.sandboxes.most());
  json::Writer body;
  body.open_object();
  write_place(body, call, made->name);
  body.member("key", call.sandboxes.beginning().key).close_object();
  return contract::json_response(201, body.take());
}

http::Response drop_sandbox(const ControlCall& call) {
  const std::string& name = *http::find_param(call.params, "name");
  if (!call.sandboxes.drop(name)) {
    return refuse(call, 404, "there is no sandbox \"" + name + "\"",
                  {"GET /__admin/sandboxes lists them"});
  }
  json::Writer body;
  body.open_object().member("dropped", name).close_object();
  return contract::json_response(200, body.take());
}

}  // namespace engine
