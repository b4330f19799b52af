#include <algorithm>

#include "base/secret_text.h"
#include "contract/deployed_2026_02_steps.h"
#include "contract/deployed_2026_02_words.h"
#include "contract/explain.h"
#include "contract/steps.h"
#include "javascript/number.h"
#include "javascript/value.h"
#include "postgres/values.h"

namespace contract::deployed_2026_02 {
namespace {

using capgo::ErrorName;

/// The id in the path, or else in the body, where it may be of any kind. (section 14)
std::optional<std::string> id_of(const Call& call) {
  if (const std::string* id = http::find_param(call.params, "id")) return *id;
  const json::Value* id = field_of(call, "id");
  if (id == nullptr) return std::nullopt;
  return javascript::to_text(*id);
}

/// The row of this number, if it is the user's. Why there is none, in words, if there is none.
std::optional<capgo::ApiKey> find_row(const Call& call, int64_t id, std::string& why) {
  auto key = call.keys.find_by_id(id);
  if (key && key->user_id == call.user_id) return key;
  why = key ? "belongs to user " + quoted(call, key->user_id, Uuids::ids) + ", and the caller is " +
                  quoted(call, call.user_id, Uuids::ids)
            : "is not there";
  why = "key " + without_secrets(call, std::to_string(id)) + " " + why;
  return std::nullopt;
}

std::optional<Refusal> require_strings(const Call& call, std::string_view name, ErrorName error) {
  const json::Value* list = field_of(call, name);
  if (list == nullptr) return std::nullopt;
  bool is_fine = list->is_array() && std::all_of(list->begin(), list->end(),
                                                 [](const auto& item) { return item.is_string(); });
  if (is_fine) return std::nullopt;
  return Refusal{error, std::string(name) + " is " + shown(call, *list, Uuids::ids) +
                            ", not an array of strings"};
}

bool is_to_regenerate(const Call& call) {
  const json::Value* regenerate = field_of(call, "regenerate");
  return regenerate != nullptr && *regenerate == true;
}

/// Whether the request gives a field that is a column of the row.
bool gives_columns(const Call& call) {
  constexpr std::string_view kColumns[] = {"name", "mode", "limited_to_apps", "limited_to_orgs",
                                           "expires_at"};
  return std::any_of(std::begin(kColumns), std::end(kColumns),
                     [&](std::string_view name) { return field_of(call, name) != nullptr; });
}

/// Puts what the request gives, as the database keeps it, into the row.
void change(const Call& call, const capgo::ApiKey& given, capgo::ApiKey& row) {
  if (field_of(call, "name") != nullptr) {
    row.name = given.name.empty() ? "Apikey " + std::to_string(row.id) : given.name;
  }
  if (const json::Value* mode = field_of(call, "mode")) {
    row.mode = *mode_of(*mode);
  }
  if (field_of(call, "limited_to_apps") != nullptr) row.limited_to_apps = given.limited_to_apps;
  if (field_of(call, "limited_to_orgs") != nullptr) row.limited_to_orgs = given.limited_to_orgs;
  if (field_of(call, "expires_at") != nullptr) row.expires_at = given.expires_at;
  row.updated_at = call.now;
}

}  // namespace

std::optional<Refusal> find_own_key(Call& call) {
  const std::string& text = *http::find_param(call.params, "id");
  auto id = postgres::read_bigint(text);
  if (auto user_error = judge_user(call)) id = *user_error;
  if (const auto* error = std::get_if<postgres::Error>(&id)) {
    Refusal refusal = refuse_by_database(call, ErrorName::key_not_found, *error);
    if (base::has_uuid_form(text)) {
      refusal.reason =
          quoted_id(call, text) + " finds no key; only a number does, the secret of a key does not";
    }
    return refusal;
  }
  std::string why;
  auto key = find_row(call, std::get<int64_t>(id), why);
  if (!key) return Refusal{ErrorName::key_not_found, why};
  call.key = *std::move(key);
  return std::nullopt;
}

std::optional<Refusal> require_id(Call& call) {
  auto id = id_of(call);
  if (id && !id->empty()) return std::nullopt;
  return Refusal{&kIdRequired, "there is no id in the path, and none in the body, or an empty one"};
}

std::optional<Refusal> require_id_form_of_update(Call& call) {
  std::string id = *id_of(call);
  if (is_digits(id) || base::has_uuid_form(id)) return std::nullopt;
  return Refusal{ErrorName::invalid_id,
                 quoted_id(call, id) + " is neither a number nor the secret of a plain key"};
}

std::optional<Refusal> require_name_string(Call& call) {
  const json::Value* name = field_of(call, "name");
  if (name == nullptr || name->is_string()) return std::nullopt;
  return Refusal{ErrorName::name_required, "name is " + shown(call, *name) + ", not a string"};
}

std::optional<Refusal> require_known_mode(Call& call) {
  const json::Value* mode = field_of(call, "mode");
  if (mode == nullptr) return std::nullopt;
  if (mode_of(*mode)) return std::nullopt;
  return Refusal{ErrorName::invalid_mode, explain_unknown_mode(call, *mode)};
}

std::optional<Refusal> require_limited_to_apps_strings(Call& call) {
  return require_strings(call, "limited_to_apps", ErrorName::invalid_limited_to_apps);
}

std::optional<Refusal> require_limited_to_orgs_strings(Call& call) {
  return require_strings(call, "limited_to_orgs", ErrorName::invalid_limited_to_orgs);
}

std::optional<Refusal> require_regenerate_boolean(Call& call) {
  const json::Value* regenerate = field_of(call, "regenerate");
  if (regenerate == nullptr || regenerate->is_boolean()) return std::nullopt;
  return Refusal{&kRegenerateMustBeBoolean,
                 "regenerate is " + shown(call, *regenerate) + ", not true or false"};
}

std::optional<Refusal> require_change(Call& call) {
  if (gives_columns(call) || is_to_regenerate(call)) return std::nullopt;
  return Refusal{&kNothingToUpdate, "the body has no field that changes the key"};
}

std::optional<Refusal> find_key_to_update(Call& call) {
  if (auto error = judge_user(call))
    return refuse_by_database(call, &kLookupFailed, *std::move(error));
  std::string text = *id_of(call);
  std::string why;
  std::optional<capgo::ApiKey> key;
  if (is_digits(text)) {
    // The handler makes a JavaScript number of it, which goes on to the database as text again.
    auto id = postgres::read_bigint(javascript::number_text(javascript::to_number(text)));
    if (const auto* error = std::get_if<postgres::Error>(&id)) {
      return refuse_by_database(call, &kLookupFailed, *error);
    }
    key = find_row(call, std::get<int64_t>(id), why);
  } else {
    key = call.keys.find_by_secret(text);
    bool is_own_plain_key = key && key->key == text && key->user_id == call.user_id;
    if (!is_own_plain_key) {
      key.reset();
      why = "no plain key of this user has the secret " + quoted_id(call, text);
    }
  }
  if (!key) return Refusal{ErrorName::key_not_found, why};
  call.key = *std::move(key);
  return std::nullopt;
}

std::optional<Refusal> judge_changed_policies(Call& call) {
  const json::Value* orgs = field_of(call, "limited_to_orgs");
  bool gives_orgs = orgs != nullptr && !orgs->empty();
  bool gives_date = field_of(call, "expires_at") != nullptr;
  if (!gives_orgs && !gives_date) return std::nullopt;
  auto ids = gives_orgs ? orgs->get<std::vector<std::string>>()
                        : call.key.limited_to_orgs.value_or(std::vector<std::string>{});
  return judge_by_orgs(call, ids, gives_date ? call.expiration : call.key.expires_at);
}

std::optional<Refusal> save_changes(Call& call) {
  if (!gives_columns(call)) return std::nullopt;
  capgo::ApiKey given;
  if (const json::Value* name = field_of(call, "name")) given.name = name->get<std::string>();
  for (auto [name, limits] : {std::pair{"limited_to_apps", &given.limited_to_apps},
                              std::pair{"limited_to_orgs", &given.limited_to_orgs}}) {
    if (const json::Value* list = field_of(call, name)) {
      *limits = list->get<std::vector<std::string>>();
    }
  }
  if (auto error = store_values(call, given)) {
    return refuse_by_database(call, &kFailedToUpdate, *std::move(error));
  }
  change(call, given, call.key);
  call.keys.update(call.key);
  return std::nullopt;
}

std::optional<Refusal> regenerate(Call& call) {
  if (!is_to_regenerate(call)) return std::nullopt;
  give_secret(call, call.key.key_hash.has_value());
  call.key.updated_at = call.now;
  try {
    call.keys.update(capgo::as_kept(call.key));
  } catch (const store::StoreError& failure) {
    return refuse_unwritten(kFailedToRegenerate, failure);
  }
  return std::nullopt;
}

}  // namespace contract::deployed_2026_02
