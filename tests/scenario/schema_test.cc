#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <vector>

#include "json/body.h"
#include "scenario/loading.h"
#include "schema.h"

namespace {

using json::Ordered;
using json::Value;
using scenario_tests::problems_of;

using schema_tests::in_quotes;
using schema_tests::listed_in;
using schema_tests::Names;
using schema_tests::names_of;

/// A kind of object in a scenario: its schemas, and the text of the scenario around it.
struct Kind {
  std::string name;
  std::vector<Value> schemas;
  /// The required fields of such an object.
  Ordered required;
  std::string before;
  std::string after;

  std::string file_with(const Ordered& object) const { return before + json::dump(object) + after; }

  /// The properties of all schemas.
  Value properties() const {
    Value all = Value::object();
    for (const Value& one : schemas) all.update(one["properties"]);
    return all;
  }
};

std::vector<Kind> kinds() {
  const Value root = schema_tests::load_schema("scenarios/scenario.schema.json");
  const Value& parts = root["$defs"];
  const Value& delays = parts["delay"]["oneOf"];
  const std::string rule = R"({"rules": [{"on": "* /a/:id", )";
  const std::string with_error = rule + R"("error": "server_error", )";
  return {
      {"file", {root}, {{"rules", Ordered::array()}}, "", ""},
      {"rule",
       {parts["rule"]},
       {{"on", "* /a/:id"}, {"delay", {{"milliseconds", 0}}}},
       "{\"rules\": [",
       "]}"},
      {"match", {parts["match"]}, Ordered::object(), with_error + "\"match\": ", "}]}"},
      {"respond", {parts["respond"]}, Ordered::object(), rule + "\"respond\": ", "}]}"},
      {"requires",
       {parts["requires"]},
       Ordered::object(),
       rule + R"("respond": {}, "requires": )",
       "}]}"},
      {"denied",
       {parts["denied"]},
       Ordered::object(),
       rule + R"("respond": {}, "requires": {}, "denied": )",
       "}]}"},
      {"delay",
       {delays[0], delays[1], delays[2]},
       {{"milliseconds", 0}},
       rule + "\"delay\": ",
       "}]}"},
      {"dribble",
       {parts["rule"]["properties"]["dribble"]},
       {{"chunks", 1}, {"milliseconds", 0}},
       rule + "\"dribble\": ",
       "}]}"},
  };
}

std::string problems_with(const Kind& kind, const std::string& field, const Ordered& value) {
  Ordered object = kind.required;
  object[field] = value;
  return problems_of(kind.file_with(object));
}

bool accepts(const Kind& kind, const std::string& field, const Ordered& value) {
  return problems_with(kind, field, value).empty();
}

/// The fields that the loader lists in its problem with an unknown field.
Names listed_by_loader(const Kind& kind) {
  return listed_in(problems_with(kind, "nothing like this", 1));
}

Kind kind_of(const std::string& name) {
  auto all = kinds();
  return *std::find_if(all.begin(), all.end(), [&](const Kind& kind) { return kind.name == name; });
}

/// An object with the required fields of this schema of a delay.
Ordered required_of(const Value& delay) {
  Ordered required;
  for (const auto& name : delay["required"]) {
    const Value& property = delay["properties"][name.get<std::string>()];
    required[name.get<std::string>()] = property.contains("const") ? property["const"] : Value(1);
  }
  return required;
}

}  // namespace

TEST_CASE("the loader knows exactly the properties of the scenario schema") {
  for (const Kind& kind : kinds()) {
    CAPTURE(kind.name);
    CHECK(problems_of(kind.file_with(kind.required)).empty());
    CHECK(in_quotes(names_of(kind.properties())) == in_quotes(listed_by_loader(kind)));
    for (const Value& one : kind.schemas) CHECK(one["additionalProperties"] == false);
  }
}

TEST_CASE("the loader requires what the scenario schema requires") {
  for (const std::string name : {"file", "rule", "dribble"}) {
    Kind kind = kind_of(name);
    CAPTURE(name);
    for (const auto& required : kind.schemas[0]["required"]) {
      Ordered object = kind.required;
      object.erase(required.get<std::string>());
      CHECK(problems_of(kind.file_with(object)).find(required.dump() + " is missing") !=
            std::string::npos);
    }
  }
}

