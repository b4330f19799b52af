#include "engine/control_schemas.h"

#include <algorithm>
#include <array>

namespace engine {
namespace {

constexpr auto kSchemas = std::to_array<ControlSchema>({
    {"Health", R"({
  "type": "object", "additionalProperties": false, "required": ["status", "version", "contract"],
  "properties": {
    "status": {"const": "ok"},
    "version": {"type": "string"},
    "contract": {"type": "string", "description": "The name of the contract in force"}
  }
})"},
    {"OpenApi", R"({
  "type": "object", "required": ["openapi", "info", "servers", "paths", "components"],
  "description": "This description",
  "properties": {
    "openapi": {"const": "3.1.0"},
    "info": {"type": "object"},
    "servers": {"type": "array", "minItems": 1, "items": {"type": "object"}},
    "paths": {"type": "object"},
    "components": {"type": "object"}
  }
})"},
    {"Reset", R"({
  "type": "object", "additionalProperties": false, "required": ["status"],
  "properties": {"status": {"const": "reset"}}
})"},
    {"State", R"({
  "type": "object", "additionalProperties": false, "required": ["orgs", "apps", "keys"],
  "description": "A fixture file in which nothing is left to be filled in",
  "properties": {
    "orgs": {"type": "array", "items": {"$ref": "#/components/schemas/StateOrg"}},
    "apps": {"type": "array", "items": {"$ref": "#/components/schemas/FixtureApp"}},
    "keys": {"type": "array", "items": {"$ref": "#/components/schemas/StateKey"}}
  }
})"},
    {"StateOrg", R"({
  "type": "object", "additionalProperties": false,
  "required": ["id", "name", "require_apikey_expiration", "max_apikey_expiration_days",
               "enforce_hashed_api_keys"],
  "properties": {
    "id": {"type": "string"},
    "name": {"type": "string"},
    "members": {
      "type": "array", "items": {"type": "string"}, "description": "Absent: every user"
    },
    "require_apikey_expiration": {"type": "boolean"},
    "max_apikey_expiration_days": {"type": ["integer", "null"], "minimum": 0},
    "enforce_hashed_api_keys": {"type": "boolean"}
  }
})"},
    {"StateKey", R"({
  "type": "object", "additionalProperties": false,
  "required": ["id", "key", "mode", "name", "user_id", "created_at", "updated_at"],
  "properties": {
    "id": {"type": "integer", "minimum": 1},
    "key": {"type": ["string", "null"]},
    "key_hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "mode": {"enum": ["read", "upload", "write", "all"]},
    "name": {"type": "string", "minLength": 1},
    "user_id": {"type": "string"},
    "created_at": {"type": "string"},
    "updated_at": {"type": "string"},
    "expires_at": {"type": "string"},
    "limited_to_apps": {"type": ["array", "null"], "minItems": 1, "items": {"type": "string"}},
    "limited_to_orgs": {"type": ["array", "null"], "minItems": 1, "items": {"type": "string"}},
    "rbac_id": {"type": "string"}
  }
})"},
    {"Imported", R"({
  "type": "object", "additionalProperties": false, "required": ["orgs", "apps", "keys"],
  "description": "How many there are now",
  "properties": {
    "orgs": {"type": "integer", "minimum": 0},
    "apps": {"type": "integer", "minimum": 0},
    "keys": {"type": "integer", "minimum": 0}
  }
})"},
    {"Requests", R"({
  "type": "object", "additionalProperties": false, "required": ["requests", "dropped"],
  "properties": {
    "requests": {
      "type": "array", "items": {"$ref": "#/components/schemas/JournalEntry"},
      "description": "The newest is the last"
    },
    "dropped": {
      "type": "integer", "minimum": 0, "description": "How many older ones the journal has lost"
    }
  }
})"},
    {"JournalEntry", R"({
  "type": "object", "additionalProperties": false,
  "required": ["id", "at", "method", "path", "query", "headers", "body", "key_id", "status",
               "response", "refused_by", "scenario", "microseconds"],
  "properties": {
    "id": {"type": "integer", "minimum": 1},
    "at": {"$ref": "#/components/schemas/Moment"},
    "method": {"type": "string"},
    "path": {
      "type": "string", "description": "Whole, without the sandbox's and the base path"
    },
    "query": {"type": "string", "description": "Whole, as the body is: no secret is shortened"},
    "headers": {"$ref": "#/components/schemas/JournalHeaders"},
    "body": {"type": "string", "description": "Cut where it is long"},
    "body_size": {"type": "integer", "minimum": 1, "description": "In bytes, where it was cut"},
    "key_id": {"type": ["integer", "null"], "description": "The caller's key"},
    "status": {"type": "integer"},
    "response": {
      "type": "object", "additionalProperties": false, "required": ["headers", "body"],
      "properties": {
        "headers": {"$ref": "#/components/schemas/JournalHeaders"},
        "body": {"type": "string", "description": "Cut where it is long"},
        "body_size": {"type": "integer", "minimum": 1, "description": "In bytes, where it was cut"}
      }
    },
    "refused_by": {"type": ["string", "null"], "description": "The step that refused"},
    "scenario": {
      "type": ["string", "null"], "description": "The rule that acted",
      "examples": ["flaky-create, rule 1"]
    },
    "microseconds": {
      "type": "integer", "minimum": 0, "description": "How long it took to find the answer"
    },
    "delay_milliseconds": {
      "type": "integer", "minimum": 1, "description": "How long a rule held the answer back"
    },
    "fault": {
      "description": "How a rule broke the answer",
      "enum": ["CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK",
               "RANDOM_DATA_THEN_CLOSE", "HANG"]
    }
  }
})"},
    {"JournalHeaders", R"({
  "type": "object", "additionalProperties": {"type": "string"},
  "description": "Lines of one name joined by commas; secrets shortened"
})"},
    {"Moment", R"({
  "type": "string", "format": "date-time",
  "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?Z$",
  "description": "UTC, with as many digits of a fraction of a second as it has",
  "examples": ["2024-01-31T12:00:00Z"]
})"},
    {"Forgotten", R"({
  "type": "object", "additionalProperties": false, "required": ["removed"],
  "properties": {
    "removed": {"type": "integer", "minimum": 0, "description": "How many requests there were"}
  }
})"},
    {"Verified", R"({
  "type": "object", "additionalProperties": false, "required": ["verified", "count"],
  "properties": {
    "verified": {"const": true},
    "count": {"type": "integer", "minimum": 0, "description": "How many requests matched"}
  }
})"},
    {"NotVerified", R"({
  "type": "object", "additionalProperties": false,
  "required": ["error", "details", "verified", "count", "expected", "nearest"],
  "properties": {
    "error": {"type": "string"},
    "details": {"type": "array", "items": {"type": "string"}},
    "verified": {"const": false},
    "count": {"type": "integer", "minimum": 0, "description": "How many requests matched"},
    "expected": {"$ref": "#/components/schemas/Count"},
    "nearest": {
      "type": "array", "description": "Requests that came near, the nearest first",
      "items": {
        "type": "object", "additionalProperties": false, "required": ["request", "differences"],
        "properties": {
          "request": {"$ref": "#/components/schemas/JournalEntry"},
          "differences": {
            "type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Difference"}
          }
        }
      }
    }
  }
})"},
    {"Difference", R"({
  "type": "object", "additionalProperties": false, "required": ["field", "expected", "actual"],
  "properties": {
    "field": {
      "type": "string",
      "examples": ["method", "path", "id", "mode", "status", "header content-type", "query x",
                   "body/mode"]
    },
    "expected": {"type": "string"},
    "actual": {"type": "string"}
  }
})"},
    {"Scenarios", R"({
  "type": "object", "additionalProperties": false,
  "required": ["scenarios", "dead_rules", "shipped"],
  "properties": {
    "scenarios": {
      "type": "array", "items": {"$ref": "#/components/schemas/Scenario"},
      "description": "Those in force, tried in this order"
    },
    "dead_rules": {
      "type": "array", "items": {"type": "string"}, "description": "Rules that have never acted",
      "examples": [["flaky-create, rule 2: DELETE /apikey/:id/, error key_not_found"]]
    },
    "shipped": {
      "type": "array", "items": {"$ref": "#/components/schemas/Name"},
      "description": "Names of those that come with the program"
    }
  }
})"},
    {"Scenario", R"({
  "type": "object", "additionalProperties": false, "required": ["name", "description", "rules"],
  "properties": {
    "name": {"type": "string"},
    "description": {"type": "string"},
    "rules": {
      "type": "array",
      "items": {
        "type": "object", "additionalProperties": false,
        "required": ["rule", "on", "does", "matched", "acted"],
        "properties": {
          "rule": {"type": "integer", "minimum": 1, "description": "Its number"},
          "on": {"type": "string", "examples": ["POST /apikey/"]},
          "does": {"type": "string", "examples": ["error permission_denied"]},
          "matched": {"type": "integer", "minimum": 0},
          "acted": {"type": "integer", "minimum": 0}
        }
      }
    }
  }
})"},
    {"Removed", R"({
  "type": "object", "additionalProperties": false, "required": ["removed"],
  "properties": {
    "removed": {
      "type": "array", "items": {"type": "string"}, "description": "Names of scenarios"
    }
  }
})"},
    {"Clock", R"({
  "type": "object", "additionalProperties": false, "required": ["now", "frozen"],
  "properties": {
    "now": {"$ref": "#/components/schemas/Moment"},
    "frozen": {"type": "boolean", "description": "Whether it stands still"}
  }
})"},
    {"Judgement", R"({
  "type": "object", "additionalProperties": false, "required": ["allowed", "reason"],
  "properties": {"allowed": {"type": "boolean"}, "reason": {"type": "string"}}
})"},
    {"Sandboxes", R"({
  "type": "object", "additionalProperties": false, "required": ["sandboxes", "limit"],
  "properties": {
    "sandboxes": {
      "type": "array", "description": "In the order of their names",
      "items": {
        "type": "object", "additionalProperties": false,
        "required": ["name", "url", "admin", "requests"],
        "properties": {
          "name": {"$ref": "#/components/schemas/Name"},
          "url": {"type": "string", "format": "uri-reference"},
          "admin": {"type": "string", "format": "uri-reference"},
          "requests": {"type": "integer", "minimum": 0, "description": "Since it was made or reset"}
        }
      }
    },
    "limit": {"type": "integer", "minimum": 0, "description": "How many there may be"}
  }
})"},
    {"Sandbox", R"({
  "type": "object", "additionalProperties": false, "required": ["name", "url", "admin", "key"],
  "properties": {
    "name": {"$ref": "#/components/schemas/Name"},
    "url": {"type": "string", "format": "uri-reference"},
    "admin": {"type": "string", "format": "uri-reference"},
    "key": {
      "type": ["string", "null"],
      "description": "The secret of a key to begin with; null if the fixtures have none"
    }
  }
})"},
    {"Dropped", R"({
  "type": "object", "additionalProperties": false, "required": ["dropped"],
  "properties": {"dropped": {"$ref": "#/components/schemas/Name"}}
})"},
    {"Refusal", R"({
  "type": "object", "additionalProperties": false, "required": ["error", "details"],
  "description": "What the emulator itself refuses with",
  "properties": {
    "error": {"type": "string"},
    "details": {"type": "array", "items": {"type": "string"}}
  }
})"},
});

/// The schema of this name, or null.
const ControlSchema* find(std::string_view name) {
  for (std::span<const ControlSchema> all : {given_schemas(), taken_schemas()}) {
    auto found = std::find_if(all.begin(), all.end(),
                              [&](const ControlSchema& each) { return each.name == name; });
    if (found != all.end()) return &*found;
  }
  return nullptr;
}

}  // namespace

std::span<const ControlSchema> given_schemas() { return kSchemas; }

std::string_view find_control_schema(std::string_view name) {
  const ControlSchema* found = find(name);
  return found == nullptr ? "" : found->text;
}

bool may_be_left_out(std::string_view name) {
  const ControlSchema* found = find(name);
  return found != nullptr && found->may_be_left_out;
}

}  // namespace engine
