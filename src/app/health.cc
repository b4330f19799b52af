#include "app/health.h"

#include "app/run.h"
#include "app/terminal.h"
#include "json/body.h"
#include "transport/http_client.h"

namespace app {
namespace {

constexpr std::chrono::seconds kTimeout{2};

/// The summary of a healthy server; nothing if the body is not that of GET /__admin/health.
std::optional<std::string> read_health(const std::string& body) {
  auto health = json::parse_body(body);
  if (!health || !health->is_object() || (*health)["status"] != "ok") return std::nullopt;
  const auto& version = (*health)["version"];
  const auto& contract = (*health)["contract"];
  if (!version.is_string() || !contract.is_string()) return std::nullopt;
  return "mock-capgo " + version.get<std::string>() + ", contract " + contract.get<std::string>();
}

}  // namespace

int check_health(const Options& options, std::ostream& out, std::ostream& err) {
  transport::Address server = transport::Address{options.host, options.port}.for_clients();
  std::string url = server.url() + options.health_path;
  auto fail = [&](const std::string& problem) {
    err << "mock-capgo: " << replace_control_characters(url + ": " + problem) << "\n";
    return kFailed;
  };
  auto result = transport::http_get(server, options.health_path, kTimeout);
  if (const auto* problem = std::get_if<std::string>(&result)) {
    return fail(*problem + "; start the server, or name another one with --url");
  }
  const auto& response = std::get<http::Response>(result);
  std::string status = "status " + std::to_string(response.status);
  if (auto reason = response.headers.find("X-Mock-Reason")) {
    return fail(status + ": " + std::string(*reason));
  }
  std::optional<std::string> health;
  if (response.status == 200) health = read_health(response.body);
  if (!health) return fail(status + ", but not from mock-capgo; check host, port and path");
  out << "ok: " << replace_control_characters(*health) << ", at " << server.url() << "\n"
      << std::flush;
  return out ? 0 : kFailed;
}

}  // namespace app
