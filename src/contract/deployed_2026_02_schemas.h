#pragma once

#include <string_view>

#include "contract/contract.h"

namespace contract::deployed_2026_02 {

/// The shapes of bodies, the ways to authenticate and the parameters of this contract, as an
/// OpenAPI Components Object. (deployed contract of February 2026, sections 3, 4, 6, 7 and 9 to 16)
inline constexpr std::string_view kComponents = R"({
  "schemas": {
    "ApiKey": {
      "type": "object", "additionalProperties": false, "description": "A row of the database",
      "required": ["id", "created_at", "user_id", "key", "mode", "updated_at", "name",
                   "limited_to_orgs", "limited_to_apps", "key_hash", "expires_at", "rbac_id"],
      "properties": {
        "id": {"type": "integer", "minimum": 1},
        "created_at": {"$ref": "#/components/schemas/Timestamp"},
        "user_id": {"type": "string", "description": "The UUID of the owner"},
        "key": {
          "type": ["string", "null"],
          "description": "The secret; null for a hashed key, save where it was just made"
        },
        "mode": {"$ref": "#/components/schemas/Mode"},
        "updated_at": {"$ref": "#/components/schemas/Timestamp"},
        "name": {"type": "string", "minLength": 1},
        "limited_to_orgs": {"$ref": "#/components/schemas/Limits"},
        "limited_to_apps": {"$ref": "#/components/schemas/Limits"},
        "key_hash": {
          "type": ["string", "null"], "pattern": "^[0-9a-f]{64}$",
          "description": "The SHA-256 of a hashed key's secret"
        },
        "expires_at": {
          "anyOf": [{"$ref": "#/components/schemas/Timestamp"}, {"type": "null"}],
          "description": "Null means never"
        },
        "rbac_id": {"type": "string", "description": "A UUID, fixed for life"}
      }
    },
    "Mode": {"type": "string", "enum": ["read", "write", "all", "upload"]},
    "Timestamp": {
      "type": "string", "description": "As PostgreSQL writes it, in UTC",
      "pattern":
        "^(-?infinity|\\d{4,6}-\\d\\d-\\d\\dT\\d\\d(:\\d\\d){2}(\\.\\d{0,5}[1-9])?\\+00:00( BC)?)$",
      "examples": ["2026-02-19T00:35:21.5+00:00"]
    },
    "Limits": {
      "type": ["array", "null"], "items": {"type": "string"},
      "description": "Empty is no limit; null in rows that were written past the API only"
    },
    "ApiKeys": {
      "type": "array", "items": {"$ref": "#/components/schemas/ApiKey"}, "maxItems": 1000
    },
    "ApiKeyCreate": {
      "type": "object", "required": ["name"], "description": "Other fields are ignored",
      "properties": {
        "name": {
          "type": ["string", "number", "boolean", "array", "object"],
          "not": {"enum": ["", 0, false]},
          "description": "What is no string is kept as its JSON text"
        },
        "mode": {
          "enum": ["read", "write", "all", "upload", null],
          "description": "Left out or null, it is all"
        },
        "limited_to_apps": {"type": "array", "items": {"type": "string"}},
        "limited_to_orgs": {
          "type": "array", "items": {"type": "string"}, "description": "UUIDs of orgs"
        },
        "org_id": {
          "anyOf": [{"type": "string"}, {"enum": [null, 0, false]}],
          "description": "The UUID of an org, which takes the place of limited_to_orgs"
        },
        "app_id": {
          "anyOf": [{"type": "string"}, {"enum": [null, 0, false]}],
          "description": "The internal UUID of an app, which takes the place of limited_to_apps"
        },
        "hashed": {"description": "Only true counts"},
        "expires_at": {"$ref": "#/components/schemas/Expiration"}
      }
    },
    "Expiration": {
      "type": ["string", "number", "array", "null"],
      "description": "A date in the future as JavaScript and PostgreSQL read it; null means never",
      "examples": ["2099-01-31", "2099-01-31T12:00:00Z"]
    },
    "ApiKeyUpdate": {
      "type": "object", "minProperties": 1,
      "description": "At least one of these, or regenerate true; other fields are ignored",
      "properties": {
        "name": {"type": "string", "description": "An empty one becomes Apikey and the id"},
        "mode": {"$ref": "#/components/schemas/Mode"},
        "limited_to_apps": {"type": "array", "items": {"type": "string"}},
        "limited_to_orgs": {
          "type": "array", "items": {"type": "string"}, "description": "UUIDs of orgs"
        },
        "expires_at": {"$ref": "#/components/schemas/Expiration"},
        "regenerate": {"type": "boolean", "description": "Whether to make a new secret at last"}
      }
    },
    "ApiKeyUpdateById": {
      "allOf": [
        {"$ref": "#/components/schemas/ApiKeyUpdate"},
        {
          "type": "object", "required": ["id"],
          "properties": {
            "id": {
              "type": ["integer", "string", "array"],
              "description": "A number, or the secret of a plain key; [3] is read as 3"
            }
          }
        }
      ]
    },
    "StatusResponse": {
      "type": "object", "additionalProperties": false, "required": ["status"],
      "properties": {"status": {"type": "string", "const": "ok"}}
    },
    "ErrorResponse": {
      "type": "object", "additionalProperties": false, "required": ["error", "message"],
      "properties": {
        "error": {"type": "string", "description": "A code", "pattern": "^[a-z_]+$"},
        "message": {"type": "string"},
        "moreInfo": {
          "type": "object", "additionalProperties": false,
          "description": "Not where there were too many requests, nor for an unknown path",
          "properties": {
            "requestId": {"type": "string", "description": "The value of X-Request-Id"},
            "apikeyId": {"type": ["integer", "null"], "description": "The id of the caller's key"},
            "apikey": {
              "anyOf": [{"$ref": "#/components/schemas/ApiKey"}, {"type": "null"}],
              "description": "The caller's key, secret included"
            },
            "supabaseError": {"$ref": "#/components/schemas/DatabaseError"},
            "e": {
              "type": "object", "additionalProperties": false,
              "description": "What the JSON parser said, which shows nothing of itself"
            }
          }
        }
      }
    },
    "DatabaseError": {
      "type": "object", "additionalProperties": false,
      "required": ["code", "details", "hint", "message"],
      "properties": {
        "code": {"type": "string", "pattern": "^[0-9A-Z]+$", "examples": ["PGRST116", "22P02"]},
        "details": {"type": ["string", "null"]},
        "hint": {"type": ["string", "null"]},
        "message": {"type": "string"}
      }
    }
  },
  "securitySchemes": {
    "authorization": {
      "type": "apiKey", "in": "header", "name": "authorization",
      "description": "The key as it is, if it is a UUID; where not empty, it alone counts"
    },
    "jwt": {
      "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
      "description": "The JWT of a user, with or without Bearer before it"
    },
    "capgkey": {
      "type": "apiKey", "in": "header", "name": "capgkey",
      "description": "Any key; counts before x-api-key, be it empty"
    },
    "x-api-key": {
      "type": "apiKey", "in": "header", "name": "x-api-key", "description": "Any key"
    }
  },
  "parameters": {
    "id": {
      "name": "id", "in": "path", "required": true,
      "description": "The number of a key; to update it, the secret of a plain one will do too",
      "schema": {"anyOf": [{"type": "integer"}, {"type": "string", "format": "uuid"}]}
    },
    "x-limited-key-id": {
      "name": "x-limited-key-id", "in": "header", "schema": {"type": "integer"},
      "description": "The id of a limited key of the caller's user, whose limits are to count too"
    },
    "X-Request-Id": {
      "name": "X-Request-Id", "in": "header", "description": "Taken over into the answer",
      "schema": {"type": "string", "pattern": "^[A-Za-z0-9_=-]{1,255}$"}
    }
  }
})";