TEST_CASE("each type of delay requires exactly the properties of its schema") {
  Kind kind = kind_of("delay");
  Names types;
  for (const Value& delay : kind.schemas) {
    Ordered required = required_of(delay);
    CAPTURE(json::dump(required));
    CHECK(problems_of(kind.file_with(required)).empty());
    types.insert(delay["properties"]["type"]["const"].get<std::string>());
    for (const std::string& name : names_of(kind.properties())) {
      if (name == "type") continue;
      Ordered changed = required;
      if (delay["properties"].contains(name)) {
        changed.erase(name);
      } else {
        changed[name] = 1;
      }
      CAPTURE(name);
      CHECK_FALSE(problems_of(kind.file_with(changed)).empty());
    }
  }
  CHECK((types == Names{"fixed", "uniform", "lognormal"}));
}

TEST_CASE("the loader has the limits of the scenario schema") {
  int bounded = 0;
  auto check = [&](const Kind& kind, const Value& properties) {
    for (const auto& member : properties.items()) {
      const std::string& name = member.key();
      const Value& property = member.value();
      if (!property.contains("maximum")) continue;
      CAPTURE(name);
      auto lower = property["minimum"].get<int64_t>();
      auto upper = property["maximum"].get<int64_t>();
      // "upper" must not be below "lower", which is 1.
      CHECK(accepts(kind, name, name == "upper" ? 1 : lower));
      CHECK_FALSE(accepts(kind, name, lower - 1));
      CHECK_FALSE(accepts(kind, name, upper + 1));
      if (name != "lower") CHECK(accepts(kind, name, upper));
      ++bounded;
    }
  };
  for (const std::string name : {"rule", "respond", "denied", "dribble"}) {
    CAPTURE(name);
    check(kind_of(name), kind_of(name).properties());
  }
  const Kind delay = kind_of("delay");
  for (const Value& type : delay.schemas) {
    Kind kind = delay;
    kind.required = required_of(type);
    check(kind, type["properties"]);
  }
  // skip, times, every, probability, status twice, chunks, milliseconds, and five of delays
  CHECK(bounded == 13);
}

TEST_CASE("the loader accepts the names in the scenario schema") {
  Kind rule = kind_of("rule");
  Value properties = rule.properties();
  CHECK(properties["error"]["enum"] == Value(base::kNames<capgo::ErrorName>));
  CHECK(properties["fault"]["enum"].size() == 5);
  for (const auto& fault : properties["fault"]["enum"]) CHECK(accepts(rule, "fault", fault));
  Value modes = Value(base::kNames<capgo::KeyMode>);
  modes.push_back(nullptr);
  CHECK(kind_of("match").properties()["mode"]["enum"] == modes);
  CHECK(kind_of("requires").properties()["mode"]["anyOf"][0]["enum"] == modes);
  Value examples = Value(base::kNames<scenario::Example>);
  examples.push_back(nullptr);
  CHECK(kind_of("respond").properties()["example"]["enum"] == examples);
}

TEST_CASE("the loader accepts what the scenario schema's pattern for on matches") {
  const Kind rule = kind_of("rule");
  const Value schema_of_on = rule.properties()["on"];
  std::regex pattern(schema_of_on["pattern"].get<std::string>());
  for (const std::string on : {"POST /apikey/",
                               "* *",
                               "GET *",
                               "* /",
                               "DELETE /apikey/:id/",
                               "* /apikey*",
                               "M-SEARCH /",
                               "A1!#$%&'*+.^_`|~- /",
                               "post /",
                               "POST",
                               "POST ",
                               "",
                               " /",
                               "GET  /",
                               "GET /a b",
                               "GET /?x",
                               "GET /#x",
                               "GET x",
                               "GET **",
                               "G(T /",
                               "GET /a\tb",
                               "GET /a\n",
                               "GET\t/"}) {
    CAPTURE(on);
    CHECK(accepts(rule, "on", on) == std::regex_search(on, pattern));
  }
  for (const auto& example : schema_of_on["examples"]) CHECK(accepts(rule, "on", example));
}
