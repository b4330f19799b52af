/** Worlds of their own below /sandbox/NAME: nothing one does is seen in another. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import path from "node:path";
import test from "node:test";

import { ask, connect, connectMany, createKey, listKeys, listText, request } from "./client.mjs";
import { assertControlRefusal, control, sandboxOf } from "./control.mjs";
import { Worker } from "./sandbox_worker.mjs";
import { folderFor, keysFile, serve, serveRules } from "./server.mjs";

const startsAt = "2024-02-12T00:00:00Z";
const frozen = ["--fixtures", keysFile, "--now", startsAt, "--freeze"];
const names = Array.from({ length: 16 }, (_, i) => `worker-${i + 1}`);

test("16 parallel workers of 200 requests each see only their own sandbox", async (t) => {
  const seed = Number(process.env.MOCK_CAPGO_TEST_SEED ?? randomInt(2 ** 32));
  t.diagnostic(`MOCK_CAPGO_TEST_SEED=${seed} makes the same requests again`);
  const server = await serve(t, [...frozen, "--log", "none"]);
  const wires = await connectMany(t, server, names.length);
  const workers = names.map((name, i) => {
    return new Worker(name, seed + i, Date.parse(startsAt), wires[i]);
  });
  const lives = await Promise.allSettled(workers.map((worker) => worker.live(200)));
  for (const { reason } of lives) {
    if (reason) throw new Error(`MOCK_CAPGO_TEST_SEED=${seed}: ${reason.message}`);
  }
  const first = Math.max(...workers.map(({ begin }) => begin));
  assert.ok(first < Math.min(...workers.map(({ end }) => end)), "they were not side by side");
  const statuses = new Set(workers.flatMap(({ world }) => [...world.statuses]));
  assert.deepEqual([...statuses].sort(), [200, 400, 401, 403, 404, 500], "they met too little");

  const secrets = workers.flatMap(({ world }) => world.secrets);
  assert.ok(secrets.length >= 16, `${secrets.length} keys were made`);
  assert.equal(new Set(secrets).size, secrets.length, "two worlds share a secret");
  const { sandboxes } = await control(server, "GET /__admin/sandboxes");
  const inJournal = Object.fromEntries(sandboxes.map(({ name, requests }) => [name, requests]));
  const expected = workers.map(({ world }) => [world.name, world.journal.length]);
  assert.deepEqual(inJournal, Object.fromEntries(expected));
  // The plain world has seen nothing of it all.
  assert.deepEqual((await control(server, "GET /__admin/requests")).requests, []);
  assert.deepEqual((await control(server, "GET /__admin/scenarios")).scenarios, []);
  assert.deepEqual(await control(server, "GET /__admin/clock"), { now: startsAt, frozen: true });
  assert.equal((await ask(server, "GET /apikey/", { key: "ak_123" })).text, listText);
});

/** Does the same in a sandbox whenever it is called: all bytes that are answered. */
async function liveAlike(t, server, name) {
  const wire = await connect(t, server);
  const at = (path) => `${name === "" ? "" : `/sandbox/${name}`}${path}`;
  const rules = [{ on: "POST /apikey/", probability: 0.5, error: "server_error" }];
  const create = request(`POST ${at("/apikey/")}`, { body: { name: "New", mode: "all" } });
  const asks = [
    request(`PUT ${at("/__admin/scenarios/draw")}`, { body: { rules } }),
    ...Array(20).fill(create),
    request(`POST ${at("/__admin/clock/advance")}`, { body: { by: "1d" } }),
    ...Array(5).fill(create),
    request(`DELETE ${at("/apikey/3/")}`),
    request(`GET ${at("/apikey/")}`),
    request(`GET ${at("/__admin/state")}`),
    request(`POST ${at("/__admin/reset")}`),
    create,
  ];
  for (const bytes of asks) {
    wire.send(bytes);
    await wire.answer();
  }
  return wire.text;
}

