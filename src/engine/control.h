#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/sandbox.h"
#include "http/message.h"

namespace engine {

/// Whether a path belongs to the control API, `/__admin/...`.
bool is_control_path(std::string_view path);

/// Answers a control call. Takes the sandbox's lock where it needs it.
http::Response control(const http::Request& request, std::string_view path, Sandbox& sandbox,
                       std::string_view version);

/// The emulator's own refusal, never a contract's: `{"error":...,"details":[...]}`.
http::Response refuse_control(int status, std::string_view error,
                              const std::vector<std::string>& details);

}  // namespace engine
