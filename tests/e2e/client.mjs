/** Clients of the service: fetch and curl, as users have them, and a bare connection. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";

import { afterwards, keysFile, patience, run } from "./server.mjs";

/**
 * Asks a server with fetch: `ask(server, "POST /apikey/", { key: "ak_123", body: { ... } })`.
 * A body that is no string is sent as JSON. Gives status, headers and the body's text.
 */
export async function ask(server, line, { key, body, headers = {} } = {}) {
  const [method, path] = line.split(" ");
  try {
    const response = await fetch(server.url + path, {
      method,
      headers: key === undefined ? headers : { authorization: key, ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (failure) {
    const why = failure.cause?.message ?? failure.message;
    throw new Error(`no answer to ${line}: ${why}; the server says: ${server.stderr}`);
  }
}

/** What the service answers when it refuses. */
export function refusal(error) {
  return JSON.stringify({ error, status: "KO" });
}

/** The keys that a caller is shown. */
export async function listKeys(server, key = "ak_123") {
  const { status, text } = await ask(server, "GET /apikey/", { key });
  assert.equal(status, 200, text);
  return JSON.parse(text).data;
}

/** The caller's keys as soon as there are `count` of them. */
export async function listKeysOnce(server, count) {
  const giveUpAt = performance.now() + patience;
  for (;;) {
    const keys = await listKeys(server);
    if (keys.length === count) return keys;
    assert.ok(performance.now() < giveUpAt, `there are ${keys.length} keys, never ${count}`);
  }
}

/** Makes a key as a caller. */
export async function createKey(server, name, { mode = "read", key = "ak_123" } = {}) {
  const { status, text } = await ask(server, "POST /apikey/", { key, body: { name, mode } });
  assert.equal(status, 200, text);
  return JSON.parse(text).apikey;
}

/** Asks with curl. Gives status, headers (names in lower case) and the body's text. */
export async function curl(...args) {
  const limit = ["--max-time", String(patience / 1000)];
  const { code, stdout, stderr } = await run("curl", ["-sS", "-i", ...limit, ...args]);
  assert.equal(code, 0, `curl ${args.join(" ")}: ${stderr}`);
  const end = stdout.indexOf("\r\n\r\n");
  const [first, ...lines] = stdout.slice(0, end).split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/:\s*(.*)/s, 2)));
  return { status: Number(first.split(" ")[1]), headers, text: stdout.slice(end + 4) };
}

/** What `ak_123` is shown of the keys in `keysFile`: documented contract, sections 4 and 5. */
export const listText = JSON.stringify({
  data: JSON.parse(readFileSync(keysFile, "utf8"))
    .keys.filter(({ user_id }) => user_id === "user_123")
    .map(({ id, key, mode, name, created_at, updated_at, user_id, ...limits }) => {
      return { id, key, mode, name, created_at, updated_at, user_id, ...limits };
    }),
});

/** A request as it stands on the wire; a body that is no string is sent as JSON. */
export function request(line, { key = "ak_123", headers = {}, body } = {}) {
  const text = body === undefined || typeof body === "string" ? (body ?? "") : JSON.stringify(body);
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(text) };
  const fields = { Host: "127.0.0.1", Authorization: key, ...length, ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}\r\n${text}`;
}

/** The answer that begins at `start`, as far as it is there; else null. */
function readAnswer(text, start, hasBody) {
  const headEnd = text.indexOf("\r\n\r\n", start);
  if (headEnd < 0) return null;
  const [first, ...lines] = text.slice(start, headEnd).split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/:\s*(.*)/s, 2)));
  const begin = headEnd + 4;
  const end = begin + (hasBody ? Number(headers.get("content-length") ?? 0) : 0);
  if (text.length < end) return null;
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  return { status, headers, text: text.slice(begin, end), end };
}

/** A connection seen byte by byte (a byte is a character); times are `performance.now()`'s. */
export class Wire {
  /** All that came. */
  text = "";
  /** What came when: at the time `at` the text reached to `end`. */
  pieces = [];
  /** When bytes were last handed over for sending. */
  sentAt = 0;
  /** How the connection ended: `FIN`, an error's code such as `ECONNRESET`, or by the test. */
  ending = null;
  #taken = 0;
  #waiting = new Set();

  constructor(server, socket) {
    this.server = server;
    this.socket = socket;
    socket.on("data", (bytes) => {
      this.text += bytes.toString("latin1");
      this.pieces.push({ at: performance.now(), end: this.text.length });
      for (const look of this.#waiting) look();
    });
    socket.on("end", () => (this.ending ??= "FIN"));
    socket.on("error", ({ code }) => (this.ending ??= code));
    this.closed = new Promise((resolve) => {
      socket.once("close", () => resolve((this.ending ??= "closed by the test")));
    });
  }

  send(bytes) {
    this.sentAt = performance.now();
    this.socket.write(bytes, "latin1");
  }

  /** Waits until a function, called whenever bytes come, gives something; gives that. */
  async sees(find, what) {
    let look;
    const found = new Promise((resolve, reject) => {
      look = () => {
        const it = find();
        if (it) resolve(it);
      };
      this.#waiting.add(look);
      this.closed.then((how) => reject(this.server.failure(`${how} before ${what}: ${this.text}`)));
      look();
    });
    return this.server.within(found, what).finally(() => this.#waiting.delete(look));
  }

  /**
   * The next answer: status, headers, the body's text, and when its last byte was there. Of an
   * answer to HEAD say that it has no body.
   */
  async answer({ hasBody = true } = {}) {
    const find = () => readAnswer(this.text, this.#taken, hasBody);
    const { end, ...answer } = await this.sees(find, "an answer");
    this.#taken = end;
    return { ...answer, at: this.pieces.find((piece) => piece.end >= end).at };
  }

  /** What came after the answers that were looked at. */
  get rest() {
    return this.text.slice(this.#taken);
  }

  /** Waits for the end of the connection; says how it came. */
  end() {
    return this.server.within(this.closed, `the end of a connection, after: ${this.text}`);
  }
}

/** A new connection to a server; it is closed after the test. */
export async function connect(t, server) {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
  const wire = new Wire(server, socket);
  afterwards(t, () => socket.destroy());
  await server.within(once(socket, "connect"), "a connection");
  return wire;
}

/** Connects `count` times at once. */
export function connectMany(t, server, count) {
  return Promise.all(Array.from({ length: count }, () => connect(t, server)));
}

/** Checks that the next answer is the list of keys. Gives the time at which it was there. */
export async function seesList(wire) {
  const { status, text, at } = await wire.answer();
  assert.deepEqual({ status, text }, { status: 200, text: listText });
  return at;
}

/** Checks a time, or any number, against what it may be at least and at most. */
export function assertWithin(number, least, most, what) {
  assert.ok(number >= least && number <= most, `${what}: ${number}, not ${least} to ${most}`);
}

/** Lists the keys 200 times in a row over one connection; gives the median time of an answer. */
export async function medianListTime(t, server) {
  const wire = await connect(t, server);
  const times = [];
  for (let i = 0; i < 200; ++i) {
    wire.send(request("GET /apikey/"));
    times.push((await seesList(wire)) - wire.sentAt);
  }
  return times.sort((a, b) => a - b)[100];
}
