#pragma once

#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "contract/deployed_model.h"
#include "contract/deployed_model_world.h"
#include "http/message.h"

namespace deployed_model {

/// A request, and what its sender means by it.
struct Sent {
  http::Request request;
  Ask ask;
};

inline std::string base64url(const std::string& bytes) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t buffer = 0;
  int bits = 0;
  for (const char byte : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 6; bits -= 6) text += digits[buffer >> (bits - 6) & 63];
  }
  if (bits > 0) text += digits[buffer << (6 - bits) & 63];
  return text;
}

inline std::string upper(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(letter));
  return text;
}

/// Makes up requests to the world that a model knows, good ones for the most part.
class Maker {
 public:
  Maker(const Model& model, Chance& chance, std::map<int64_t, std::string> secrets)
      : model_(model), chance_(chance), secrets_(std::move(secrets)) {}

  /// Notes the secret that a key has from now on.
  void note(int64_t id, const std::string& secret) {
    if (secrets_.contains(id)) dead_.push_back(secrets_[id]);
    secrets_[id] = secret;
  }

  Sent make() {
    sent_ = {};
    fields_.clear();
    if (attack_ == 0 && chance_.once_in(250)) attack_ = 40;
    add_origin();
    add_credential();
    choose_route();
    if (attack_ > 0) --attack_;
    return sent_;
  }

 private:
  void header(const std::string& name, const std::string& value) {
    sent_.request.headers.add(chance_.once_in(4) ? upper(name) : name, value);
  }

  // Who asks.

  /// From where, and as which request. While an attack lasts, all come from one place.
  void add_origin() {
    static const std::vector<std::string> kNames = {"x-forwarded-for", "x-real-ip",
                                                    "cf-connecting-ip"};
    if (attack_ > 0 || chance_.below(3) != 0) {
      sent_.ask.ip = attack_ > 0 ? "10.9.9.9" : "10.0.0." + std::to_string(chance_.below(3));
      const size_t kind = chance_.below(kNames.size());
      header(kNames[kind], *sent_.ask.ip + (kind == 0 && chance_.once_in(2) ? ", 10.9.9.8" : ""));
      if (kind == 2) header("x-forwarded-for", "10.7.7.7");
      if (kind != 1) header("x-real-ip", "10.7.7.8");
    }
    static const std::vector<std::string> kRequestIds = {
        "abc_=-9", std::string(255, 'Z'), "", "a b", "caf\xc3\xa9", std::string(256, 'z')};
    if (chance_.once_in(4)) header("X-Request-Id", chance_.one_of(kRequestIds));
    if (chance_.once_in(10)) header("cf-ray", "8f2-FRA");
  }

  bool is_good_caller(int64_t id) const {
    const auto key = model_.keys.find(id);
    return key != model_.keys.end() && key->second.mode == KeyMode::all &&
           !key->second.is_limited_to_orgs() && !model_.is_expired(key->second);
  }

  /// The secret of a key that may do something, for the most part; of any where there is none.
  std::string some_secret() {
    if (chance_.once_in(50)) return chance_.uuid();
    if (chance_.once_in(50) && !dead_.empty()) return chance_.one_of(dead_);
    for (int tries = chance_.once_in(7) ? 0 : 40; tries > 0; --tries) {
      const auto [id, secret] = chance_.one_of(secrets_);
      if (is_good_caller(id)) return secret;
    }
    return chance_.one_of(secrets_).second;
  }

  void authorization(const std::string& value) {
    sent_.ask.authorization = value;
    header("authorization", value);
  }
  void capgkey(const std::string& value) {
    sent_.ask.capgkey = value;
    header("capgkey", value);
  }
  void x_api_key(const std::string& value) {
    sent_.ask.x_api_key = value;
    header("x-api-key", value);
  }

