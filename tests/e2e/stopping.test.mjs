/** What happens to open connections at a stop, and how long it takes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import {
  assertInRange,
  connect,
  connectMany,
  waitForKeys,
  listBody,
  requestBytes,
  expectList,
} from "./client.mjs";
import { newFolder, serveRules } from "./server.mjs";

const list = requestBytes("GET /apikey/");
/** A second, and time for slow machines. Other time limits are much longer. */
const maxStopTime = 2500;
const milliseconds = 600_000;

/** Rules with delays and faults, selected by the name of the new key or by the query. */
const rules = [
  { on: "GET /apikey/", match: { query: { big: "1" } }, respond: { body: "x".repeat(128 * 1024) } },
  { on: "POST /apikey/", match: { body: { name: "soon" } }, delay: { milliseconds: 700 } },
  { on: "POST /apikey/", match: { body: { name: "later" } }, delay: { milliseconds } },
  { on: "GET /apikey/", match: { query: { hang: "1" } }, fault: "HANG" },
  { on: "GET /apikey/", match: { query: { drip: "1" } }, dribble: { chunks: 500, milliseconds } },
  {
    on: "GET /apikey/",
    match: { query: { drip: "2" } },
    dribble: { chunks: 5, milliseconds: 700 },
  },
];

function create(name) {
  return requestBytes("POST /apikey/", { body: { name, mode: "read" } });
}

/** Stops a server by a signal or by closing its stdin. Returns how long that took. */
async function stopTime(server, how = "SIGTERM") {
  const begin = performance.now();
  if (how === "stdin") server.child.stdin.end();
  const { code, signal, stderr } = await (how === "stdin" ? server.end() : server.stop(how));
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
  return performance.now() - begin;
}

/** Checks that the next response is that of a create, and the last one. Returns the key. */
async function expectCreated(wire, name) {
  const { status, text, at } = await wire.response();
  assert.equal(status, 200);
  assert.ok(at - wire.sentAt >= 700, "it was too early");
  const { apikey } = JSON.parse(text);
  assert.equal(apikey.name, name);
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
  return apikey;
}

/** Checks that connections end without further bytes. */
async function assertClosed(wires) {
  for (const [name, wire] of Object.entries(wires)) {
    await wire.end();
    assert.equal(wire.rest, "", name);
  }
}

/** Opens connections in different states, without responses that are due soon. */
async function connectAllKinds(t, server) {
  const names = ["unused", "idle", "incomplete", "hanging", "later"];
  const open = await connectMany(t, server, names.length);
  const wires = Object.fromEntries(names.map((name, i) => [name, open[i]]));
  wires.idle.send(list);
  await expectList(wires.idle);
  wires.incomplete.send(create("incomplete").slice(0, -1));
  wires.hanging.send(requestBytes("GET /apikey/?hang=1") + list);
  wires.later.send(create("later"));
  await server.waitForOutput("stderr", /fault HANG/);
  await waitForKeys(server, 5);
  return wires;
}

test("SIGTERM sends responses due soon, and exports all changes", async (t) => {
  const file = path.join(newFolder(t), "export.json");
  const server = await serveRules(t, rules, "--export-on-exit", file);
  const wires = await connectAllKinds(t, server);
  const [unread, drip, soon] = await connectMany(t, server, 3);
  unread.socket.pause();
  unread.send(requestBytes("GET /apikey/?big=1").repeat(200)); // Far more than the sockets take.
  drip.send(requestBytes("GET /apikey/?drip=1"));
  await drip.waitFor(() => drip.text.includes("\r\n\r\n"), "the head");
  soon.send(create("soon"));
  await waitForKeys(server, 6);

  assertInRange(await stopTime(server), 0, maxStopTime, "ms until the end");
  const { id, key } = await expectCreated(soon, "soon");
  await assertClosed(wires);
  await drip.end();
  assert.ok(drip.rest.length < listBody.length, "a dribble of ten minutes was complete");

  const { keys } = JSON.parse(readFileSync(file, "utf8"));
  const created = keys.slice(5);
  assert.deepEqual(
    created.map(({ name }) => name),
    ["later", "soon"],
  );
  assert.deepEqual([created[1].id, created[1].key], [id, key]);
});

test("a server without responses due soon stops immediately", async (t) => {
  const times = [];
  for (let i = 0; i < 3; ++i) {
    const server = await serveRules(t, rules);
    const wires = await connectAllKinds(t, server);
    times.push(await stopTime(server));
    await assertClosed(wires);
  }
  // The fastest of three must not have waited for the grace period.
  assertInRange(Math.min(...times), 0, 500, "ms until the end");
});

test("50 creates that are due soon all get their responses and are exported", async (t) => {
  const file = path.join(newFolder(t), "export.json");
  const server = await serveRules(t, rules, "--export-on-exit", file);
  const wires = await connectMany(t, server, 50);
  for (const wire of wires) wire.send(create("soon"));
  await waitForKeys(server, 54);
  assertInRange(await stopTime(server), 0, maxStopTime, "ms until the end");
  const received = [];
  for (const wire of wires) received.push((await expectCreated(wire, "soon")).key);
  const { keys } = JSON.parse(readFileSync(file, "utf8"));
  const exported = keys.filter(({ name }) => name === "soon").map(({ key }) => key);
  assert.deepEqual(exported.sort(), received.sort());
});

test("a response that is due later blocks those after it, not those before it", async (t) => {
  const server = await serveRules(t, rules);
  const [before, behind] = await connectMany(t, server, 2);
  before.send(create("soon") + create("later"));
  behind.send(create("later") + create("soon"));
  await waitForKeys(server, 8);
  assertInRange(await stopTime(server), 0, maxStopTime, "ms until the end");
  await expectCreated(before, "soon");
  await assertClosed({ behind });
});

test("a dribble that ends soon is sent completely", async (t) => {
  const server = await serveRules(t, rules);
  const wire = await connect(t, server);
  wire.send(requestBytes("GET /apikey/?drip=2"));
  await wire.waitFor(() => wire.text.includes("\r\n\r\n"), "the head");
  assertInRange(await stopTime(server), 0, maxStopTime, "ms until the end");
  assert.ok((await expectList(wire)) - wire.sentAt >= 700, "it did not dribble");
  assert.equal(await wire.end(), "FIN");
});

for (const how of ["SIGINT", "SIGHUP", "stdin"]) {
  test(`a stop by ${how} waits for responses due soon, like SIGTERM`, async (t) => {
    const server = await serveRules(t, rules);
    const [soon, later] = await connectMany(t, server, 2);
    soon.send(create("soon"));
    later.send(create("later"));
    await waitForKeys(server, 6);
    assertInRange(await stopTime(server, how), 0, maxStopTime, "ms until the end");
    await expectCreated(soon, "soon");
    await assertClosed({ later });
  });
}

test("more signals during a stop do not interrupt it", async (t) => {
  const file = path.join(newFolder(t), "export.json");
  for (let i = 0; i < 10; ++i) {
    const server = await serveRules(t, rules, "--export-on-exit", file);
    const begin = performance.now();
    while (performance.now() - begin < 100) server.child.kill("SIGTERM");
    await stopTime(server);
    assert.equal(JSON.parse(readFileSync(file, "utf8")).keys.length, 5);
  }
});
