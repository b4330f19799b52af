/**
 * What a sandbox with the keys of `keysFile` and a frozen clock must answer: a model of its world,
 * which is told of each request and checks each answer to the last byte. (documented contract)
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { refusal } from "./client.mjs";
import { keysFile } from "./server.mjs";

const fixtures = JSON.parse(readFileSync(keysFile, "utf8")).keys;
const hour = 3_600_000;
const keptAfterExpiry = 30 * 24 * hour;
const errors = {
  expired_key: [401, "API key has expired"],
  invalid_mode: [400, "Invalid mode specified. Must be one of: read, write, upload, all"],
  invalid_api_key: [401, "Invalid API key"],
  key_not_found: [404, "API key not found"],
  name_required: [400, "Name is required"],
  permission_denied: [403, "Insufficient permissions to manage API keys"],
  server_error: [500, "Internal server error"],
};

/** The errors that scenarios of the model may make. */
export const injectable = ["permission_denied", "server_error", "key_not_found"];

function refused(name) {
  const [status, message] = errors[name];
  return { status, text: refusal(message) };
}

function done(value) {
  return { status: 200, text: JSON.stringify(value) };
}

/** A moment as the service writes it; there are whole seconds only. */
export function timeText(milliseconds) {
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}

/** A key as a list shows it, or without `updated_at` as the answer to its create does. */
function shown(key, { isList = true } = {}) {
  const { id, key: secret, mode, name, created_at, updated_at, user_id, ...rest } = key;
  const updated = isList ? { updated_at } : {};
  return { id, key: secret, mode, name, created_at, ...updated, user_id, ...rest };
}

/** A sandbox as it should be. */
export class World {
  /** The secrets of the keys made since the beginning, which come again after each reset. */
  secrets = [];
  /** The statuses that were answered since then. */
  statuses = new Set();

  /** Begins at a time in milliseconds. */
  constructor(name, startsAt) {
    this.name = name;
    this.startsAt = startsAt;
    this.reset();
  }

  reset() {
    this.keys = structuredClone(fixtures);
    this.nextId = Math.max(...this.keys.map(({ id }) => id)) + 1;
    this.made = 0;
    this.now = this.startsAt;
    this.scenarios = [];
    this.journal = [];
    this.lastRequest = 0;
  }

  /** The world's own request, answered: checks the answer, and does what was asked. */
  check({ line, key, body, requestId }, actual) {
    const [method, path] = line.split(" ");
    const expected = this.#answer(method, path, key, body, actual);
    const { status, text } = actual;
    assert.deepEqual({ status, text }, expected, `${this.name}: ${line} ${JSON.stringify(body)}`);
    assert.equal(actual.headers.get("x-request-id"), requestId, this.name);
    this.statuses.add(status);
    this.journal.push({ id: ++this.lastRequest, method, path, status, requestId });
  }

  /** Scenarios, by the name of one: the rules of the model have `on`, `error`, `times`, `every`. */
  putScenario(name, rules) {
    const scenario = { name, rules: rules.map((rule) => ({ ...rule, matched: 0, fired: 0 })) };
    const place = this.scenarios.findIndex((each) => each.name === name);
    this.scenarios.splice(place < 0 ? this.scenarios.length : place, 1, scenario);
  }

  /** Whether there was one. */
  removeScenario(name) {
    const before = this.scenarios.length;
    this.scenarios = this.scenarios.filter((each) => each.name !== name);
    return this.scenarios.length < before;
  }

  #answer(method, path, secret, body, actual) {
    const error = this.#decide(method, path);
    if (error) return refused(error);
    this.keys = this.keys.filter(({ expires_at: end }) => {
      return !end || Date.parse(end) >= this.now - keptAfterExpiry;
    });
    const caller = this.keys.find(({ key }) => key === secret);
    if (!caller) return refused("invalid_api_key");
    if (caller.expires_at && Date.parse(caller.expires_at) < this.now)
      return refused("expired_key");
    const isLimited = caller.limited_to_apps || caller.limited_to_orgs;
    if (caller.mode !== "all" || isLimited) return refused("permission_denied");
    if (method === "GET") {
      const own = this.keys.filter(({ user_id }) => user_id === caller.user_id);
      return done({ data: own.map((key) => shown(key)) });
    }
    return method === "POST" ? this.#create(caller, body, actual) : this.#remove(caller, path);
  }

  /** The error of the first rule that acts, if one does. */
  #decide(method, path) {
    const call = `${method} ${path.replace(/\d+/, ":id")}`;
    for (const { rules } of this.scenarios) {
      for (const rule of rules) {
        const isMeant = rule.on === call || rule.on === "* *";
        if (!isMeant || rule.fired === rule.times) continue;
        if (++rule.matched % (rule.every ?? 1) !== 0) continue;
        ++rule.fired;
        return rule.error;
      }
    }
    return undefined;
  }

  #create(caller, { name, mode, limited_to_apps, expires_at }, actual) {
    if (name === undefined) return refused("name_required");
    if (!["read", "upload", "write", "all"].includes(mode)) return refused("invalid_mode");
    const key = {
      ...{ id: this.nextId++, key: this.#secretOf(actual), mode, name },
      ...{ created_at: timeText(this.now), updated_at: timeText(this.now) },
      ...{ user_id: caller.user_id, limited_to_apps, expires_at },
    };
    for (const field of ["limited_to_apps", "expires_at"]) if (!key[field]) delete key[field];
    this.keys.push(key);
    return done({ apikey: shown(key, { isList: false }) });
  }

  /** The secret of the key just made: a new one, or the one that it was before a reset. */
  #secretOf({ status, text }) {
    assert.equal(status, 200, `${this.name}: ${text}`);
    const { key } = JSON.parse(text).apikey;
    assert.match(key, /^ak_[0-9a-f]{32}$/);
    const known = (this.secrets[this.made] ??= key);
    assert.equal(this.secrets.indexOf(known), this.made++, `${this.name}: ${key} is not new`);
    return known;
  }

  #remove(caller, path) {
    const id = Number(/\d+/.exec(path)[0]);
    const key = this.keys.find((each) => each.id === id);
    if (key?.user_id !== caller.user_id) return refused("key_not_found");
    this.keys.splice(this.keys.indexOf(key), 1);
    return done({ success: true });
  }
}