  void add_credential() {
    if (attack_ > 1) {
      if (!chance_.once_in(25)) return add_bad_credential();
      return chance_.once_in(2) ? add_jwt() : x_api_key(some_secret());
    }
    if (chance_.once_in(15)) return add_bad_credential();
    if (chance_.once_in(10)) return add_jwt();
    const std::string secret = some_secret();
    const size_t way = chance_.below(8);
    if (way < 3 && is_uuid(secret)) {
      authorization(secret);
      if (way == 1) x_api_key(chance_.uuid());
      if (way == 2) capgkey("");
    } else if (way < 6) {
      x_api_key(secret);
      if (way == 5) authorization("");
    } else {
      capgkey(secret);
      if (way == 7) x_api_key(chance_.uuid());
    }
    if (chance_.once_in(7)) add_subkey();
  }

  void add_bad_credential() {
    const std::string secret = some_secret();
    switch (chance_.below(8)) {
      case 0:
        break;
      case 1:
        capgkey("");
        return x_api_key(secret);
      case 2:
        authorization("Bearer " + secret);
        return x_api_key(secret);
      case 3:
        authorization(upper(secret));
        return capgkey(secret);
      case 4:
        return authorization("Basic dXNlcjpwYXNz");
      case 5:
        return x_api_key(upper(secret));
      case 6:
        authorization(chance_.uuid());
        return x_api_key(secret);
      default:
        return add_bad_jwt();
    }
  }

