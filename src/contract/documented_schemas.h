#pragma once

#include <string_view>

#include "contract/contract.h"

namespace contract::documented {

/// The shapes of bodies, the ways to authenticate and the parameters of this contract, as an
/// OpenAPI Components Object. The names of schemas are the vendor's, where it has one.
/// (documented contract, sections 2, 4, 5, 6, 11 and 12)
inline constexpr std::string_view kComponents = R"({
  "schemas": {
    "ApiKey": {
      "type": "object", "additionalProperties": false, "description": "A key as lists show it",
      "required": ["id", "key", "mode", "name", "created_at", "updated_at", "user_id"],
      "properties": {
        "id": {"type": "integer", "minimum": 1},
        "key": {"type": ["string", "null"], "description": "The secret; null for a hashed key"},
        "mode": {"$ref": "#/components/schemas/Mode"},
        "name": {"type": "string", "minLength": 1},
        "created_at": {"$ref": "#/components/schemas/Timestamp"},
        "updated_at": {"$ref": "#/components/schemas/Timestamp"},
        "user_id": {"type": "string"},
        "limited_to_apps": {"$ref": "#/components/schemas/Limits"},
        "limited_to_orgs": {"$ref": "#/components/schemas/Limits"},
        "expires_at": {"$ref": "#/components/schemas/Timestamp"}
      }
    },
    "CreatedApiKey": {
      "type": "object", "additionalProperties": false,
      "description": "A new key; the secret of a hashed one is shown here only",
      "required": ["id", "key", "mode", "name", "created_at", "user_id"],
      "properties": {
        "id": {"type": "integer", "minimum": 1},
        "key": {"type": "string", "pattern": "^ak_[0-9a-f]{32}$"},
        "mode": {"$ref": "#/components/schemas/Mode"},
        "name": {"type": "string", "minLength": 1},
        "created_at": {"$ref": "#/components/schemas/Timestamp"},
        "user_id": {"type": "string"},
        "limited_to_apps": {"$ref": "#/components/schemas/Limits"},
        "limited_to_orgs": {"$ref": "#/components/schemas/Limits"},
        "expires_at": {"$ref": "#/components/schemas/Timestamp"}
      }
    },
    "Mode": {"type": "string", "enum": ["read", "write", "upload", "all"]},
    "Timestamp": {
      "type": "string", "format": "date-time", "description": "UTC, in whole seconds",
      "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
      "examples": ["2024-01-01T00:00:00Z"]
    },
    "Limits": {
      "type": "array", "minItems": 1, "items": {"type": "string"},
      "description": "Absent where there is no limit"
    },
    "ApiKeyListEnvelope": {
      "type": "object", "additionalProperties": false, "required": ["data"],
      "properties": {
        "data": {
          "type": "array", "items": {"$ref": "#/components/schemas/ApiKey"},
          "description": "In ascending order of ids"
        }
      }
    },
    "ApiKeyCreate": {
      "type": "object", "required": ["name", "mode"], "description": "Other fields are ignored",
      "properties": {
        "name": {"type": "string", "minLength": 1},
        "mode": {"$ref": "#/components/schemas/Mode"},
        "limited_to_apps": {
          "type": "array", "items": {"type": "string"}, "description": "Empty is no limit",
          "examples": [["com.demo.app"]]
        },
        "limited_to_orgs": {
          "type": "array", "items": {"type": "string"}, "description": "Empty is no limit"
        },
        "hashed": {
          "type": "boolean", "description": "Whether to keep the SHA-256 of its secret only"
        },
        "expires_at": {
          "type": ["string", "null"], "description": "ISO 8601, in the future; null means never",
          "pattern":
            "^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d)?)?$",
          "examples": ["2099-01-31", "2099-01-31T12:00:00Z"]
        }
      }
    },
    "ApiKeyCreateEnvelope": {
      "type": "object", "additionalProperties": false, "required": ["apikey"],
      "properties": {"apikey": {"$ref": "#/components/schemas/CreatedApiKey"}}
    },
    "SuccessResponse": {
      "type": "object", "additionalProperties": false, "required": ["success"],
      "properties": {"success": {"type": "boolean", "const": true}}
    },
    "ErrorResponse": {
      "type": "object", "additionalProperties": false, "required": ["error", "status"],
      "properties": {
        "error": {"type": "string", "description": "The message; there is no code"},
        "status": {"type": "string", "const": "KO"}
      }
    }
  },
  "securitySchemes": {
    "authorization": {
      "type": "apiKey", "in": "header", "name": "authorization",
      "description": "The key as it is, with no Bearer before it; where not empty, it alone counts"
    },
    "capgkey": {
      "type": "apiKey", "in": "header", "name": "capgkey",
      "description": "Counts before x-api-key, be it empty"
    },
    "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"}
  },
  "parameters": {
    "id": {
      "name": "id", "in": "path", "required": true, "schema": {"type": "integer"},
      "description": "The number of a key, not its secret"
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
                                           .gives = "ApiKeyListEnvelope"};
inline constexpr Description kAboutCreate = {.summary = "Makes a key",
                                             .components = kComponents,
                                             .takes = "ApiKeyCreate",
                                             .gives = "ApiKeyCreateEnvelope"};
inline constexpr Description kAboutDelete = {.summary = "Removes a key, effective at once",
                                             .components = kComponents,
                                             .gives = "SuccessResponse"};
inline constexpr Description kAboutPreflight = {.summary = "Answers a CORS preflight",
                                                .components = kComponents};

}  // namespace contract::documented
