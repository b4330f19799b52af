#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "contract/deployed_model_texts.h"

/// What random requests are made of: values that are good, and values that are broken.
namespace deployed_model {

class Chance {
 public:
  explicit Chance(uint64_t seed) : random_(seed) {}

  /// A number from 0 to limit - 1.
  size_t below(size_t limit) { return static_cast<size_t>(random_.next() % limit); }
  /// True once in so many times.
  bool once_in(size_t times) { return below(times) == 0; }
  template <typename Items>
  auto one_of(const Items& items) {
    return *std::next(items.begin(), static_cast<std::ptrdiff_t>(below(items.size())));
  }
  std::string uuid() { return random_.uuid(); }

 private:
  base::Random random_;
};

/// JSON as it is sent, and as it is understood, where that is not the same.
struct Sample {
  std::string sent;
  std::string meant = {};

  const std::string& meaning() const { return meant.empty() ? sent : meant; }
};
using Samples = std::vector<Sample>;

inline const Samples kGoodNames = {
    {R"("CI")"},
    {R"(" ")"},
    {R"("Zo\u00eb \"q\" \\ \/ \n\t\b \u0001\u007f \u2028 \ud83d\ude00")"},
    {"\"bad \xff\xe2\x82 bytes\"", "\"bad \xef\xbf\xbd\xef\xbf\xbd bytes\""},
    {"\"" + std::string(3000, 'x') + "\""}};
/// Names that create takes and update does not.
inline const Samples kOddNames = {{"123"},
                                  {"1e3", "1000"},
                                  {"1.50", "1.5"},
                                  {"-7"},
                                  {"true"},
                                  {"[]"},
                                  {"{}"},
                                  {"[ 1,[ ]]", "[1,[]]"},
                                  {R"({ "b":1, "a":[null,"x"] })", R"({"b":1,"a":[null,"x"]})"},
                                  {R"({"2":1,"b":0,"1":2})", R"({"1":2,"2":1,"b":0})"}};
inline const Samples kBadNames = {{"null"}, {R"("")"}, {"0"}, {"false"}, {"-0.0", "0"}};
inline const Samples kNulTexts = {{R"("a\u0000b")"}, {R"("\u0000")"}};

inline const Samples kGoodModes = {
    {R"("all")"}, {R"("all")"}, {R"("read")"}, {R"("write")"}, {R"("upload")"}};
inline const Samples kBadModes = {{R"("")"},    {"0"},          {"false"},     {R"("")"},
                                  {R"("ALL")"}, {R"(" all")"},  {R"("none")"}, {"5"},
                                  {"true"},     {R"(["all"])"}, {"{}"},        {"null"}};

inline const Samples kGoodApps = {{"[]"},
                                  {R"(["com.demo.app"])"},
                                  {R"(["com.strict.app","com.demo.app","com.demo.app"])"},
                                  {R"(["","no such app"])"}};
inline const Samples kBadLists = {{"null"},  {"5"},   {"{}"},           {"true"},       {"\"\""},
                                  {"\"a\""}, {"[1]"}, {R"(["",null])"}, {R"([["a"]])"}, {"[{}]"}};
inline const Samples kNulApps = {{R"(["a","a\u0000b"])"}};

inline const Samples kBadOrgLists = {
    {R"(["acme"])"}, {R"([""])"}, {R"(["0a000000-0000-4000-8000-00000000000a","x"])"}};
inline const Samples kBadIds = {{R"("acme")"},
                                {R"("com.demo.app")"},
                                {"5"},
                                {"true"},
                                {"{}"},
                                {"[1,2]", "[1,2]"},
                                {R"("0a000000-0000-4000-8000-00000000000")"}};
inline const Samples kFalsy = {{"null"}, {R"("")"}, {"0"}, {"false"}};

inline const Samples kHashed = {{"true"},      {"true"}, {"true"}, {"false"},
                                {R"("true")"}, {"1"},    {"null"}};
inline const Samples kGoodRegenerate = {{"true"}, {"true"}, {"false"}};
inline const Samples kBadRegenerate = {{"null"}, {R"("true")"}, {"1"}, {"[]"}};
/// Texts and what is not truthy are good.
inline const Samples kDevices = {{R"("Device")"}, {"null"}, {"0"},  {"false"}, {R"("")"},
                                 {"5"},           {"true"}, {"{}"}, {"[]"}};

/// Bodies that are no JSON, and JSON that is no object.
inline const std::vector<std::string> kNoJson = {
    "",    " ",    "{",   "{'name':1}",          "nul",     "\xef\xbb\xbf{}",
    "{}x", "[1,]", "NaN", "{\"name\":\"a\nb\"}", "name=CI", "{\"name\":01}"};
inline const std::vector<std::string> kNoObject = {"5", "\"CI\"", "true", "false",
                                                   "0", "\"\"",   "[]",   "[{\"name\":\"x\"}]"};

/// Ids that are in no form an id may have.
inline const std::vector<std::string> kBadPathIds = {"abc",
                                                     "-1",
                                                     "1.5",
                                                     "3,4",
                                                     "%25",
                                                     "%",
                                                     "%zz",
                                                     "%3",
                                                     "3%0A",
                                                     "%203",
                                                     "3%20",
                                                     "+3",
                                                     "0x5",
                                                     "1e1",
                                                     "%D9%A3",
                                                     "ak_not_a_uuid",
                                                     "11111111-1111-4111-8111-11111111111"};
/// Numbers that are no key's, with some that JavaScript or the database cannot hold.
inline const std::vector<std::string> kUnknownIds = {"0",
                                                     "000",
                                                     "99999",
                                                     "9007199254740993",
                                                     "9223372036854775807",
                                                     "9223372036854775808",
                                                     "0009223372036854775808",
                                                     "9223372036854774784",
                                                     "18446744073709551616",
                                                     "999999999999999999999",
                                                     "1000000000000000000000",
                                                     "123456789012345678901234567890",
                                                     std::string(310, '9')};

/// A text for `expires_at`, and what it is to JavaScript and to the database. (section 9)
struct DateSample {
  std::string sent;
  std::optional<base::Time> to_javascript;
  std::variant<base::Time, DatabaseError> to_database;
};

inline DatabaseError no_timestamp(const std::string& text) {
  return {"22007", "invalid input syntax for type timestamp with time zone: \"" + text + "\""};
}

inline DatabaseError out_of_range(const std::string& text) {
  return {"22008", "date/time field value out of range: \"" + text + "\""};
}

inline std::vector<DateSample> good_dates() {
  const base::Time start = midnight(2099, 1, 1);
  std::vector<DateSample> dates;
  for (const char* const text :
       {R"("2099-01-01T00:00:00Z")", R"("2099-01-01")", R"("2099-01-01T00:00")", R"("2099-1-1")",
        R"(" 2099-01-01 ")", R"("Jan 1 2099")", R"(["2099-01-01"])"}) {
    dates.push_back({text, start, start});
  }
  const base::Time ten = start + std::chrono::hours(10);
  dates.push_back({R"("2099-01-01T12:00:00+02:00")", ten, ten});
  dates.push_back({R"("2099-01-01T00:00:00.123456789Z")", start + milliseconds(123),
                   start + microseconds(123457)});
  const base::Time next = start + std::chrono::hours(24);
  dates.push_back({R"("2099-01-01T24:00:00Z")", next, next});
  const base::Time far = midnight(99999, 1, 1);
  dates.push_back({R"("99999-01-01")", far, far});
  const base::Time farthest = midnight(275760, 1, 1);
  dates.push_back({R"("275760-01-01")", farthest, farthest});
  return dates;
}

/// Dates that JavaScript does not take, or that are past.
inline std::vector<DateSample> bad_dates() {
  const base::Time epoch{};
  std::vector<DateSample> dates;
  for (const char* const text : {R"("")", R"("zz")", R"("tomorrow")", R"("infinity")",
                                 R"("4102444800000")", R"("2099-W01-1")", "{}", "[]", "1e400"}) {
    dates.push_back({text, std::nullopt, epoch});
  }
  dates.push_back({R"("2020-01-01")", midnight(2020, 1, 1), midnight(2020, 1, 1)});
  for (const char* const text : {"0", "false", "true"}) dates.push_back({text, epoch, epoch});
  return dates;
}

/// Dates that JavaScript takes and the database does not.
inline std::vector<DateSample> dates_of_javascript() {
  std::vector<DateSample> dates;
  dates.push_back({R"("2099")", midnight(2099, 1, 1), no_timestamp("2099")});
  dates.push_back({R"("2099-06")", midnight(2099, 6, 1), no_timestamp("2099-06")});
  dates.push_back({R"("2099-02-30")", midnight(2099, 3, 2), out_of_range("2099-02-30")});
  // Year 410244480, month 0, day 0, to a database that has no month 0.
  DatabaseError no_month = out_of_range("4102444800000");
  no_month.hint = R"(Perhaps you need a different "datestyle" setting.)";
  dates.push_back({"4102444800000", base::Time(milliseconds(4102444800000)), no_month});
  return dates;
}

}  // namespace deployed_model
