/** Answers whose body comes in pieces. A bound from below is exact: nothing comes too early. */
import assert from "node:assert/strict";
import test from "node:test";

import { assertWithin, connect, listText, request, seesList } from "./client.mjs";
import { toldLines } from "./log_lines.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const list = request("GET /apikey/");
const create = request("POST /apikey/", { body: { name: "New", mode: "read" } });
const tenMinutes = 600_000;

/** A server that dribbles every list. */
function serveDribble(t, chunks, milliseconds, rule = {}) {
  return serveRules(t, [{ on: "GET /apikey/", dribble: { chunks, milliseconds }, ...rule }]);
}

/** Checks that no piece of the answer came before its time; the head may come at `start` ms. */
function assertNoneTooEarly(wire, start, chunks, milliseconds) {
  for (const [index, { at }] of wire.pieces.entries()) {
    // Pieces that are read together are one here, so that it is later than due, never earlier.
    const due = start + (index * milliseconds) / chunks;
    assertWithin(at - wire.sentAt, due, due + 5000, `ms until piece ${index}`);
  }
  assert.ok(wire.pieces.length <= chunks + 1, `${wire.pieces.length} pieces`);
  assert.ok(wire.pieces.at(-1).at - wire.sentAt >= start + milliseconds, "the end came too early");
}

test("dribble sends the head at once and the body in 5 pieces over a second", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--scenario", "dribble"]);
  const wire = await connect(t, server);
  wire.send(list);
  await seesList(wire);
  assertNoneTooEarly(wire, 0, 5, 1000);
  assert.ok(wire.pieces.length > 3, "it came all but in one piece");
  await server.sees("stderr", /\n/);
  const line = "- GET /apikey/ 200 dribble, rule 1 (dribble in 5 pieces over 1000 ms)";
  assert.deepEqual(toldLines(server), [line]);
});

test("dribble changes no byte of any call's answer", async (t) => {
  const clock = ["--freeze", "--now", "2024-02-12T00:00:00Z"];
  const bytes = async (...options) => {
    const server = await serve(t, ["--fixtures", keysFile, "--seed", "7", ...clock, ...options]);
    const wire = await connect(t, server);
    wire.send(list + create + request("DELETE /apikey/2/"));
    for (let i = 0; i < 3; ++i) assert.equal((await wire.answer()).status, 200);
    return wire.text;
  };
  assert.equal(await bytes("--scenario", "dribble"), await bytes());
});

test("the pieces are as many as asked for, and the head is none of them", async (t) => {
  const wire = await connect(t, await serveDribble(t, 4, 2000));
  wire.send(list);
  await seesList(wire);
  assertNoneTooEarly(wire, 0, 4, 2000);
  assert.equal(wire.pieces.length, 5);
  const head = wire.text.slice(0, wire.pieces[0].end);
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  assert.match(head, new RegExp(`^Content-Length: ${listText.length}\r$`, "m"));
});

test("a dribbled answer can be late as well", async (t) => {
  const server = await serveDribble(t, 2, 500, { delay: { milliseconds: 500 } });
  const wire = await connect(t, server);
  wire.send(list);
  await seesList(wire);
  assertNoneTooEarly(wire, 500, 2, 500);
  await server.sees("stderr", /\n/);
  const act = "(delay 500 ms, dribble in 2 pieces over 500 ms)";
  assert.deepEqual(toldLines(server), [`- GET /apikey/ 200 own, rule 1 ${act}`]);
});

test("a body of two bytes comes in two pieces, though ten are asked for", async (t) => {
  const server = await serveDribble(t, 10, 1000, { respond: { status: 200, body: "ab" } });
  const wire = await connect(t, server);
  wire.send(list);
  assert.equal((await wire.answer()).text, "ab");
  assertWithin(wire.pieces.length, 1, 3, "pieces");
  assertWithin(wire.pieces.at(-1).at - wire.sentAt, 1000, 5000, "ms until the last piece");
});

test("an answer without a body does not dribble", async (t) => {
  const server = await serveDribble(t, 5, tenMinutes, {});
  const wire = await connect(t, server);
  wire.send(request("HEAD /apikey/"));
  const { status, headers } = await wire.answer({ hasBody: false });
  assert.equal(status, 200);
  assert.equal(headers.get("content-length"), String(listText.length));
  wire.send(create);
  assert.equal((await wire.answer()).status, 200);
});

test("a mebibyte dribbles whole, and the next answer comes after it", async (t) => {
  const body = "0123456789abcdef".repeat(65536);
  const server = await serveDribble(t, 100, 500, { respond: { status: 200, body } });
  const wire = await connect(t, server);
  wire.send(list + create);
  const { status, text, at } = await wire.answer();
  assert.equal(status, 200);
  assert.ok(text === body, "the body is not whole");
  assertWithin(at - wire.sentAt, 500, 10_000, "ms until the end of the body");
  const made = await wire.answer();
  assert.equal(JSON.parse(made.text).apikey.name, "New");
});

test("a dribbled last answer is whole before its connection is closed", async (t) => {
  const wire = await connect(t, await serveDribble(t, 3, 300));
  wire.send(request("GET /apikey/", { headers: { Connection: "close" } }));
  assertWithin((await seesList(wire)) - wire.sentAt, 300, 5000, "ms until the end of the body");
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
});
