/** Clients of the service: fetch, curl, and a TCP connection. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";

import { cleanUp, keysFile, maxWait, run } from "./server.mjs";

/**
 * Sends a request with fetch: `send(server, "POST /apikey/", { key: "ak_123", body: { ... } })`.
 * A body that is not a string is sent as JSON. Returns status, headers and the body as text.
 */
export async function send(server, line, { key, body, headers = {} } = {}) {
  const [method, path] = line.split(" ");
  try {
    const response = await fetch(server.url + path, {
      method,
      headers: key === undefined ? headers : { authorization: key, ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(maxWait),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (failure) {
    const why = failure.cause?.message ?? failure.message;
    throw new Error(`no response to ${line}: ${why}; the server's log: ${server.stderr}`);
  }
}

/** The body of an error in the documented contract. */
export function errorBody(error) {
  return JSON.stringify({ error, status: "KO" });
}

/** The keys that a caller can list. */
export async function listKeys(server, key = "ak_123") {
  const { status, text } = await send(server, "GET /apikey/", { key });
  assert.equal(status, 200, text);
  return JSON.parse(text).data;
}

/** Waits until there are `count` keys, and returns them. */
export async function waitForKeys(server, count) {
  const deadline = performance.now() + maxWait;
  for (;;) {
    const keys = await listKeys(server);
    if (keys.length === count) return keys;
    assert.ok(performance.now() < deadline, `there are ${keys.length} keys, expected ${count}`);
  }
}

export async function createKey(server, name, { mode = "read", key = "ak_123" } = {}) {
  const { status, text } = await send(server, "POST /apikey/", { key, body: { name, mode } });
  assert.equal(status, 200, text);
  return JSON.parse(text).apikey;
}

/** Sends a request with curl. Returns status, headers and the body as text. */
export async function curl(...args) {
  const limit = ["--max-time", String(maxWait / 1000)];
  const { code, stdout, stderr } = await run("curl", ["-sS", "-i", ...limit, ...args]);
  assert.equal(code, 0, `curl ${args.join(" ")}: ${stderr}`);
  const end = stdout.indexOf("\r\n\r\n");
  const [first, ...lines] = stdout.slice(0, end).split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/:\s*(.*)/s, 2)));
  return { status: Number(first.split(" ")[1]), headers, text: stdout.slice(end + 4) };
}

/** The list of keys in `keysFile` that `ak_123` gets: documented contract, sections 4 and 5. */
export const listBody = JSON.stringify({
  data: JSON.parse(readFileSync(keysFile, "utf8"))
    .keys.filter(({ user_id }) => user_id === "user_123")
    .map(({ id, key, mode, name, created_at, updated_at, user_id, ...limits }) => {
      return { id, key, mode, name, created_at, updated_at, user_id, ...limits };
    }),
});

/** The bytes of a request; a body that is not a string is sent as JSON. */
export function requestBytes(line, { key = "ak_123", headers = {}, body } = {}) {
  const text = body === undefined || typeof body === "string" ? (body ?? "") : JSON.stringify(body);
  const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(text) };
  const fields = { Host: "127.0.0.1", Authorization: key, ...length, ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}\r\n${text}`;
}

/** The response that begins at `start`, or null if it is incomplete. */
function parseResponse(text, start, hasBody) {
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

/** A TCP connection. A byte is a character, and times are those of `performance.now()`. */
export class Wire {
  /** Everything received. */
  text = "";
  /** When it was received: at the time `at`, `text` had the length `end`. */
  chunks = [];
  /** When bytes were last sent. */
  sentAt = 0;
  /** How the connection ended: `FIN`, an error code such as `ECONNRESET`, or by the test. */
  ending = null;
  #consumed = 0;
  #listeners = new Set();

  constructor(server, socket) {
    this.server = server;
    this.socket = socket;
    socket.on("data", (bytes) => {
      this.text += bytes.toString("latin1");
      this.chunks.push({ at: performance.now(), end: this.text.length });
      for (const listener of this.#listeners) listener();
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

  /** Calls a function whenever bytes arrive, until it returns something, and returns that. */
  async waitFor(find, what) {
    let listener;
    const found = new Promise((resolve, reject) => {
      listener = () => {
        const result = find();
        if (result) resolve(result);
      };
      this.#listeners.add(listener);
      this.closed.then((how) => reject(this.server.failure(`${how} before ${what}: ${this.text}`)));
      listener();
    });
    return this.server.withTimeout(found, what).finally(() => this.#listeners.delete(listener));
  }

  /**
   * The next response: status, headers, body as text, and when its last byte arrived. A response to
   * HEAD has no body.
   */
  async response({ hasBody = true } = {}) {
    const find = () => parseResponse(this.text, this.#consumed, hasBody);
    const { end, ...response } = await this.waitFor(find, "a response");
    this.#consumed = end;
    return { ...response, at: this.chunks.find((chunk) => chunk.end >= end).at };
  }

  /** Everything received after the responses that were read. */
  get rest() {
    return this.text.slice(this.#consumed);
  }

  /** Waits for the end of the connection, and returns how it ended. */
  end() {
    return this.server.withTimeout(this.closed, `the end of a connection, after: ${this.text}`);
  }
}

/** Connects to a server. The connection is closed after the test. */
export async function connect(t, server) {
  const { hostname, port } = new URL(server.url);
  const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
  const wire = new Wire(server, socket);
  cleanUp(t, () => socket.destroy());
  await server.withTimeout(once(socket, "connect"), "a connection");
  return wire;
}

/** Opens `count` connections at the same time. */
export function connectMany(t, server, count) {
  return Promise.all(Array.from({ length: count }, () => connect(t, server)));
}

/** Checks that the next response is the list of keys. Returns the time at which it arrived. */
export async function expectList(wire) {
  const { status, text, at } = await wire.response();
  assert.deepEqual({ status, text }, { status: 200, text: listBody });
  return at;
}

/** The headers that web pages may read. (documented contract, section 12, "exposed headers") */
export const exposedHeaders =
  "X-Request-Id, Retry-After, X-RateLimit-Reset, X-Mock-Contract, X-Mock-Reason, X-Mock-Hint";

/**
 * Checks that the next response is a rejection by the transport with this status line, such as
 * `408 Request Timeout`, and the last one. Returns its reason.
 */
export async function expectRejection(wire, status) {
  const response = await wire.response();
  const { "x-mock-reason": reason, date, ...headers } = Object.fromEntries(response.headers);
  assert.match(date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  assert.match(headers["x-request-id"], /^[0-9a-f-]{36}$/);
  assert.ok(wire.text.includes(`HTTP/1.1 ${status}\r\n`), wire.text);
  assert.match(reason, /^[A-Z].*\.$/);
  assert.equal(response.text, JSON.stringify({ error: reason }));
  assert.deepEqual(headers, {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": exposedHeaders,
    "x-mock-contract": "documented",
    "x-request-id": headers["x-request-id"],
    connection: "close",
    "content-length": String(response.text.length),
    "content-type": "application/json",
  });
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
  return reason;
}

export function assertInRange(number, min, max, what) {
  assert.ok(number >= min && number <= max, `${what}: ${number}, not ${min} to ${max}`);
}

/** Lists the keys 200 times over one connection. Returns the median response time. */
export async function medianListTime(t, server) {
  const wire = await connect(t, server);
  const times = [];
  for (let i = 0; i < 200; ++i) {
    wire.send(requestBytes("GET /apikey/"));
    times.push((await expectList(wire)) - wire.sentAt);
  }
  return times.sort((a, b) => a - b)[100];
}
