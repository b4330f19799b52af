#include <array>

#include "engine/control_schemas.h"

namespace engine {
namespace {

/// Those of fixture and scenario files are the ones that lie beside the files for editors, part by
/// part; a test compares them.
constexpr auto kSchemas = std::to_array<ControlSchema>({
    {"Expectation", R"({
  "type": "object", "additionalProperties": false,
  "description": "Which requests are meant, and how many there must be: without count at least one",
  "properties": {
    "on": {
      "type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Z-]+ (\\*|/[^\\s?#]*)$",
      "description": "Method and path, * for any",
      "examples": ["POST /apikey/", "DELETE /apikey/:id/", "* *"]
    },
    "match": {"$ref": "#/components/schemas/ScenarioMatch"},
    "status": {"type": "integer", "minimum": 100, "maximum": 599},
    "count": {"type": "object", "$ref": "#/components/schemas/Count", "minProperties": 1}
  }
})"},
    {"Count", R"({
  "type": "object", "additionalProperties": false,
  "dependentSchemas": {"exactly": {"maxProperties": 1}},
  "properties": {
    "exactly": {"type": "integer", "minimum": 0, "maximum": 1000000000},
    "at_least": {"type": "integer", "minimum": 0, "maximum": 1000000000},
    "at_most": {"type": "integer", "minimum": 0, "maximum": 1000000000}
  }
})"},
    {"ClockSetting", R"({
  "type": "object", "additionalProperties": false, "minProperties": 1,
  "properties": {
    "now": {
      "type": "string", "description": "ISO 8601; no offset means UTC",
      "examples": ["2024-01-31T12:00:00Z"]
    },
    "frozen": {"type": "boolean", "description": "Whether it is to stand still"}
  }
})"},
    {"ClockAdvance", R"({
  "type": "object", "additionalProperties": false, "required": ["by"],
  "properties": {
    "by": {"type": "string", "examples": ["31d", "12h", "15m", "90s", "2w", "1d12h", "P1M"]}
  }
})"},
    {"Action", R"({
  "type": "object", "additionalProperties": false, "required": ["key", "action"],
  "properties": {
    "key": {"type": "string", "description": "The secret"},
    "action": {"enum": ["read", "upload", "write", "all"]},
    "app_id": {"type": ["string", "null"], "description": "The public id of an app"},
    "org_id": {"type": ["string", "null"]}
  }
})"},
    {"SandboxName", R"({
  "type": "object", "additionalProperties": false,
  "properties": {"name": {"$ref": "#/components/schemas/Name"}}
})",
     kMayBeLeftOut},
    {"Name", R"({
  "type": "string",
  "pattern": "^(?!\\.{1,2}$|ak_|eyJ[^.]*\\.[^.]*\\.[^.]*$)[A-Za-z0-9._-]{1,64}$",
  "examples": ["worker-1"]
})"},
    {"Fixtures", R"({
  "title": "mock-capgo fixture",
  "oneOf": [
    {
      "type": "object", "additionalProperties": false,
      "properties": {
        "$schema": {"type": "string"},
        "orgs": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/FixtureOrg"}},
        "apps": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/FixtureApp"}},
        "keys": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/FixtureKey"}}
      }
    },
    {
      "type": "object", "additionalProperties": false, "required": ["data"],
      "description": "A saved answer of the API",
      "properties": {
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/FixtureKey"}}
      }
    },
    {"type": "array", "items": {"$ref": "#/components/schemas/FixtureKey"}}
  ]
})"},
    {"FixtureKey", R"({
  "type": "object", "additionalProperties": false, "required": ["mode", "name"],
  "anyOf": [{"required": ["key"]}, {"required": ["key_hash"]}],
  "properties": {
    "id": {
      "type": ["integer", "null"], "minimum": 1, "maximum": 9007199254740991,
      "description": "Filled in with the lowest free number"
    },
    "key": {
      "type": ["string", "null"], "pattern": "^[!-~]+$",
      "description": "The secret; null for a hashed key (key_hash), or one whose )"
                   R"(secret nobody knows"
    },
    "key_hash": {
      "type": ["string", "null"], "pattern": "^[0-9a-f]{64}$",
      "description": "SHA-256 of a hashed key's secret, which works as a plain one does; beside )"
                   R"(key it must be that of key, and key is not kept"
    },
    "mode": {"enum": ["read", "upload", "write", "all"]},
    "name": {"type": "string", "minLength": 1},
    "user_id": {
      "type": ["string", "null"],
      "description": "The owner; 00000000-0000-4000-8000-000000000123 where )"
                   R"(--contract deployed-2026-02 fills it in",
      "default": "user_123"
    },
    "created_at": {
      "type": ["string", "null"], "description": "ISO 8601; no offset means UTC",
      "examples": ["2024-01-01T00:00:00Z"]
    },
    "updated_at": {
      "type": ["string", "null"], "description": "ISO 8601; no offset means UTC",
      "examples": ["2024-01-01T00:00:00Z"]
    },
    "expires_at": {
      "type": ["string", "null"], "description": "ISO 8601; no offset means UTC",
      "examples": ["2024-01-01T00:00:00Z"]
    },
    "limited_to_apps": {
      "type": ["array", "null"], "items": {"type": "string"},
      "description": "Public ids of apps; empty and null mean no limit; left out, it is empty"
    },
    "limited_to_orgs": {
      "type": ["array", "null"], "items": {"type": "string"},
      "description": "Ids of orgs; empty and null mean no limit; left out, it is empty"
    },
    "rbac_id": {"type": ["string", "null"]}
  }
})"},
    {"FixtureOrg", R"({
  "type": "object", "additionalProperties": false, "required": ["id"],
  "properties": {
    "id": {"type": "string", "minLength": 1}, "name": {"type": ["string", "null"]},
    "members": {
      "type": ["array", "null"], "items": {"type": "string"},
      "description": "Users who can read the org; left out, every user can"
    },
    "require_apikey_expiration": {"type": ["boolean", "null"], "default": false},
    "max_apikey_expiration_days": {"type": ["integer", "null"], "minimum": 0, "maximum": 36500},
    "enforce_hashed_api_keys": {"type": ["boolean", "null"], "default": false}
  }
})"},
    {"FixtureApp", R"({
  "type": "object", "additionalProperties": false, "required": ["id", "app_id", "owner_org"],
  "properties": {
    "id": {"type": "string", "minLength": 1, "description": "The internal UUID"},
    "app_id": {
      "type": "string", "minLength": 1, "description": "The public id",
      "examples": ["com.demo.app"]
    },
    "owner_org": {"type": "string"}
  }
})"},
    {"ScenarioFile", R"({
  "title": "mock-capgo scenario", "type": "object", "additionalProperties": false,
  "required": ["rules"],
  "properties": {
    "$schema": {"type": "string"}, "name": {"type": ["string", "null"]},
    "description": {"type": ["string", "null"]},
    "rules": {
      "type": "array", "items": {"$ref": "#/components/schemas/ScenarioRule"},
      "description": "Tried in order; the first that matches and is not used up acts"
    }
  }
})",
     kMayBeLeftOut},
    {"ScenarioRule", R"({
  "type": "object", "additionalProperties": false, "required": ["on"],
  "anyOf": [
    {"required": ["error"]}, {"required": ["respond"]}, {"required": ["delay"]},
    {"required": ["fault"]}, {"required": ["dribble"]}
  ],
  "not": {"required": ["error", "respond"]},
  "properties": {
    "on": {
      "type": "string", "pattern": "^[!#$%&'*+.^_`|~0-9A-Z-]+ (\\*|/[^\\s?#]*)$",
      "description": "Method and path, * for any",
      "examples": ["POST /apikey/", "DELETE /apikey/:id/", "* *"]
    },
    "match": {"$ref": "#/components/schemas/ScenarioMatch"},
    "skip": {
      "type": ["integer", "null"], "minimum": 0, "maximum": 1000000000,
      "description": "How many matching requests pass at first"
    },
    "times": {
      "type": ["integer", "null"], "minimum": 1, "maximum": 1000000000,
      "description": "How often the rule acts at most"
    },
    "every": {
      "type": ["integer", "null"], "minimum": 1, "maximum": 1000000000,
      "description": "The rule acts on each Nth matching request"
    },
    "probability": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "error": {
      "enum": [
        "invalid_api_key", "expired_key", "rate_limited", "permission_denied", "invalid_json",
        "invalid_limited_to_apps", "invalid_limited_to_orgs", "name_required", "invalid_mode",
        "invalid_expiration", "expiration_in_past", "expiration_required",
        "expiration_exceeds_max", "invalid_id", "key_not_found", "not_found", "server_error"
      ]
    },
    "respond": {"$ref": "#/components/schemas/ScenarioRespond"},
    "delay": {"$ref": "#/components/schemas/ScenarioDelay"},
    "fault": {
      "enum": [
        "CONNECTION_RESET_BY_PEER", "EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK",
        "RANDOM_DATA_THEN_CLOSE", "HANG"
      ]
    },
    "dribble": {
      "type": "object", "additionalProperties": false, "required": ["chunks", "milliseconds"],
      "properties": {
        "chunks": {"type": "integer", "minimum": 1, "maximum": 10000},
        "milliseconds": {"type": "integer", "minimum": 0, "maximum": 600000}
      }
    }
  }
})"},
    {"ScenarioMatch", R"({
  "type": ["object", "null"], "additionalProperties": false,
  "properties": {
    "id": {
      "type": ["integer", "string", "null"], "minimum": 0, "description": "The :id of the path"
    },
    "key": {"type": ["string", "null"], "description": "The caller's secret"},
    "mode": {
      "enum": ["read", "upload", "write", "all", null],
      "description": "The mode of the caller's key"
    },
    "header": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
    "query": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
    "body": {"description": "A subset of the JSON body"}
  }
})"},
    {"ScenarioRespond", R"({
  "type": ["object", "null"], "additionalProperties": false,
  "properties": {
    "status": {"type": ["integer", "null"], "minimum": 200, "maximum": 599},
    "headers": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
    "body": {"description": "JSON, or a string that is sent as it is"}
  }
})"},
    {"ScenarioDelay", R"({
  "oneOf": [
    {
      "type": "object", "additionalProperties": false, "required": ["milliseconds"],
      "properties": {
        "type": {"const": "fixed"},
        "milliseconds": {"type": "number", "minimum": 0, "maximum": 600000}
      }
    },
    {
      "type": "object", "additionalProperties": false, "required": ["type", "lower", "upper"],
      "properties": {
        "type": {"const": "uniform"},
        "lower": {"type": "number", "minimum": 0, "maximum": 600000},
        "upper": {"type": "number", "minimum": 0, "maximum": 600000}
      }
    },
    {
      "type": "object", "additionalProperties": false, "required": ["type", "median", "sigma"],
      "properties": {
        "type": {"const": "lognormal"},
        "median": {"type": "number", "minimum": 0, "maximum": 600000},
        "sigma": {"type": "number", "minimum": 0, "maximum": 10}
      }
    }
  ]
})"},
});

}  // namespace

std::span<const ControlSchema> taken_schemas() { return kSchemas; }

}  // namespace engine
