/** What a stop does to open connections, and how long it may take. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import {
  assertWithin,
  connect,
  connectMany,
  listKeysOnce,
  listText,
  request,
  seesList,
} from "./client.mjs";
import { folderFor, serveRules } from "./server.mjs";

const list = request("GET /apikey/");
/** A second and what a slow machine adds; far from every other time a server might wait. */
const stopsWithin = 2500;
const milliseconds = 600_000;

/** Rules that hold back what asks for it by the name of its new key, or by its query. */
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
  return request("POST /apikey/", { body: { name, mode: "read" } });
}

/** Stops a server by a signal, or by closing its stdin, and gives how long that took. */
async function stopTime(server, how = "SIGTERM") {
  const begin = performance.now();
  if (how === "stdin") server.child.stdin.end();
  const { code, signal, stderr } = await (how === "stdin" ? server.end() : server.stop(how));
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr);
  return performance.now() - begin;
}

/** Checks that the next answer is that of a create, that it is the last, and gives its key. */
async function seesCreated(wire, name) {
  const { status, text, at } = await wire.answer();
  assert.equal(status, 200);
  assert.ok(at - wire.sentAt >= 700, "it came before it was due");
  const { apikey } = JSON.parse(text);
  assert.equal(apikey.name, name);
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
  return apikey;
}

/** Checks that connections end without a byte beyond what was looked at. */
async function assertCutOff(wires) {
  for (const [name, wire] of Object.entries(wires)) {
    await wire.end();
    assert.equal(wire.rest, "", name);
  }
}

/** Clients that wait for nothing that is due; `unread` and `drip` have more coming. */
async function connectAllKinds(t, server) {
  const names = ["fresh", "idle", "torn", "hanging", "later"];
  const open = await connectMany(t, server, names.length);
  const wires = Object.fromEntries(names.map((name, i) => [name, open[i]]));
  wires.idle.send(list);
  await seesList(wires.idle);
  wires.torn.send(create("torn").slice(0, -1));
  wires.hanging.send(request("GET /apikey/?hang=1") + list);
  wires.later.send(create("later"));
  await server.sees("stderr", /fault HANG/);
  await listKeysOnce(server, 5);
  return wires;
}

test("SIGTERM: what is due soon is answered, the rest cut off, and all is exported", async (t) => {
  const file = path.join(folderFor(t), "export.json");
  const server = await serveRules(t, rules, "--export-on-exit", file);
  const wires = await connectAllKinds(t, server);
  const [unread, drip, soon] = await connectMany(t, server, 3);
  unread.socket.pause();
  unread.send(request("GET /apikey/?big=1").repeat(200)); // Far more than the sockets take.
  drip.send(request("GET /apikey/?drip=1"));
  await drip.sees(() => drip.text.includes("\r\n\r\n"), "the head");
  soon.send(create("soon"));
  await listKeysOnce(server, 6);

  assertWithin(await stopTime(server), 0, stopsWithin, "ms until the end");
  const { id, key } = await seesCreated(soon, "soon");
  await assertCutOff(wires);
  await drip.end();
  assert.ok(drip.rest.length < listText.length, "a dribble of ten minutes came whole");

  const { keys } = JSON.parse(readFileSync(file, "utf8"));
  const made = keys.slice(5);
  assert.deepEqual(
    made.map(({ name }) => name),
    ["later", "soon"],
  );
  assert.deepEqual([made[1].id, made[1].key], [id, key]);
});

test("a server with nothing under way stops at once", async (t) => {
  const times = [];
  for (let i = 0; i < 3; ++i) {
    const server = await serveRules(t, rules);
    const wires = await connectAllKinds(t, server);
    times.push(await stopTime(server));
    await assertCutOff(wires);
  }
  // The quickest of three tells it from one that waits for its grace to end.
  assertWithin(Math.min(...times), 0, 500, "ms until the end");
});

test("50 creates that are due soon are all answered and exported", async (t) => {
  const file = path.join(folderFor(t), "export.json");
  const server = await serveRules(t, rules, "--export-on-exit", file);
  const wires = await connectMany(t, server, 50);
  for (const wire of wires) wire.send(create("soon"));
  await listKeysOnce(server, 54);
  assertWithin(await stopTime(server), 0, stopsWithin, "ms until the end");
  const told = [];
  for (const wire of wires) told.push((await seesCreated(wire, "soon")).key);
  const { keys } = JSON.parse(readFileSync(file, "utf8"));
  const kept = keys.filter(({ name }) => name === "soon").map(({ key }) => key);
  assert.deepEqual(kept.sort(), told.sort());
});

test("an answer that is due later holds back those behind it, not those before it", async (t) => {
  const server = await serveRules(t, rules);
  const [before, behind] = await connectMany(t, server, 2);
  before.send(create("soon") + create("later"));
  behind.send(create("later") + create("soon"));
  await listKeysOnce(server, 8);
  assertWithin(await stopTime(server), 0, stopsWithin, "ms until the end");
  await seesCreated(before, "soon");
  await assertCutOff({ behind });
});

test("a dribble that ends soon comes whole", async (t) => {
  const server = await serveRules(t, rules);
  const wire = await connect(t, server);
  wire.send(request("GET /apikey/?drip=2"));
  await wire.sees(() => wire.text.includes("\r\n\r\n"), "the head");
  assertWithin(await stopTime(server), 0, stopsWithin, "ms until the end");
  assert.ok((await seesList(wire)) - wire.sentAt >= 700, "it did not dribble");
  assert.equal(await wire.end(), "FIN");
});

for (const how of ["SIGINT", "SIGHUP", "stdin"]) {
  test(`a stop by ${how} waits for what is due as SIGTERM does`, async (t) => {
    const server = await serveRules(t, rules);
    const [soon, later] = await connectMany(t, server, 2);
    soon.send(create("soon"));
    later.send(create("later"));
    await listKeysOnce(server, 6);
    assertWithin(await stopTime(server, how), 0, stopsWithin, "ms until the end");
    await seesCreated(soon, "soon");
    await assertCutOff({ later });
  });
}

test("more signals while it stops do not make the stop an unclean one", async (t) => {
  const file = path.join(folderFor(t), "export.json");
  for (let i = 0; i < 10; ++i) {
    const server = await serveRules(t, rules, "--export-on-exit", file);
    const begin = performance.now();
    while (performance.now() - begin < 100) server.child.kill("SIGTERM");
    await stopTime(server);
    assert.equal(JSON.parse(readFileSync(file, "utf8")).keys.length, 5);
  }
});
