/**
 * The keys of the hand-written servers: two maps, and what each call does with them. Every call
 * returns the status and the body of its response.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

const modes = ["read", "write", "upload", "all"];
const limits = { limited_to_apps: "app", limited_to_orgs: "org" };

const byId = new Map();
const bySecret = new Map();
let lastId = 0;

function store(key) {
  byId.set(key.id, key);
  bySecret.set(key.key, key);
  lastId = Math.max(lastId, key.id);
}

/** Stores the keys of a fixture file. Fields that are optional there get a value. */
export function load(fixture) {
  const created = "2024-01-01T00:00:00Z";
  for (const key of JSON.parse(readFileSync(fixture, "utf8")).keys) {
    const user = { user_id: "user_123", created_at: created, updated_at: created };
    store({ id: lastId + 1, ...user, ...key });
  }
}

const reject = (status, error) => [status, { error, status: "KO" }];
const isString = (value) => typeof value === "string";
const isStrings = (value) => Array.isArray(value) && value.every(isString);

/** The first header that has a value is the caller's secret. `header` returns one by name. */
export function secretOf(header) {
  return header("authorization") || (header("capgkey") ?? header("x-api-key"));
}

/** Calls an action with the key that has this secret, if it can manage keys. */
function authorized(secret, action) {
  const caller = bySecret.get(secret);
  if (!caller) return reject(401, "Invalid API key");
  if (caller.mode !== "all" || caller.limited_to_apps?.length || caller.limited_to_orgs?.length) {
    return reject(403, "Insufficient permissions to manage API keys");
  }
  return action(caller);
}

export const list = (secret) =>
  authorized(secret, ({ user_id }) => {
    const data = [];
    for (const key of byId.values()) if (key.user_id === user_id) data.push(key);
    return [200, { data }];
  });

/** Creates a key from a parsed body, which is undefined if it was not JSON. */
export const create = (secret, body) =>
  authorized(secret, ({ user_id }) => {
    if (body === null || typeof body !== "object" || Array.isArray(body)) {
      return reject(400, "Invalid JSON body");
    }
    const limitsOfKey = {};
    for (const [limit, of] of Object.entries(limits)) {
      const value = body[limit];
      if (value === undefined) continue;
      if (!isStrings(value)) return reject(400, `${limit} must be an array of ${of} ids`);
      if (value.length > 0) limitsOfKey[limit] = value;
    }
    const { name, mode } = body;
    if (name === undefined || name === null || name === "") return reject(400, "Name is required");
    if (!isString(name)) return reject(400, "Name must be a string");
    if (!modes.includes(mode)) {
      return reject(400, `Invalid mode specified. Must be one of: ${modes.join(", ")}`);
    }
    const created_at = `${new Date().toISOString().slice(0, 19)}Z`;
    const key = `ak_${randomBytes(16).toString("hex")}`;
    const apikey = { id: lastId + 1, key, mode, name, created_at, user_id, ...limitsOfKey };
    store({ ...apikey, updated_at: created_at });
    return [200, { apikey }];
  });

export const remove = (secret, id) =>
  authorized(secret, ({ user_id }) => {
    if (!/^\d+$/.test(id)) return reject(400, "API key ID must be a valid UUID or number");
    const key = byId.get(Number(id));
    if (key?.user_id !== user_id) return reject(404, "API key not found");
    byId.delete(key.id);
    bySecret.delete(key.key);
    return [200, { success: true }];
  });

export const notFound = () => reject(404, "Not found");
