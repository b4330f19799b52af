/** A worker of a test suite, who lives in a sandbox and watches that nobody else does. */
import assert from "node:assert/strict";

import { request } from "./client.mjs";
import { injectable, timeText, World } from "./world_model.mjs";

const hour = 3_600_000;

/** Numbers from 0 to 1, always the same of the same seed. (mulberry32) */
export function chanceOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a worker may do, and how many of each hundred times. */
const habits = {
  list: 22,
  create: 24,
  remove: 12,
  putScenario: 6,
  removeScenario: 3,
  listScenarios: 5,
  advance: 7,
  tellTime: 4,
  readState: 4,
  readJournal: 5,
  verify: 5,
  reset: 3,
};

export class Worker {
  #chance;
  #wire;
  #asked = 0;

  /** Uses a connection (client.mjs's Wire) of its own. */
  constructor(name, seed, startsAt, wire) {
    this.world = new World(name, startsAt);
    this.#chance = chanceOf(seed);
    this.#wire = wire;
  }

  /** Makes so many requests one after the other, and checks each answer. */
  async live(requests) {
    this.begin = performance.now();
    while (this.#asked < requests) await this[this.#pickHabit()]();
    this.end = performance.now();
  }

  #pickHabit() {
    const sum = Object.values(habits).reduce((a, b) => a + b);
    let number = this.#chance() * sum;
    return Object.keys(habits).find((habit) => (number -= habits[habit]) < 0);
  }

  #number(least, greatest) {
    return least + Math.floor(this.#chance() * (greatest - least + 1));
  }

  #one(list) {
    return list[this.#number(0, list.length - 1)];
  }

  async #send(line, { key, body, requestId } = {}) {
    const [method, path] = line.split(" ");
    const headers = requestId ? { "X-Request-Id": requestId } : {};
    const options = { key: key ?? "none", headers, body };
    this.#wire.send(request(`${method} /sandbox/${this.world.name}${path}`, options));
    ++this.#asked;
    return this.#wire.answer();
  }

  async #ask(line, key, body) {
    const requestId = `${this.world.name}-${this.#asked}`;
    const actual = await this.#send(line, { key, body, requestId });
    this.world.check({ line, key, body, requestId }, actual);
  }

  /** A control call that must succeed. */
  async #control(line, body, status = 200) {
    const answer = await this.#send(line, { body });
    assert.equal(answer.status, status, `${this.world.name}: ${line}: ${answer.text}`);
    return JSON.parse(answer.text);
  }

  /** Mostly the main key; at times one that may not, is deleted, or is not there. */
  #caller() {
    if (this.#chance() < 0.7) return "ak_123";
    const others = ["ak_456", "ak_other", "ak_partner", "ak_unknown"];
    return this.#one([...others, ...this.world.secrets, ...this.world.secrets]);
  }

  list() {
    return this.#ask("GET /apikey/", this.#caller());
  }

  create() {
    const body = { name: `${this.world.name} made this`, mode: this.#one(["read", "all", "all"]) };
    if (this.#chance() < 0.1) body.mode = "reed";
    if (this.#chance() < 0.1) delete body.name;
    if (this.#chance() < 0.2) body.limited_to_apps = ["com.demo.app"];
    if (this.#chance() < 0.5) {
      body.expires_at = timeText(this.world.now + this.#number(1, 48) * hour);
    }
    return this.#ask("POST /apikey/", this.#caller(), body);
  }

  /** The main key stays. */
  remove() {
    return this.#ask(`DELETE /apikey/${this.#number(2, this.world.nextId)}/`, this.#caller());
  }

  async putScenario() {
    const name = this.#one(["first", "second"]);
    const calls = ["GET /apikey/", "POST /apikey/", "DELETE /apikey/:id/", "* *"];
    const rules = Array.from({ length: this.#number(1, 3) }, () => {
      const error = this.#one(injectable);
      return { on: this.#one(calls), error, times: this.#number(1, 4), every: this.#number(1, 3) };
    });
    this.world.putScenario(name, rules);
    const put = await this.#control(`PUT /__admin/scenarios/${name}`, { rules });
    assert.equal(put.name, name);
  }

  async removeScenario() {
    const name = this.#one(["first", "second"]);
    const status = this.world.removeScenario(name) ? 200 : 404;
    await this.#control(`DELETE /__admin/scenarios/${name}`, undefined, status);
  }

  async listScenarios() {
    const { scenarios } = await this.#control("GET /__admin/scenarios");
    const counts = (all) => {
      return all.map(({ name, rules }) => {
        return { name, rules: rules.map(({ on, matched, fired }) => ({ on, matched, fired })) };
      });
    };
    assert.deepEqual(counts(scenarios), counts(this.world.scenarios), this.world.name);
  }

  async advance() {
    const hours = this.#one([1, 5, 24, 24 * 31]);
    this.world.now += hours * hour;
    const expected = { now: timeText(this.world.now), frozen: true };
    const clock = await this.#control("POST /__admin/clock/advance", { by: `${hours}h` });
    assert.deepEqual(clock, expected, this.world.name);
  }

  async tellTime() {
    const clock = await this.#control("GET /__admin/clock");
    assert.deepEqual(clock, { now: timeText(this.world.now), frozen: true }, this.world.name);
  }

  async readState() {
    const { keys } = await this.#control("GET /__admin/state");
    const brief = (all) => all.map(({ id, key, mode, name }) => ({ id, key, mode, name }));
    assert.deepEqual(brief(keys), brief(this.world.keys), this.world.name);
  }

  async readJournal() {
    const limit = this.#number(1, 20);
    const { requests, dropped } = await this.#control(`GET /__admin/requests?limit=${limit}`);
    const told = requests.map(({ id, method, path, status, headers }) => {
      return { id, method, path, status, requestId: headers["X-Request-Id"] };
    });
    assert.deepEqual(told, this.world.journal.slice(-limit), this.world.name);
    assert.equal(dropped, 0);
  }

  async verify() {
    const method = this.#one(["GET", "POST", "DELETE"]);
    const exactly = this.world.journal.filter((each) => each.method === method).length;
    const body = { on: `${method} *`, count: { exactly } };
    const verified = await this.#control("POST /__admin/verify", body);
    assert.deepEqual(verified, { verified: true, count: exactly }, this.world.name);
  }

  async reset() {
    this.world.reset();
    assert.deepEqual(await this.#control("POST /__admin/reset"), { status: "reset" });
  }
}
