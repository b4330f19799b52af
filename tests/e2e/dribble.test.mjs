/** Responses whose body is sent in chunks. Lower bounds of times are exact. */
import assert from "node:assert/strict";
import test from "node:test";

import { assertInRange, connect, listBody, requestBytes, expectList } from "./client.mjs";
import { logLines } from "./log_lines.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const list = requestBytes("GET /apikey/");
const create = requestBytes("POST /apikey/", { body: { name: "New", mode: "read" } });
const tenMinutes = 600_000;

/** Starts a server that dribbles every list. */
function serveDribble(t, chunks, milliseconds, rule = {}) {
  return serveRules(t, [{ on: "GET /apikey/", dribble: { chunks, milliseconds }, ...rule }]);
}

/** Checks that no chunk arrived too early; the head is due after `start` ms. */
function assertNoneTooEarly(wire, start, chunks, milliseconds) {
  for (const [index, { at }] of wire.chunks.entries()) {
    // Chunks that arrive in one read count as one, so a chunk may seem late, but never early.
    const due = start + (index * milliseconds) / chunks;
    assertInRange(at - wire.sentAt, due, due + 5000, `ms until chunk ${index}`);
  }
  assert.ok(wire.chunks.length <= chunks + 1, `${wire.chunks.length} chunks`);
  assert.ok(wire.chunks.at(-1).at - wire.sentAt >= start + milliseconds, "the end was too early");
}

test("dribble sends the head immediately, and the body in 5 chunks over a second", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--scenario", "dribble"]);
  const wire = await connect(t, server);
  wire.send(list);
  await expectList(wire);
  assertNoneTooEarly(wire, 0, 5, 1000);
  assert.ok(wire.chunks.length > 3, "it did not dribble");
  await server.waitForOutput("stderr", /\n/);
  const line = "- GET /apikey/ 200 dribble, rule 1 (dribble in 5 pieces over 1000 ms)";
  assert.deepEqual(logLines(server), [line]);
});

test("dribble does not change the bytes of a response", async (t) => {
  const clock = ["--freeze", "--now", "2024-02-12T00:00:00Z"];
  const bytes = async (...options) => {
    const server = await serve(t, ["--fixtures", keysFile, "--seed", "7", ...clock, ...options]);
    const wire = await connect(t, server);
    wire.send(list + create + requestBytes("DELETE /apikey/2/"));
    for (let i = 0; i < 3; ++i) assert.equal((await wire.response()).status, 200);
    return wire.text;
  };
  assert.equal(await bytes("--scenario", "dribble"), await bytes());
});

test("the body has the given number of chunks, and the head is separate", async (t) => {
  const wire = await connect(t, await serveDribble(t, 4, 2000));
  wire.send(list);
  await expectList(wire);
  assertNoneTooEarly(wire, 0, 4, 2000);
  assert.equal(wire.chunks.length, 5);
  const head = wire.text.slice(0, wire.chunks[0].end);
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  assert.match(head, new RegExp(`^Content-Length: ${listBody.length}\r$`, "m"));
});

test("a dribbled response can be delayed too", async (t) => {
  const server = await serveDribble(t, 2, 500, { delay: { milliseconds: 500 } });
  const wire = await connect(t, server);
  wire.send(list);
  await expectList(wire);
  assertNoneTooEarly(wire, 500, 2, 500);
  await server.waitForOutput("stderr", /\n/);
  const effect = "(delay 500 ms, dribble in 2 pieces over 500 ms)";
  assert.deepEqual(logLines(server), [`- GET /apikey/ 200 own, rule 1 ${effect}`]);
});

test("a body of two bytes has two chunks, even if ten are configured", async (t) => {
  const server = await serveDribble(t, 10, 1000, { respond: { status: 200, body: "ab" } });
  const wire = await connect(t, server);
  wire.send(list);
  assert.equal((await wire.response()).text, "ab");
  assertInRange(wire.chunks.length, 1, 3, "chunks");
  assertInRange(wire.chunks.at(-1).at - wire.sentAt, 1000, 5000, "ms until the last chunk");
});

test("a response without a body does not dribble", async (t) => {
  const server = await serveDribble(t, 5, tenMinutes, {});
  const wire = await connect(t, server);
  wire.send(requestBytes("HEAD /apikey/"));
  const { status, headers } = await wire.response({ hasBody: false });
  assert.equal(status, 200);
  assert.equal(headers.get("content-length"), String(listBody.length));
  wire.send(create);
  assert.equal((await wire.response()).status, 200);
});

test("a body of 1 MiB dribbles completely, before the next response", async (t) => {
  const body = "0123456789abcdef".repeat(65536);
  const server = await serveDribble(t, 100, 500, { respond: { status: 200, body } });
  const wire = await connect(t, server);
  wire.send(list + create);
  const { status, text, at } = await wire.response();
  assert.equal(status, 200);
  assert.ok(text === body, "the body is incomplete");
  assertInRange(at - wire.sentAt, 500, 10_000, "ms until the end of the body");
  const created = await wire.response();
  assert.equal(JSON.parse(created.text).apikey.name, "New");
});

test("a dribbled response is complete before its connection is closed", async (t) => {
  const wire = await connect(t, await serveDribble(t, 3, 300));
  wire.send(requestBytes("GET /apikey/", { headers: { Connection: "close" } }));
  assertInRange((await expectList(wire)) - wire.sentAt, 300, 5000, "ms until the end of the body");
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
});
