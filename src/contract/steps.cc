#include "contract/steps.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/suggest.h"
#include "capgo/permissions.h"
#include "json/body.h"

namespace contract {
namespace {

using capgo::ErrorName;
using capgo::shorten_secret;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// A value of the request as it may stand in a reason. Arrays and objects are not written out: they
/// may be nested deeper than the stack is.
std::string shown(const json::Value& value) {
  constexpr size_t kLongest = 60;
  if (value.is_array()) return value.empty() ? "[]" : "an array";
  if (value.is_object()) return value.empty() ? "{}" : "an object";
  std::string text =
      value.dump(-1, ' ', /*ensure_ascii=*/true, json::Value::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

/// Why a secret that no key has does not work, for the person who sent it.
std::string explain_unknown(const Credential& sent) {
  std::string header(sent.header);
  if (sent.secret.empty()) {
    return header + (header == "capgkey" ? " is empty; leave it out if the key is in x-api-key"
                                         : " is empty; send the raw key in it");
  }
  size_t blank = sent.secret.find(' ');
  if (blank != std::string_view::npos) {
    return header + " begins with " + in_quotes(shorten_secret(sent.secret.substr(0, blank))) +
           "; send the raw key alone, with no scheme word before it";
  }
  if (sent.secret.starts_with("eyJ") &&
      std::count(sent.secret.begin(), sent.secret.end(), '.') == 2) {
    return header + " looks like a JWT, and this contract knows API keys only";
  }
  return "no key has the secret " + in_quotes(shorten_secret(sent.secret)) + " sent in " + header +
         "; it was never made or has been deleted (case counts)";
}

std::optional<Refusal> refuse_if_judged_so(capgo::Decision decision) {
  if (decision.allowed) return std::nullopt;
  return Refusal{ErrorName::permission_denied, std::move(decision.reason)};
}

/// The field of the body; null if it is absent.
const json::Value* field_of(const Call& call, std::string_view name) {
  auto found = call.body.find(name);
  return found == call.body.end() ? nullptr : &*found;
}

std::optional<Refusal> require_array(const Call& call, std::string_view name, ErrorName error) {
  const json::Value* list = field_of(call, name);
  if (list == nullptr || list->is_array()) return std::nullopt;
  return Refusal{error, std::string(name) + " is " + shown(*list) + ", not an array"};
}

std::optional<Refusal> read_strings(const Call& call, std::string_view name, ErrorName error,
                                    std::vector<std::string>& strings) {
  const json::Value* list = field_of(call, name);
  if (list == nullptr) return std::nullopt;
  for (const json::Value& item : *list) {
    if (!item.is_string()) {
      return Refusal{error, std::string(name) + " has the item " + shown(item) + ", not a string"};
    }
    strings.push_back(item.get<std::string>());
  }
  return std::nullopt;
}

bool is_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos && !text.empty();
}

/// Eight, four, four, four and twelve hex digits of either case.
bool has_uuid_form(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(), [](char c, char form) {
    return form == '-' ? c == '-' : std::isxdigit(static_cast<unsigned char>(c)) != 0;
  });
}

}  // namespace

std::optional<Credential> credential_from_any_header(const http::Headers& headers) {
  const std::string* authorization = headers.find("authorization");
  if (authorization != nullptr && !authorization->empty()) {
    return Credential{"authorization", *authorization};
  }
  for (std::string_view name : {"capgkey", "x-api-key"}) {
    if (const std::string* value = headers.find(name)) return Credential{name, *value};
  }
  return std::nullopt;
}

std::optional<Refusal> authenticate(Call& call) {
  auto credential = credential_from_any_header(call.request.headers);
  if (!credential) {
    return Refusal{ErrorName::invalid_api_key,
                   "no key was sent; put it in the header authorization or x-api-key"};
  }
  call.caller = call.keys.find_by_secret(credential->secret);
  if (!call.caller) return Refusal{ErrorName::invalid_api_key, explain_unknown(*credential)};
  return std::nullopt;
}

std::optional<Refusal> require_mode_all(Call& call) {
  return refuse_if_judged_so(capgo::judge_management_mode(*call.caller));
}

std::optional<Refusal> require_unlimited_caller(Call& call) {
  return refuse_if_judged_so(capgo::judge_unlimited(*call.caller));
}

std::optional<Refusal> read_body(Call& call) {
  if (call.request.body.empty()) {
    return Refusal{ErrorName::invalid_json, "the body is empty; send a JSON object"};
  }
  auto body = json::parse_body(call.request.body);
  if (!body) {
    return Refusal{ErrorName::invalid_json,
                   "the body is not JSON: " + call.request.body.substr(0, 60)};
  }
  if (!body->is_object()) {
    return Refusal{ErrorName::invalid_json, "the body is " + shown(*body) + ", not an object"};
  }
  call.body = std::move(*body);
  return std::nullopt;
}

std::optional<Refusal> require_limited_to_apps_array(Call& call) {
  return require_array(call, "limited_to_apps", ErrorName::invalid_limited_to_apps);
}

std::optional<Refusal> require_limited_to_orgs_array(Call& call) {
  return require_array(call, "limited_to_orgs", ErrorName::invalid_limited_to_orgs);
}

std::optional<Refusal> read_limited_to_apps(Call& call) {
  return read_strings(call, "limited_to_apps", ErrorName::invalid_limited_to_apps,
                      call.key.limited_to_apps);
}

std::optional<Refusal> read_limited_to_orgs(Call& call) {
  return read_strings(call, "limited_to_orgs", ErrorName::invalid_limited_to_orgs,
                      call.key.limited_to_orgs);
}

std::optional<Refusal> require_name(Call& call) {
  const json::Value* name = field_of(call, "name");
  if (name == nullptr) return Refusal{ErrorName::name_required, "the body has no name"};
  if (name->is_null() || *name == "") {
    return Refusal{ErrorName::name_required, "name is " + shown(*name)};
  }
  return std::nullopt;
}

std::optional<Refusal> read_name(Call& call) {
  const json::Value* name = field_of(call, "name");
  if (!name->is_string()) {
    return Refusal{ErrorName::name_required, "name is " + shown(*name) + ", not a string",
                   "Name must be a string"};
  }
  call.key.name = name->get<std::string>();
  return std::nullopt;
}

std::optional<Refusal> read_mode(Call& call) {
  const json::Value* value = field_of(call, "mode");
  if (value == nullptr) return Refusal{ErrorName::invalid_mode, "the body has no mode"};
  auto mode =
      value->is_string() ? capgo::parse_mode(value->get_ref<const std::string&>()) : std::nullopt;
  if (!mode) {
    std::string given = value->is_string() ? value->get<std::string>() : "";
    return Refusal{ErrorName::invalid_mode,
                   "mode is " + shown(*value) + base::did_you_mean(given, capgo::kModeNames)};
  }
  call.key.mode = *mode;
  return std::nullopt;
}

std::optional<Refusal> create_key(Call& call) {
  do {
    call.key.key = call.ids.secret();
  } while (call.keys.find_by_secret(*call.key.key));
  call.key.user_id = call.caller->user_id;
  call.key.created_at = call.now;
  call.key.updated_at = call.now;
  call.key.id = call.keys.insert(call.key);
  return std::nullopt;
}

std::optional<Refusal> require_id_form(Call& call) {
  const std::string& id = *http::find_param(call.params, "id");
  if (is_digits(id) || has_uuid_form(id)) return std::nullopt;
  return Refusal{ErrorName::invalid_id, in_quotes(shorten_secret(id)) +
                                            " is no id; give the key's number, not its secret"};
}

std::optional<Refusal> find_own_key(Call& call) {
  const std::string& text = *http::find_param(call.params, "id");
  int64_t id = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  bool is_number = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  auto key = is_number ? call.keys.find_by_id(id) : std::nullopt;
  if (!key)
    return Refusal{ErrorName::key_not_found,
                   "no key has the id " + in_quotes(is_digits(text) ? text : shorten_secret(text))};
  if (key->user_id != call.caller->user_id) {
    return Refusal{ErrorName::key_not_found, "key " + text + " belongs to user " +
                                                 in_quotes(key->user_id) + ", and the caller is " +
                                                 in_quotes(call.caller->user_id)};
  }
  call.key = std::move(*key);
  return std::nullopt;
}

std::optional<Refusal> delete_key(Call& call) {
  call.keys.erase(call.key.id);
  return std::nullopt;
}

}  // namespace contract