// What users are told of each endpoint.
inline constexpr Description kAboutList = {.summary = "Lists all keys of the caller's user",
                                           .components = kComponents,
                                           .gives = "ApiKeys"};
inline constexpr Description kAboutGet = {
    .summary = "Shows a key", .components = kComponents, .gives = "ApiKey"};
inline constexpr Description kAboutCreate = {.summary = "Makes a key",
                                             .components = kComponents,
                                             .takes = "ApiKeyCreate",
                                             .gives = "ApiKey"};
inline constexpr Description kAboutUpdateById = {
    .summary = "Changes the key whose id is in the body",
    .components = kComponents,
    .takes = "ApiKeyUpdateById",
    .gives = "ApiKey"};
inline constexpr Description kAboutUpdate = {.summary = "Changes a key",
                                             .components = kComponents,
                                             .takes = "ApiKeyUpdate",
                                             .gives = "ApiKey"};
inline constexpr Description kAboutDelete = {.summary = "Removes a key, effective at once",
                                             .components = kComponents,
                                             .gives = "StatusResponse"};
inline constexpr Description kAboutPreflight = {.summary = "Answers a CORS preflight",
                                                .components = kComponents};
inline constexpr Description kAboutOk = {.summary = "Shows what a success looks like",
                                         .components = kComponents,
                                         .gives = "StatusResponse"};
inline constexpr Description kAboutKo = {.summary = "Shows what a failure looks like",
                                         .components = kComponents,
                                         .gives = "ErrorResponse"};

}  // namespace contract::deployed_2026_02
