#include <cmath>

#include "base/base64.h"
#include "base/secret_text.h"
#include "base/time_text.h"
#include "contract/deployed_2026_02_steps.h"
#include "contract/deployed_2026_02_words.h"
#include "contract/explain.h"
#include "contract/steps.h"
#include "javascript/number.h"
#include "javascript/value.h"
#include "json/body.h"
#include "postgres/values.h"

namespace contract::deployed_2026_02 {
namespace {

using capgo::ErrorName;

// Section 5.
constexpr int64_t kFailuresOfAddress = 20;
constexpr std::chrono::minutes kFailureWindow{15};
constexpr std::chrono::seconds kRequestWindow{60};

/// The client's address, as the platform tells it; nothing if it does not. (section 5)
std::optional<std::string> address_of(const http::Headers& headers) {
  if (const std::string* address = headers.find("cf-connecting-ip")) return *address;
  if (const std::string* list = headers.find("x-forwarded-for")) {
    std::string first = list->substr(0, list->find(','));
    size_t begin = first.find_first_not_of(' ');
    if (begin != std::string::npos) {
      return first.substr(begin, first.find_last_not_of(' ') + 1 - begin);
    }
  }
  if (const std::string* address = headers.find("x-real-ip")) return *address;
  return std::nullopt;
}

std::string window_of_address(const std::string& address) { return "address " + address; }

/// A login that failed counts against the address it came from.
Refusal failed_login(Call& call, const Wording& wording, std::string reason) {
  auto address = call.rate_limit ? address_of(call.request.headers) : std::nullopt;
  if (address) {
    call.windows.count_from_latest(window_of_address(*address), call.now, kFailureWindow);
  }
  return {&wording, std::move(reason)};
}

void forget_failures(Call& call) {
  auto address = call.rate_limit ? address_of(call.request.headers) : std::nullopt;
  if (address) call.windows.forget(window_of_address(*address));
}

/// What makes a JWT unusable, or its subject.
struct Token {
  std::string problem;
  std::string subject;
};

/// Reads a JWT as the handlers do: they leave the signature to the database.
Token read_token(std::string_view text, base::Time now) {
  if (text.starts_with("Bearer ")) text.remove_prefix(7);
  size_t first = text.find('.');
  size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return {"has not the three parts of a JWT", ""};
  }
  auto bytes = base::decode_base64url(text.substr(first + 1, second - first - 1));
  auto claims = bytes ? json::parse_body(*bytes) : std::nullopt;
  if (!claims || !claims->is_object()) return {"is a JWT whose middle part is no JSON object", ""};
  auto expiry = claims->find("exp");
  if (expiry != claims->end() && !expiry->is_null()) {
    double now_in_seconds =
        static_cast<double>(in_milliseconds(now).time_since_epoch().count()) / 1e6;
    // A text is a number for the comparison, or else not past.
    if (javascript::to_number(javascript::to_text(*expiry)) < now_in_seconds) {
      return {"is a JWT whose exp is past", ""};
    }
  }
  auto subject = claims->find("sub");
  if (subject == claims->end() || !subject->is_string() || *subject == "") {
    return {"is a JWT without a sub", ""};
  }
  // As the database writes it, if it is a UUID.
  auto user = postgres::read_uuid(subject->get_ref<const std::string&>());
  const auto* uuid = std::get_if<std::string>(&user);
  return {"", uuid != nullptr ? *uuid : subject->get<std::string>()};
}

std::optional<Refusal> authenticate_token(Call& call, const Credential& sent) {
  Token token = read_token(sent.secret, call.now);
  if (token.problem.empty()) {
    forget_failures(call);
    call.user_id = std::move(token.subject);
    return std::nullopt;
  }
  size_t blank = std::min(sent.secret.find(' '), sent.secret.size());
  std::string hint =
      base::has_uuid_form(sent.secret.substr(std::min(blank + 1, sent.secret.size())))
          ? "; send the key alone, with no scheme word before it"
          : "; only a UUID is taken for a key in authorization, any other key goes "
            "into x-api-key, and authorization must be left out then";
  return failed_login(call, kInvalidJwt,
                      "authorization is " + in_quotes(base::shorten_secret(sent.secret)) +
                          ", no UUID, so it is taken for a JWT, and it " + token.problem + hint);
}

std::optional<Refusal> authenticate_key(Call& call, const Credential& sent) {
  call.caller = call.keys.find_by_secret(sent.secret);
  if (!call.caller)
    return failed_login(
        call, kInvalidApikey,
        explain_unknown_secret(sent, ", has been deleted, or was replaced by a regenerated one"));
  std::string which = "key " + std::to_string(call.caller->id);
  if (call.caller->mode != capgo::KeyMode::all) {
    return failed_login(call, kInvalidApikey,
                        which + " has mode " + in_quotes(capgo::mode_name(call.caller->mode)) +
                            ", and this needs \"all\"");
  }
  if (is_expired(*call.caller, call.now)) {
    return failed_login(call, kInvalidApikey,
                        which + " expired at " +
                            base::format_time_exactly(*call.caller->expires_at) + ", and it is " +
                            base::format_time_exactly(call.now));
  }
  forget_failures(call);
  call.user_id = call.caller->user_id;
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> refuse_locked_out_address(Call& call) {
  auto address = call.rate_limit ? address_of(call.request.headers) : std::nullopt;
  if (!address) return std::nullopt;
  auto window = call.windows.look(window_of_address(*address), call.now);
  if (window.count < kFailuresOfAddress) return std::nullopt;
  Refusal refusal{ErrorName::rate_limited, "from " + without_secrets(call, *address) + " " +
                                               std::to_string(window.count) +
                                               " logins failed in a row, the last less than 15 "
                                               "minutes ago"};
  refusal.retry_at = window.ends;
  return refusal;
}

std::optional<Refusal> authenticate(Call& call) {
  auto sent = find_credential(call.request.headers);
  if (!sent || sent->secret.empty()) {
    return failed_login(call, kNoCredential,
                        sent ? std::string(sent->header) + " is empty"
                             : "no key was sent; put it in the header authorization or x-api-key");
  }
  bool is_token = sent->header == "authorization" && !base::has_uuid_form(sent->secret);
  return is_token ? authenticate_token(call, *sent) : authenticate_key(call, *sent);
}

std::optional<Refusal> limit_rate(Call& call) {
  if (!call.rate_limit || !call.caller) return std::nullopt;
  std::string which = "key " + std::to_string(call.caller->id);
  auto window = call.windows.count_from_latest(which, call.now, kRequestWindow);
  if (window.count < *call.rate_limit) return std::nullopt;
  Refusal refusal{ErrorName::rate_limited,
                  which + " has made " + std::to_string(window.count) +
                      " requests with less than a minute between them, and the one that makes " +
                      std::to_string(*call.rate_limit) + " is refused"};
  refusal.retry_at = window.ends;
  return refusal;
}

std::optional<Refusal> read_subkey(Call& call) {
  const std::string* text = call.request.headers.find("x-limited-key-id");
  if (text == nullptr || !call.caller) return std::nullopt;
  double number = javascript::to_number(*text);
  if (number == 0 || std::isnan(number)) return std::nullopt;
  // Beyond this a double is no int64_t.
  constexpr double kEnd = 9223372036854775808.0;
  bool is_id = number > 0 && number < kEnd && number == std::floor(number);
  auto subkey = is_id ? call.keys.find_by_id(static_cast<int64_t>(number)) : std::nullopt;
  std::string which = "x-limited-key-id is " + quoted(call, *text) + ": ";
  if (!subkey) return Refusal{&kInvalidSubkey, which + "there is no such key"};
  if (subkey->user_id != call.user_id) {
    return Refusal{&kInvalidSubkey, which + "that key is another user's"};
  }
  if (is_expired(*subkey, call.now))
    return Refusal{&kInvalidSubkey, which + "that key has expired"};
  if (subkey->mode != capgo::KeyMode::all) {
    return Refusal{&kInvalidSubkey, which + "that key's mode is not \"all\""};
  }
  bool has_null = !subkey->limited_to_apps || !subkey->limited_to_orgs;
  if (!subkey->is_limited() && !has_null) {
    return Refusal{&kUnlimitedSubkey, which + "that key is limited to nothing"};
  }
  call.subkey = std::move(*subkey);
  return std::nullopt;
}

std::optional<Refusal> require_caller_without_orgs(Call& call) {
  if (!call.caller || !call.caller->is_limited_to_orgs()) return std::nullopt;
  return Refusal{ErrorName::permission_denied,
                 "key " + std::to_string(call.caller->id) + " is limited to the org " +
                     quoted(call, call.caller->limited_to_orgs->front(), Uuids::ids) +
                     ", and a key limited to orgs manages no keys"};
}

base::Time in_milliseconds(base::Time moment) {
  return std::chrono::floor<std::chrono::milliseconds>(moment);
}

bool is_expired(const capgo::ApiKey& key, base::Time now) {
  return key.expires_at && in_milliseconds(*key.expires_at) < in_milliseconds(now);
}

}  // namespace contract::deployed_2026_02