test("the same seed and name make the same bytes, whatever other sandboxes do", async (t) => {
  const [alone, busy, other] = await Promise.all(
    ["7", "7", "8"].map((seed) => serve(t, [...frozen, "--seed", seed])),
  );
  const quiet = await liveAlike(t, alone, "worker-7");
  const texts = await Promise.all(names.map((name) => liveAlike(t, busy, name)));
  assert.equal(texts[6], quiet);
  assert.match(quiet, /Internal server error/);
  assert.match(quiet, /"apikey":{"id":7,/);
  // Each name has bytes of its own, and so has the plain world; another seed makes others.
  texts.push(await liveAlike(t, busy, ""), await liveAlike(t, other, "worker-7"));
  assert.equal(new Set(texts).size, 18);
  assert.equal(await liveAlike(t, alone, ""), texts[16]);
});

test("a sandbox begins with the fixtures, the scenarios and the time of the start", async (t) => {
  const rules = [{ on: "POST /apikey/", times: 1, error: "permission_denied" }];
  const server = await serveRules(t, rules, "--now", startsAt);
  const body = { name: "New", mode: "read" };
  assert.equal((await ask(server, "POST /apikey/", { key: "ak_123", body })).status, 403);
  await createKey(server, "In the plain world");
  const clock = (name) => control(sandboxOf(server, name), "GET /__admin/clock");
  const before = await control(server, "GET /__admin/clock");
  const begun = await clock("begun");
  const isEarlier = Date.parse(begun.now) < Date.parse(before.now);
  assert.ok(isEarlier, `${begun.now} of a new world, after ${before.now}`);
  await control(server, "POST /__admin/clock/advance", { by: "31d" });

  const sandbox = sandboxOf(server, "late");
  assert.equal((await ask(sandbox, "GET /apikey/", { key: "ak_123" })).text, listText);
  assert.equal((await ask(sandbox, "POST /apikey/", { key: "ak_123", body })).status, 403);
  const made = await createKey(sandbox, "In the sandbox");
  assert.equal(made.id, 6);
  assert.match(made.created_at, /^2024-02-12T00:0\d:/);
  assert.equal((await clock("late")).frozen, false);
});

test("--max-sandboxes: one more is rejected, and accepted once another is deleted", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--max-sandboxes", "2"]);
  const list = (name) => ask(sandboxOf(server, name), "GET /apikey/", { key: "ak_123" });
  for (const name of ["a", "b", "a"]) assert.equal((await list(name)).text, listText);
  for (const refused of [
    await list("c"),
    await ask(sandboxOf(server, "c"), "POST /__admin/reset"),
    await ask(server, "POST /__admin/sandboxes", { body: { name: "c" } }),
    await ask(server, "POST /__admin/sandboxes"),
  ]) {
    const { error, details } = assertControlRefusal(refused, 429);
    assert.match(error, /^too many named sandboxes; the limit is 2$/);
    assert.match(details.join(), /DELETE \/__admin\/sandboxes\/NAME.*--max-sandboxes/);
  }
  assert.equal((await list("b")).status, 200);
  assert.equal((await ask(server, "GET /apikey/", { key: "ak_123" })).status, 200);
  // An existing one is reported as such.
  const doubled = await ask(server, "POST /__admin/sandboxes", { body: { name: "a" } });
  assertControlRefusal(doubled, 409);

  assert.deepEqual(await control(server, "DELETE /__admin/sandboxes/a"), { deleted: "a" });
  assert.equal((await list("c")).text, listText);
  assertControlRefusal(await list("a"), 429);
  const { sandboxes, limit } = await control(server, "GET /__admin/sandboxes");
  assert.deepEqual([sandboxes.map(({ name }) => name), limit], [["b", "c"], 2]);
});

test("no more than the limit are created by simultaneous requests", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--max-sandboxes", "10"]);
  const wires = await connectMany(t, server, 50);
  for (const [i, wire] of wires.entries()) wire.send(request(`GET /sandbox/s-${i}/apikey/`));
  const statuses = [];
  for (const wire of wires) statuses.push((await wire.answer()).status);
  assert.deepEqual(
    [200, 429].map((wanted) => statuses.filter((status) => status === wanted).length),
    [10, 40],
  );
  const none = await serve(t, ["--max-sandboxes", "0"]);
  assertControlRefusal(await ask(sandboxOf(none, "a"), "GET /apikey/", { key: "ak_demo" }), 429);
  assert.equal((await ask(none, "GET /apikey/", { key: "ak_demo" })).status, 200);
});

test("a deleted sandbox is gone, and its name creates a new one", async (t) => {
  const server = await serve(t, [...frozen, "--seed", "7"]);
  const sandbox = sandboxOf(server, "a");
  const first = await createKey(sandbox, "Forgotten", { mode: "all" });
  await control(sandbox, "POST /__admin/clock/advance", { by: "1d" });
  await control(sandbox, "PUT /__admin/scenarios/server-error");
  assert.deepEqual(await control(sandbox, "DELETE /__admin/sandboxes/a"), { deleted: "a" });
  const gone = await ask(server, "DELETE /__admin/sandboxes/a");
  assert.equal(assertControlRefusal(gone, 404).error, 'no sandbox has the name "a"');

  assert.equal((await ask(sandbox, "GET /apikey/", { key: first.key })).status, 401);
  assert.deepEqual(await createKey(sandbox, "Forgotten", { mode: "all" }), first);
  const { requests } = await control(sandbox, "GET /__admin/requests");
  assert.deepEqual(
    requests.map(({ id, status }) => [id, status]),
    [
      [1, 401],
      [2, 200],
    ],
  );
});