  void add_jwt() {
    const auto at = [&](int seconds) {
      return std::to_string(to_milliseconds(model_.now).count() / 1000 + seconds);
    };
    static const std::vector<std::string> kUsers = {kUser, kUser, kOtherUser, kNewUser};
    sent_.ask.jwt_user = chance_.one_of(kUsers);
    std::string claims = R"({"role":"authenticated","sub":")" + *sent_.ask.jwt_user + "\"";
    if (chance_.once_in(2)) claims += ",\"exp\":" + at(10);
    const std::string token = base64url("{}") + "." + base64url(claims + "}") + ".c2ln";
    authorization(chance_.once_in(4) ? token : "Bearer " + token);
    if (chance_.once_in(3)) x_api_key(chance_.uuid());
    if (chance_.once_in(3)) header("x-limited-key-id", "99999");
  }

  void add_bad_jwt() {
    const std::string user = R"({"sub":")" + kUser + "\"";
    const std::string past = std::to_string(to_milliseconds(model_.now).count() / 1000 - 10);
    const std::vector<std::string> middles = {base64url(user + ",\"exp\":" + past + "}"),
                                              base64url("{}"),
                                              base64url(R"({"sub":""})"),
                                              base64url("null"),
                                              base64url(user),
                                              "!!!!",
                                              "",
                                              base64url("\"text\"")};
    const std::string good = base64url(user + "}");
    const std::vector<std::string> tokens = {"e30." + chance_.one_of(middles) + ".c2ln",
                                             "e30." + chance_.one_of(middles) + ".c2ln",
                                             "e30." + good, "e30." + good + ".c2ln.x", good};
    authorization("Bearer " + chance_.one_of(tokens));
  }

  void add_subkey() {
    int64_t id = some_id();
    const auto is_limited = [&] {
      return model_.keys.contains(id) && model_.keys.at(id).is_limited();
    };
    for (int tries = 0; tries < 5 && !is_limited(); ++tries) id = some_id();
    const std::string text = std::to_string(id);
    std::vector<std::pair<std::string, std::optional<double>>> ways(
        16, {text, static_cast<double>(id)});
    ways.insert(ways.end(), {{"00" + text + ".0", static_cast<double>(id)},
                             {text + "e0", static_cast<double>(id)},
                             {"0xb", 11},
                             {"1e1", 10},
                             {"0b101", 5},
                             {"1.5", 1.5},
                             {"-1", -1},
                             {"99999", 99999},
                             {"Infinity", INFINITY},
                             {"0", 0},
                             {"", 0},
                             {"abc", std::nullopt},
                             {text + "x", std::nullopt},
                             {"1_0", std::nullopt}});
    const auto [sent, number] = chance_.one_of(ways);
    sent_.ask.subkey = number;
    header("x-limited-key-id", sent);
  }

  // What is asked.

  void choose_route() {
    const size_t choice = chance_.below(100);
    if (choice < 4) return ask_nowhere();
    std::string path = "/apikey";
    static const std::vector<std::string> kReads = {"GET", "GET", "GET", "HEAD"};
    if (choice < 12) {
      sent_.ask.route = Route::list;
      sent_.request.method = chance_.one_of(kReads);
    } else if (choice < 22) {
      sent_.ask.route = Route::get;
      sent_.request.method = chance_.one_of(kReads);
      path += "/" + some_path_id();
    } else if (choice < 54) {
      sent_.ask.route = Route::create;
      sent_.request.method = "POST";
      make_create();
    } else if (choice < 92) {
      sent_.ask.route = Route::update;
      sent_.request.method = "PUT";
      if (chance_.below(3) != 0) path += "/" + some_path_id();
      make_update();
    } else {
      sent_.ask.route = Route::remove;
      sent_.request.method = "DELETE";
      path += "/" + some_path_id();
    }
    if (chance_.once_in(5)) path += "/";
    if (chance_.once_in(8)) path += "?id=1&limit=2";
    sent_.request.target = path;
  }

  void ask_nowhere() {
    static const std::vector<std::pair<std::string, std::string>> kNowhere = {
        {"PATCH", "/apikey/7"}, {"POST", "/apikey/7"},    {"DELETE", "/apikey"},
        {"DELETE", "/apikey/"}, {"GET", "/apikey//"},     {"GET", "/apikey/7//"},
        {"GET", "/apikey/7/x"}, {"GET", "/APIKEY"},       {"GET", "/apikeys"},
        {"PUT", "/apikey//7"},  {"DELETE", "/apikeys/7"}, {"GET", "/"}};
    static const std::vector<std::string> kPreflights = {"/apikey", "/apikeys", "/apikey/7/x"};
    if (chance_.once_in(4)) {
      sent_.ask.route = Route::preflight;
      sent_.request.method = "OPTIONS";
      sent_.request.target = chance_.one_of(kPreflights);
    } else {
      std::tie(sent_.request.method, sent_.request.target) = chance_.one_of(kNowhere);
    }
  }

  int64_t some_id() {
    if (model_.keys.empty() || chance_.once_in(8)) return static_cast<int64_t>(chance_.below(30));
    // Most keys are the one user's, and so are most callers.
    const int64_t id = chance_.one_of(model_.keys).first;
    const bool is_seldom = model_.keys.at(id).user_id != kUser && !chance_.once_in(3);
    return is_seldom ? chance_.one_of(model_.keys).first : id;
  }

  /// An id as it stands in a path; what it is decoded is noted.
  std::string some_path_id() {
    const std::string id = std::to_string(some_id());
    switch (chance_.below(24)) {
      case 0:
        return take_path_id(chance_.one_of(kBadPathIds));
      case 1:
      case 2:
        return take_path_id(chance_.one_of(kUnknownIds));
      case 3:
        return take_path_id(chance_.one_of(secrets_).second);
      case 4:
        return take_path_id(upper(chance_.one_of(secrets_).second));
      case 5:
        return take_path_id("000" + id);
      case 6:
        return take_path_id("%3" + id);
      default:
        return take_path_id(id);
    }
  }

  std::string take_path_id(const std::string& encoded) {
    std::string decoded;
    for (size_t i = 0; i < encoded.size(); ++i) {
      const bool is_escape = encoded[i] == '%' && i + 2 < encoded.size() &&
                             is_hex(encoded[i + 1]) && is_hex(encoded[i + 2]);
      decoded += is_escape ? static_cast<char>(std::stoi(encoded.substr(i + 1, 2), nullptr, 16))
                           : encoded[i];
      if (is_escape) i += 2;
    }
    sent_.ask.path_id = decoded;
    return encoded;
  }

  // Bodies, in deployed_model_bodies.h.

  void make_create();
  void make_update();
  /// Adds a member; now and then another of its name before it, which does not count.
  void add(const std::string& name, const Sample& value);
  void add_one_of(const std::string& name, const Samples& good, const Samples& bad);
  void add_org_list();
  void add_date();
  Sample some_org_id();
  Sample some_body_id();
  void write_body();

  const Model& model_;
  Chance& chance_;
  std::map<int64_t, std::string> secrets_;
  std::vector<std::string> dead_;
  /// How many more requests without a good key come from one address.
  int attack_ = 0;
  Sent sent_;
  std::vector<std::string> fields_;
};

}  // namespace deployed_model
