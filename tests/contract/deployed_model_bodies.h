#pragma once

#include <string>

#include "base/time_text.h"
#include "contract/deployed_model_requests.h"

/// The part of the maker of requests that makes their bodies.
namespace deployed_model {

inline void Maker::add(const std::string& name, const Sample& value) {
  if (chance_.once_in(25)) sent_.ask.members.push_back({name, "[null]", "[null]"});
  sent_.ask.members.push_back({name, value.sent, value.meaning()});
}

inline void Maker::add_one_of(const std::string& name, const Samples& good, const Samples& bad) {
  add(name, chance_.one_of(chance_.once_in(10) ? bad : good));
}

inline Sample Maker::some_org_id() {
  static const std::vector<std::string> kIds = {kOpenOrg,  kOpenOrg,  kStrictOrg, kOthersOrg,
                                                kMonthOrg, kMonthOrg, kDatedOrg};
  std::string id = chance_.one_of(kIds);
  const size_t form = chance_.below(20);
  if (form == 0) id = chance_.uuid();
  if (form == 1) id = upper(id);
  if (form == 2) std::erase(id, '-');
  return {"\"" + id + "\""};
}

inline void Maker::add_org_list() {
  if (chance_.once_in(14)) return add("limited_to_orgs", chance_.one_of(kBadLists));
  if (chance_.once_in(14)) return add("limited_to_orgs", chance_.one_of(kBadOrgLists));
  std::string list;
  for (size_t left = chance_.below(3); left > 0; --left) {
    list += (list.empty() ? "" : ",") + some_org_id().sent;
  }
  add("limited_to_orgs", {"[" + list + "]"});
}

/// A date from the page's list, or one around now and the ends of the orgs' policies.
inline void Maker::add_date() {
  static const std::vector<DateSample> kGoodDates = good_dates();
  static const std::vector<DateSample> kBadDates = bad_dates();
  static const std::vector<DateSample> kDatesOfJavascript = dates_of_javascript();
  if (chance_.once_in(12)) return add("expires_at", {"null"});
  DateSample date;
  const size_t kind = chance_.below(24);
  if (kind < 13) {
    static const std::vector<int64_t> kDays = {0, 1, 30, 30, 90, 90, 365};
    static const std::vector<int64_t> kMicroseconds = {-1000, -1,   0,         1,         999,
                                                       1000,  2500, 4'500'000, 45'000'000};
    const base::Time moment = model_.now + std::chrono::hours(24 * chance_.one_of(kDays)) +
                              microseconds(chance_.one_of(kMicroseconds));
    date = {"\"" + plain_time_text(moment) + "Z\"", base::Time(to_milliseconds(moment)), moment};
  } else {
    date = chance_.one_of(kind < 15 ? kBadDates : kind < 19 ? kDatesOfJavascript : kGoodDates);
  }
  add("expires_at", {date.sent});
  sent_.ask.date = {date.to_javascript, date.to_database};
}

inline void Maker::make_create() {
  if (chance_.once_in(30)) {
    // Nothing: the name is missing.
  } else if (chance_.once_in(40)) {
    add("name", chance_.one_of(kNulTexts));
  } else {
    add_one_of("name", chance_.once_in(3) ? kOddNames : kGoodNames, kBadNames);
  }
  if (chance_.below(2) == 0) add_one_of("mode", kGoodModes, kBadModes);
  if (chance_.below(3) == 0) {
    add_one_of("limited_to_apps", chance_.once_in(30) ? kNulApps : kGoodApps, kBadLists);
  }
  if (chance_.below(3) == 0) add_org_list();
  if (chance_.below(6) == 0) {
    add("org_id", chance_.once_in(6)   ? chance_.one_of(kBadIds)
                  : chance_.once_in(6) ? chance_.one_of(kFalsy)
                                       : some_org_id());
  }
  if (chance_.below(6) == 0) {
    const std::string id = chance_.one_of(model_.world().apps).id;
    add("app_id", chance_.once_in(6) ? chance_.one_of(kBadIds)
                  : chance_.once_in(6)
                      ? chance_.one_of(kFalsy)
                      : Sample{"\"" + (chance_.once_in(4) ? upper(id) : id) + "\""});
  }
  if (chance_.below(3) == 0) add("hashed", chance_.one_of(kHashed));
  if (chance_.below(2) == 0) add_date();
  if (chance_.once_in(15)) add("device_id", chance_.one_of(kDevices));
  if (chance_.once_in(8)) add("key", {R"("11111111-1111-4111-8111-111111111111")"});
  if (chance_.once_in(8)) add("user_id", {"\"" + kOtherUser + "\""});
  write_body();
}

inline Sample Maker::some_body_id() {
  const std::string id = std::to_string(some_id());
  static const Samples kOdd = {{"null"},      {"[]"},       {"{}"},
                               {"1.5"},       {"true"},     {R"("abc")"},
                               {"[1,2]"},     {"-1"},       {"1e21"},
                               {R"("1e21")"}, {R"("0x1")"}, {"[[ 1 ]]", "[[1]]"},
                               {"1e1", "10"}, {"0"},        {R"([" 1"])"},
                               {"[null]"},    {"2.0", "2"}, {"1e400", R"("Infinity")"}};
  switch (chance_.below(10)) {
    case 0:
      return chance_.one_of(kOdd);
    case 1:
      return {R"("")"};
    case 2:
      return {"\"" + chance_.one_of(kUnknownIds) + "\""};
    case 3:
      return {"\"" + chance_.one_of(secrets_).second + "\""};
    case 4:
      return {"[" + id + "]"};
    case 5:
      return {"\"0" + id + "\""};
    default:
      return {id};
  }
}

inline void Maker::make_update() {
  if (sent_.ask.path_id ? chance_.once_in(5) : !chance_.once_in(15)) add("id", some_body_id());
  if (chance_.below(3) == 0) {
    if (chance_.once_in(20)) {
      add("name", chance_.one_of(kNulTexts));
    } else {
      add_one_of("name", chance_.once_in(8) ? Samples{{R"("")"}} : kGoodNames,
                 chance_.once_in(2) ? Samples{{"null"}, {"0"}, {"false"}} : kOddNames);
    }
  }
  if (chance_.below(4) == 0) add_one_of("mode", kGoodModes, kBadModes);
  if (chance_.below(4) == 0) {
    add_one_of("limited_to_apps", chance_.once_in(20) ? kNulApps : kGoodApps, kBadLists);
  }
  if (chance_.below(4) == 0) add_org_list();
  if (chance_.below(4) == 0) add_date();
  if (chance_.below(4) == 0) add_one_of("regenerate", kGoodRegenerate, kBadRegenerate);
  if (chance_.once_in(15)) add("device_id", chance_.one_of(kDevices));
  if (chance_.once_in(8)) add("hashed", {"true"});
  if (chance_.once_in(8)) add("key_hash", {R"("ab")"});
  write_body();
}

inline void Maker::write_body() {
  std::string& body = sent_.request.body;
  static const std::vector<std::string> kTypes = {"application/json", "text/plain", "nonsense"};
  if (chance_.below(2) == 0) header("Content-Type", chance_.one_of(kTypes));
  Ask& ask = sent_.ask;
  const size_t kind = chance_.below(60);
  if (kind < 3) {
    ask.members.clear();
    ask.date.reset();
    ask.shape = kind == 0 ? Shape::no_json : kind == 1 ? Shape::null : Shape::no_object;
    body = kind == 0 ? chance_.one_of(kNoJson) : kind == 1 ? " null\n" : chance_.one_of(kNoObject);
    return;
  }
  ask.shape = Shape::object;
  const std::string space = chance_.once_in(3) ? " \r\n\t" : "";
  for (const Member& member : ask.members) {
    // "n\u0061me" is the name "name".
    std::string name = member.name;
    if (const size_t at = name.find('a'); at != std::string::npos && chance_.once_in(10)) {
      name.replace(at, 1, "\\u0061");
    }
    body += (body.empty() ? "{" : ",") + space + "\"" + name + "\"" + space + ":" + member.sent;
  }
  body += std::string(body.empty() ? "{" : "") + space + "}";
}

}  // namespace deployed_model
