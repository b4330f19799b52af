#include "control/console.h"

#include <array>
#include <string>
#include <utility>

#include "base/embedded_files.h"

namespace control {
namespace {

constexpr auto kContentTypes = std::to_array<std::pair<std::string_view, std::string_view>>({
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
});

/// The page loads its own files only, runs no inline script, and cannot be framed.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'";

}  // namespace

std::optional<http::Response> console_file(std::string_view method, std::string_view path) {
  constexpr std::string_view kRoot = "/__admin";
  if (method != "GET" && method != "HEAD") return std::nullopt;
  path.remove_prefix(kRoot.size());
  // Embedded files have the name of their folder: console/style.css.
  std::string_view name = path.empty() || path == "/" ? "console/index.html" : path.substr(1);
  if (!name.starts_with("console/")) return std::nullopt;
  std::string_view content = base::embedded_file(name);
  if (content.empty()) return std::nullopt;

  http::Response response;
  for (const auto& [suffix, type] : kContentTypes) {
    if (name.ends_with(suffix)) response.headers.add("Content-Type", type);
  }
  response.headers.add("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.add("X-Frame-Options", "DENY");
  response.headers.add("Referrer-Policy", "no-referrer");
  // A newer version of the program may listen at the same address later.
  response.headers.add("Cache-Control", "no-store");
  response.body = content;
  return response;
}

}  // namespace control
