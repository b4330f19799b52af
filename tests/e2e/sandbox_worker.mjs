/** Makes random requests to a sandbox, and checks the responses with a model of it. */
import assert from "node:assert/strict";

import { requestBytes } from "./client.mjs";
import { formatTime, injectable, SandboxModel } from "./sandbox_model.mjs";

const hour = 3_600_000;

/** A generator of repeatable numbers from 0 to 1. (mulberry32) */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The actions of a worker, and how many percent of all they are. */
const actions = {
  list: 22,
  create: 24,
  remove: 12,
  putScenario: 6,
  removeScenario: 3,
  listScenarios: 5,
  advance: 7,
  getClock: 4,
  readState: 4,
  readJournal: 5,
  verify: 5,
  reset: 3,
};

export class Worker {
  #random;
  #wire;
  #requests = 0;

  /** `wire` is a Wire of client.mjs. */
  constructor(name, seed, startsAt, wire) {
    this.model = new SandboxModel(name, startsAt);
    this.#random = randomNumbers(seed);
    this.#wire = wire;
  }

  /** Makes this many requests, and checks each response. */
  async run(requests) {
    this.begin = performance.now();
    while (this.#requests < requests) await this[this.#pickAction()]();
    this.end = performance.now();
  }

  #pickAction() {
    const sum = Object.values(actions).reduce((a, b) => a + b);
    let number = this.#random() * sum;
    return Object.keys(actions).find((action) => (number -= actions[action]) < 0);
  }

  #number(min, max) {
    return min + Math.floor(this.#random() * (max - min + 1));
  }

  #pick(list) {
    return list[this.#number(0, list.length - 1)];
  }

  async #send(line, { key, body, requestId } = {}) {
    const [method, path] = line.split(" ");
    const headers = requestId ? { "X-Request-Id": requestId } : {};
    const options = { key: key ?? "none", headers, body };
    this.#wire.send(requestBytes(`${method} /sandbox/${this.model.name}${path}`, options));
    ++this.#requests;
    return this.#wire.response();
  }

  async #request(line, key, body) {
    const requestId = `${this.model.name}-${this.#requests}`;
    const actual = await this.#send(line, { key, body, requestId });
    this.model.check({ line, key, body, requestId }, actual);
  }

  /** Makes a control call that must have this status. */
  async #control(line, body, status = 200) {
    const response = await this.#send(line, { body });
    assert.equal(response.status, status, `${this.model.name}: ${line}: ${response.text}`);
    return JSON.parse(response.text);
  }

  /** Mostly the main key, sometimes one that is not allowed, deleted or unknown. */
  #caller() {
    if (this.#random() < 0.7) return "ak_123";
    const others = ["ak_456", "ak_other", "ak_partner", "ak_unknown"];
    return this.#pick([...others, ...this.model.secrets, ...this.model.secrets]);
  }

  list() {
    return this.#request("GET /apikey/", this.#caller());
  }

  create() {
    const body = { name: `by ${this.model.name}`, mode: this.#pick(["read", "all", "all"]) };
    if (this.#random() < 0.1) body.mode = "reed";
    if (this.#random() < 0.1) delete body.name;
    if (this.#random() < 0.2) body.limited_to_apps = ["com.demo.app"];
    if (this.#random() < 0.5) {
      body.expires_at = formatTime(this.model.now + this.#number(1, 48) * hour);
    }
    return this.#request("POST /apikey/", this.#caller(), body);
  }

  /** Never deletes the main key. */
  remove() {
    return this.#request(`DELETE /apikey/${this.#number(2, this.model.nextId)}/`, this.#caller());
  }

  async putScenario() {
    const name = this.#pick(["first", "second"]);
    const calls = ["GET /apikey/", "POST /apikey/", "DELETE /apikey/:id/", "* *"];
    const rules = Array.from({ length: this.#number(1, 3) }, () => {
      const error = this.#pick(injectable);
      return { on: this.#pick(calls), error, times: this.#number(1, 4), every: this.#number(1, 3) };
    });
    this.model.putScenario(name, rules);
    const put = await this.#control(`PUT /__admin/scenarios/${name}`, { rules });
    assert.equal(put.name, name);
  }

  async removeScenario() {
    const name = this.#pick(["first", "second"]);
    const status = this.model.removeScenario(name) ? 200 : 404;
    await this.#control(`DELETE /__admin/scenarios/${name}`, undefined, status);
  }

  async listScenarios() {
    const { scenarios } = await this.#control("GET /__admin/scenarios");
    const counts = (all) => {
      return all.map(({ name, rules }) => {
        return { name, rules: rules.map(({ on, matched, fired }) => ({ on, matched, fired })) };
      });
    };
    assert.deepEqual(counts(scenarios), counts(this.model.scenarios), this.model.name);
  }

  async advance() {
    const hours = this.#pick([1, 5, 24, 24 * 31]);
    this.model.now += hours * hour;
    const expected = { now: formatTime(this.model.now), frozen: true };
    const clock = await this.#control("POST /__admin/clock/advance", { by: `${hours}h` });
    assert.deepEqual(clock, expected, this.model.name);
  }

  async getClock() {
    const clock = await this.#control("GET /__admin/clock");
    assert.deepEqual(clock, { now: formatTime(this.model.now), frozen: true }, this.model.name);
  }

  async readState() {
    const { keys } = await this.#control("GET /__admin/state");
    const brief = (all) => all.map(({ id, key, mode, name }) => ({ id, key, mode, name }));
    assert.deepEqual(brief(keys), brief(this.model.keys), this.model.name);
  }

  async readJournal() {
    const limit = this.#number(1, 20);
    const { requests, dropped } = await this.#control(`GET /__admin/requests?limit=${limit}`);
    const received = requests.map(({ id, method, path, status, headers }) => {
      return { id, method, path, status, requestId: headers["X-Request-Id"] };
    });
    assert.deepEqual(received, this.model.journal.slice(-limit), this.model.name);
    assert.equal(dropped, 0);
  }

  async verify() {
    const method = this.#pick(["GET", "POST", "DELETE"]);
    const exactly = this.model.journal.filter((each) => each.method === method).length;
    const body = { on: `${method} *`, count: { exactly } };
    const verified = await this.#control("POST /__admin/verify", body);
    assert.deepEqual(verified, { verified: true, count: exactly }, this.model.name);
  }

  async reset() {
    this.model.reset();
    assert.deepEqual(await this.#control("POST /__admin/reset"), { status: "reset" });
  }
}
