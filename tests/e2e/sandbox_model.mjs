/**
 * A model of a sandbox with the keys of `keysFile` and a frozen clock. It checks the response to
 * each request byte by byte. (documented contract)
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { errorBody } from "./client.mjs";
import { keysFile } from "./server.mjs";

const fixtures = JSON.parse(readFileSync(keysFile, "utf8")).keys;
const hour = 3_600_000;
const removedAfter = 30 * 24 * hour;
const errors = {
  expired_key: [401, "API key has expired"],
  invalid_mode: [400, "Invalid mode specified. Must be one of: read, write, upload, all"],
  invalid_api_key: [401, "Invalid API key"],
  key_not_found: [404, "API key not found"],
  name_required: [400, "Name is required"],
  permission_denied: [403, "Insufficient permissions to manage API keys"],
  server_error: [500, "Internal server error"],
};

/** The errors that the scenarios of workers use. */
export const injectable = ["permission_denied", "server_error", "key_not_found"];

function rejection(name) {
  const [status, message] = errors[name];
  return { status, text: errorBody(message) };
}

function success(value) {
  return { status: 200, text: JSON.stringify(value) };
}

/** Formats a time of whole seconds as the service does. */
export function formatTime(milliseconds) {
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}

/** A key in a list, or without `updated_at` in the response to its create. */
function keyBody(key, { isList = true } = {}) {
  const { id, key: secret, mode, name, created_at, updated_at, user_id, ...rest } = key;
  const updated = isList ? { updated_at } : {};
  return { id, key: secret, mode, name, created_at, ...updated, user_id, ...rest };
}

/** The expected state of a sandbox. */
export class SandboxModel {
  /** The secrets of created keys, in order. They repeat after a reset. */
  secrets = [];
  /** The statuses of all responses. */
  statuses = new Set();

  constructor(name, startsAt) {
    this.name = name;
    this.startsAt = startsAt;
    this.reset();
  }

  reset() {
    this.keys = structuredClone(fixtures);
    this.nextId = Math.max(...this.keys.map(({ id }) => id)) + 1;
    this.createdKeys = 0;
    this.now = this.startsAt;
    this.scenarios = [];
    this.journal = [];
    this.lastRequest = 0;
  }

  /** Checks the response to a request, and updates the model. */
  check({ line, key, body, requestId }, actual) {
    const [method, path] = line.split(" ");
    const expected = this.#respond(method, path, key, body, actual);
    const { status, text } = actual;
    assert.deepEqual({ status, text }, expected, `${this.name}: ${line} ${JSON.stringify(body)}`);
    assert.equal(actual.headers.get("x-request-id"), requestId, this.name);
    this.statuses.add(status);
    this.journal.push({ id: ++this.lastRequest, method, path, status, requestId });
  }

  /** Adds or replaces a scenario. Its rules have `on`, `error`, `times` and `every`. */
  putScenario(name, rules) {
    const scenario = { name, rules: rules.map((rule) => ({ ...rule, matched: 0, fired: 0 })) };
    const position = this.scenarios.findIndex((each) => each.name === name);
    this.scenarios.splice(position < 0 ? this.scenarios.length : position, 1, scenario);
  }

  /** Returns whether the scenario existed. */
  removeScenario(name) {
    const before = this.scenarios.length;
    this.scenarios = this.scenarios.filter((each) => each.name !== name);
    return this.scenarios.length < before;
  }

  #respond(method, path, secret, body, actual) {
    const error = this.#injectedError(method, path);
    if (error) return rejection(error);
    this.keys = this.keys.filter(({ expires_at: end }) => {
      return !end || Date.parse(end) >= this.now - removedAfter;
    });
    const caller = this.keys.find(({ key }) => key === secret);
    if (!caller) return rejection("invalid_api_key");
    if (caller.expires_at && Date.parse(caller.expires_at) < this.now)
      return rejection("expired_key");
    const isLimited = caller.limited_to_apps || caller.limited_to_orgs;
    if (caller.mode !== "all" || isLimited) return rejection("permission_denied");
    if (method === "GET") {
      const own = this.keys.filter(({ user_id }) => user_id === caller.user_id);
      return success({ data: own.map((key) => keyBody(key)) });
    }
    return method === "POST" ? this.#create(caller, body, actual) : this.#remove(caller, path);
  }

  /** The error of the first rule that fires, if there is one. */
  #injectedError(method, path) {
    const call = `${method} ${path.replace(/\d+/, ":id")}`;
    for (const { rules } of this.scenarios) {
      for (const rule of rules) {
        const matches = rule.on === call || rule.on === "* *";
        if (!matches || rule.fired === rule.times) continue;
        if (++rule.matched % (rule.every ?? 1) !== 0) continue;
        ++rule.fired;
        return rule.error;
      }
    }
    return undefined;
  }

  #create(caller, { name, mode, limited_to_apps, expires_at }, actual) {
    if (name === undefined) return rejection("name_required");
    if (!["read", "upload", "write", "all"].includes(mode)) return rejection("invalid_mode");
    const key = {
      ...{ id: this.nextId++, key: this.#secretOf(actual), mode, name },
      ...{ created_at: formatTime(this.now), updated_at: formatTime(this.now) },
      ...{ user_id: caller.user_id, limited_to_apps, expires_at },
    };
    for (const field of ["limited_to_apps", "expires_at"]) if (!key[field]) delete key[field];
    this.keys.push(key);
    return success({ apikey: keyBody(key, { isList: false }) });
  }

  /** Returns the secret of the created key, which must be new or the same as before a reset. */
  #secretOf({ status, text }) {
    assert.equal(status, 200, `${this.name}: ${text}`);
    const { key } = JSON.parse(text).apikey;
    assert.match(key, /^ak_[0-9a-f]{32}$/);
    const known = (this.secrets[this.createdKeys] ??= key);
    assert.equal(this.secrets.indexOf(known), this.createdKeys++, `${this.name}: ${key}`);
    return known;
  }

  #remove(caller, path) {
    const id = Number(/\d+/.exec(path)[0]);
    const key = this.keys.find((each) => each.id === id);
    if (key?.user_id !== caller.user_id) return rejection("key_not_found");
    this.keys.splice(this.keys.indexOf(key), 1);
    return success({ success: true });
  }
}