test("a delayed request still gets its response after its sandbox is deleted", async (t) => {
  const rule = { on: "GET /apikey/", delay: { milliseconds: 500 } };
  const server = await serveRules(t, [rule]);
  const wire = await connect(t, server);
  wire.send(request("GET /sandbox/a/apikey/"));
  await server.sees("stderr", /delay 500 ms/);
  assert.deepEqual(await control(server, "DELETE /__admin/sandboxes/a"), { deleted: "a" });
  assert.equal((await wire.answer()).text, listText);
});

test("sandboxes are created with a given or generated name, and listed", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const place = (name) => {
    const url = `${server.url}/sandbox/${name}`;
    return { name, url, admin: `${url}/__admin` };
  };
  const make = (body) => control(server, "POST /__admin/sandboxes", body, { wanted: 201 });
  assert.deepEqual(await make({ name: "zebra" }), { ...place("zebra"), key: "ak_123" });
  await createKey(sandboxOf(server, "sandbox-1"), "Here first");
  const made = await make();
  assert.deepEqual(made, { ...place(made.name), key: "ak_123" });
  const again = await make({});
  assert.equal(new Set(["zebra", "sandbox-1", made.name, again.name]).size, 4);
  assert.equal((await ask({ url: made.url }, "GET /apikey/", { key: made.key })).text, listText);
  assert.equal((await fetch(`${made.admin}/health`)).status, 200);

  const { sandboxes } = await control(server, "GET /__admin/sandboxes");
  const counts = { "sandbox-1": 1, [made.name]: 1 };
  const all = ["sandbox-1", made.name, again.name, "zebra"].sort();
  const expected = all.map((name) => ({ ...place(name), requests: counts[name] ?? 0 }));
  assert.deepEqual(sandboxes, expected);
});

test("within a sandbox there is no other, and beside /sandbox/ there is none", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  for (const path of ["/sandbox/a/sandbox/b/apikey/", "/sandbox", "/sandboxes/a/apikey/"]) {
    const answer = await ask(server, `GET ${path}`, { key: "ak_123" });
    assert.equal(answer.status, 404, path);
    assert.equal(answer.headers.get("x-mock-contract"), "documented");
  }
  assert.equal((await ask(server, "GET /sandbox/a", { key: "ak_123" })).status, 404);
  const { sandboxes } = await control(server, "GET /__admin/sandboxes");
  assert.deepEqual(
    sandboxes.map(({ name, requests }) => [name, requests]),
    [["a", 2]],
  );
});

test("--base-path may stand before /sandbox/NAME, after it, or nowhere", async (t) => {
  const base = "/functions/v1";
  const server = await serve(t, ["--fixtures", keysFile, "--base-path", base]);
  const paths = ["", base].flatMap((before) => {
    return ["", base].map((after) => `${before}/sandbox/a${after}`);
  });
  for (const [i, prefix] of paths.entries()) {
    const at = { url: server.url + prefix };
    assert.equal((await createKey(at, prefix)).id, 6 + i, prefix);
    assert.equal((await control(at, "GET /__admin/requests")).requests.length, i + 1, prefix);
  }
  assert.equal((await listKeys(server)).length, 4);
  const doubled = `${base}${base}/sandbox/a/apikey/`;
  assert.equal((await ask(server, `GET ${doubled}`, { key: "ak_123" })).status, 404);
});

test("SQLite stores the default sandbox only, and a reset restores its initial keys", async (t) => {
  const storage = ["--storage", `sqlite:${path.join(folderFor(t), "keys.db")}`];
  const first = await serve(t, ["--fixtures", keysFile, ...storage]);
  const kept = await createKey(first, "Kept");
  const lost = await createKey(sandboxOf(first, "a"), "Lost", { mode: "all" });
  await first.stop("SIGKILL");

  const second = await serve(t, storage);
  const before = await listKeys(second);
  assert.deepEqual(before.at(-1), { ...kept, updated_at: kept.created_at });
  assert.equal(before.length, 5);
  // A sandbox begins with what the server was started with: that is in the database.
  assert.deepEqual(await listKeys(sandboxOf(second, "a")), before);
  assert.equal((await ask(sandboxOf(second, "a"), "GET /apikey/", { key: lost.key })).status, 401);

  await createKey(second, "Reset");
  assert.equal((await ask(second, "DELETE /apikey/2/", { key: "ak_123" })).status, 200);
  await control(second, "POST /__admin/reset");
  assert.deepEqual(await listKeys(second), before);
  assert.equal((await createKey(second, "After the reset")).id, kept.id + 1);
  await second.stop("SIGKILL");
  const names = (await listKeys(await serve(t, storage))).map(({ name }) => name);
  assert.deepEqual(names, [...before.map(({ name }) => name), "After the reset"]);
});
