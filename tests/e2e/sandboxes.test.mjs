/** Sandboxes below /sandbox/NAME, which do not affect each other. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import path from "node:path";
import test from "node:test";

import {
  connect,
  connectMany,
  createKey,
  listBody,
  listKeys,
  requestBytes,
  send,
} from "./client.mjs";
import { assertControlError, control, sandboxOf } from "./control.mjs";
import { Worker } from "./sandbox_worker.mjs";
import { keysFile, newFolder, serve, serveRules } from "./server.mjs";

const startsAt = "2024-02-12T00:00:00Z";
const frozen = ["--fixtures", keysFile, "--now", startsAt, "--freeze"];
const names = Array.from({ length: 16 }, (_, i) => `worker-${i + 1}`);

test("16 parallel workers of 200 requests each see only their own sandbox", async (t) => {
  const seed = Number(process.env.MOCK_CAPGO_TEST_SEED ?? randomInt(2 ** 32));
  t.diagnostic(`MOCK_CAPGO_TEST_SEED=${seed} makes the same requests`);
  const server = await serve(t, [...frozen, "--seed", `${seed}`, "--log", "none"]);
  const wires = await connectMany(t, server, names.length);
  const workers = names.map((name, i) => {
    return new Worker(name, seed + i, Date.parse(startsAt), wires[i]);
  });
  const results = await Promise.allSettled(workers.map((worker) => worker.run(200)));
  for (const { reason } of results) {
    if (reason) throw new Error(`MOCK_CAPGO_TEST_SEED=${seed}: ${reason.message}`);
  }
  const first = Math.max(...workers.map(({ begin }) => begin));
  assert.ok(first < Math.min(...workers.map(({ end }) => end)), "they did not run at the same time");
  const statuses = new Set(workers.flatMap(({ model }) => [...model.statuses]));
  assert.deepEqual([...statuses].sort(), [200, 400, 401, 403, 404, 500], "too few kinds of responses");

  const secrets = workers.flatMap(({ model }) => model.secrets);
  assert.ok(secrets.length >= 16, `${secrets.length} keys were created`);
  assert.equal(new Set(secrets).size, secrets.length, "two sandboxes share a secret");
  const { sandboxes } = await control(server, "GET /__admin/sandboxes");
  const inJournal = Object.fromEntries(sandboxes.map(({ name, requests }) => [name, requests]));
  const expected = workers.map(({ model }) => [model.name, model.journal.length]);
  assert.deepEqual(inJournal, Object.fromEntries(expected));
  // The default sandbox is unchanged.
  assert.deepEqual((await control(server, "GET /__admin/requests")).requests, []);
  assert.deepEqual((await control(server, "GET /__admin/scenarios")).scenarios, []);
  assert.deepEqual(await control(server, "GET /__admin/clock"), { now: startsAt, frozen: true });
  assert.equal((await send(server, "GET /apikey/", { key: "ak_123" })).text, listBody);
});

/** Makes fixed requests to a sandbox, and returns all bytes received. */
async function useSandbox(t, server, name) {
  const wire = await connect(t, server);
  const at = (path) => `${name === "" ? "" : `/sandbox/${name}`}${path}`;
  const rules = [{ on: "POST /apikey/", probability: 0.5, error: "server_error" }];
  const create = requestBytes(`POST ${at("/apikey/")}`, { body: { name: "New", mode: "all" } });
  const requests = [
    requestBytes(`PUT ${at("/__admin/scenarios/draw")}`, { body: { rules } }),
    ...Array(20).fill(create),
    requestBytes(`POST ${at("/__admin/clock/advance")}`, { body: { by: "1d" } }),
    ...Array(5).fill(create),
    requestBytes(`DELETE ${at("/apikey/3/")}`),
    requestBytes(`GET ${at("/apikey/")}`),
    requestBytes(`GET ${at("/__admin/state")}`),
    requestBytes(`POST ${at("/__admin/reset")}`),
    create,
  ];
  for (const bytes of requests) {
    wire.send(bytes);
    await wire.response();
  }
  return wire.text;
}

test("the same seed and name give the same bytes, whatever other sandboxes do", async (t) => {
  const [alone, busy, other] = await Promise.all(
    ["7", "7", "8"].map((seed) => serve(t, [...frozen, "--seed", seed])),
  );
  const quiet = await useSandbox(t, alone, "worker-7");
  const texts = await Promise.all(names.map((name) => useSandbox(t, busy, name)));
  assert.equal(texts[6], quiet);
  assert.match(quiet, /Internal server error/);
  assert.match(quiet, /"apikey":{"id":7,/);
  // Each name, the default sandbox, and each seed has different bytes.
  texts.push(await useSandbox(t, busy, ""), await useSandbox(t, other, "worker-7"));
  assert.equal(new Set(texts).size, 18);
  assert.equal(await useSandbox(t, alone, ""), texts[16]);
});

test("a sandbox starts with the fixtures, scenarios and clock of the server's start", async (t) => {
  const rules = [{ on: "POST /apikey/", times: 1, error: "permission_denied" }];
  const server = await serveRules(t, rules, "--now", startsAt);
  const body = { name: "New", mode: "read" };
  assert.equal((await send(server, "POST /apikey/", { key: "ak_123", body })).status, 403);
  await createKey(server, "In the default sandbox");
  const clock = (name) => control(sandboxOf(server, name), "GET /__admin/clock");
  const before = await control(server, "GET /__admin/clock");
  const early = await clock("early");
  const isEarlier = Date.parse(early.now) < Date.parse(before.now);
  assert.ok(isEarlier, `${early.now} in a new sandbox, after ${before.now}`);
  await control(server, "POST /__admin/clock/advance", { by: "31d" });

  const sandbox = sandboxOf(server, "late");
  assert.equal((await send(sandbox, "GET /apikey/", { key: "ak_123" })).text, listBody);
  assert.equal((await send(sandbox, "POST /apikey/", { key: "ak_123", body })).status, 403);
  const created = await createKey(sandbox, "In the sandbox");
  assert.equal(created.id, 6);
  assert.match(created.created_at, /^2024-02-12T00:0\d:/);
  assert.equal((await clock("late")).frozen, false);
});

test("--max-sandboxes: one more is rejected, and accepted once another is deleted", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--max-sandboxes", "2"]);
  const list = (name) => send(sandboxOf(server, name), "GET /apikey/", { key: "ak_123" });
  for (const name of ["a", "b", "a"]) assert.equal((await list(name)).text, listBody);
  for (const rejected of [
    await list("c"),
    await send(sandboxOf(server, "c"), "POST /__admin/reset"),
    await send(server, "POST /__admin/sandboxes", { body: { name: "c" } }),
    await send(server, "POST /__admin/sandboxes"),
  ]) {
    const { error, details } = assertControlError(rejected, 507);
    assert.match(error, /^too many named sandboxes; the limit is 2$/);
    assert.match(details.join(), /DELETE \/__admin\/sandboxes\/NAME.*--max-sandboxes/);
  }
  assert.equal((await list("b")).status, 200);
  assert.equal((await send(server, "GET /apikey/", { key: "ak_123" })).status, 200);
  // The name of an existing sandbox is a conflict.
  const duplicate = await send(server, "POST /__admin/sandboxes", { body: { name: "a" } });
  assertControlError(duplicate, 409);

  assert.deepEqual(await control(server, "DELETE /__admin/sandboxes/a"), { deleted: "a" });
  assert.equal((await list("c")).text, listBody);
  assertControlError(await list("a"), 507);
  const { sandboxes, limit } = await control(server, "GET /__admin/sandboxes");
  assert.deepEqual([sandboxes.map(({ name }) => name), limit], [["b", "c"], 2]);
});

test("simultaneous requests create no more sandboxes than the limit", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--max-sandboxes", "10"]);
  const wires = await connectMany(t, server, 50);
  for (const [i, wire] of wires.entries()) wire.send(requestBytes(`GET /sandbox/s-${i}/apikey/`));
  const statuses = [];
  for (const wire of wires) statuses.push((await wire.response()).status);
  assert.deepEqual(
    [200, 507].map((wanted) => statuses.filter((status) => status === wanted).length),
    [10, 40],
  );
  const none = await serve(t, ["--max-sandboxes", "0"]);
  assertControlError(await send(sandboxOf(none, "a"), "GET /apikey/", { key: "ak_demo" }), 507);
  assert.equal((await send(none, "GET /apikey/", { key: "ak_demo" })).status, 200);
});

test("a deleted sandbox is gone, and its name creates a new one", async (t) => {
  const server = await serve(t, [...frozen, "--seed", "7"]);
  const sandbox = sandboxOf(server, "a");
  const first = await createKey(sandbox, "Temporary", { mode: "all" });
  await control(sandbox, "POST /__admin/clock/advance", { by: "1d" });
  await control(sandbox, "PUT /__admin/scenarios/server-error");
  assert.deepEqual(await control(sandbox, "DELETE /__admin/sandboxes/a"), { deleted: "a" });
  const gone = await send(server, "DELETE /__admin/sandboxes/a");
  assert.equal(assertControlError(gone, 404).error, 'no sandbox has the name "a"');

  assert.equal((await send(sandbox, "GET /apikey/", { key: first.key })).status, 401);
  assert.deepEqual(await createKey(sandbox, "Temporary", { mode: "all" }), first);
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
  wire.send(requestBytes("GET /sandbox/a/apikey/"));
  await server.waitForOutput("stderr", /delay 500 ms/);
  assert.deepEqual(await control(server, "DELETE /__admin/sandboxes/a"), { deleted: "a" });
  assert.equal((await wire.response()).text, listBody);
});

test("sandboxes are created with a given or generated name, and listed", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const urls = (name) => {
    const url = `${server.url}/sandbox/${name}`;
    return { name, url, admin: `${url}/__admin` };
  };
  const make = (body) => control(server, "POST /__admin/sandboxes", body, { wanted: 201 });
  assert.deepEqual(await make({ name: "zebra" }), { ...urls("zebra"), key: "ak_123" });
  await createKey(sandboxOf(server, "sandbox-1"), "New");
  const created = await make();
  assert.deepEqual(created, { ...urls(created.name), key: "ak_123" });
  const again = await make({});
  assert.equal(new Set(["zebra", "sandbox-1", created.name, again.name]).size, 4);
  assert.equal((await send(created, "GET /apikey/", { key: created.key })).text, listBody);
  assert.equal((await fetch(`${created.admin}/health`)).status, 200);

  const { sandboxes } = await control(server, "GET /__admin/sandboxes");
  const counts = { "sandbox-1": 1, [created.name]: 1 };
  const all = ["sandbox-1", created.name, again.name, "zebra"].sort();
  const expected = all.map((name) => ({ ...urls(name), requests: counts[name] ?? 0 }));
  assert.deepEqual(sandboxes, expected);
});

test("sandboxes cannot be nested, and need a name", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  for (const path of ["/sandbox/a/sandbox/b/apikey/", "/sandbox", "/sandboxes/a/apikey/"]) {
    const response = await send(server, `GET ${path}`, { key: "ak_123" });
    assert.equal(response.status, 404, path);
    assert.equal(response.headers.get("x-mock-contract"), "documented");
  }
  assert.equal((await send(server, "GET /sandbox/b/", { key: "ak_123" })).status, 200);
  const { sandboxes } = await control(server, "GET /__admin/sandboxes");
  assert.deepEqual(
    sandboxes.map(({ name, requests }) => [name, requests]),
    [["a", 1]],
  );
});

test("--base-path works before and after /sandbox/NAME", async (t) => {
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
  const twice = `${base}${base}/sandbox/a/apikey/`;
  assert.equal((await send(server, `GET ${twice}`, { key: "ak_123" })).status, 404);
});

test("SQLite stores the default sandbox only, and a reset restores its initial keys", async (t) => {
  const storage = ["--storage", `sqlite:${path.join(newFolder(t), "keys.db")}`];
  const first = await serve(t, ["--fixtures", keysFile, ...storage]);
  const stored = await createKey(first, "Kept");
  const lost = await createKey(sandboxOf(first, "a"), "Lost", { mode: "all" });
  await first.stop("SIGKILL");

  const second = await serve(t, storage);
  const before = await listKeys(second);
  assert.deepEqual(before.at(-1), { ...stored, updated_at: stored.created_at });
  assert.equal(before.length, 5);
  // A sandbox starts with the keys in the database.
  assert.deepEqual(await listKeys(sandboxOf(second, "a")), before);
  assert.equal((await send(sandboxOf(second, "a"), "GET /apikey/", { key: lost.key })).status, 401);

  await createKey(second, "Reset");
  assert.equal((await send(second, "DELETE /apikey/2/", { key: "ak_123" })).status, 200);
  await control(second, "POST /__admin/reset");
  assert.deepEqual(await listKeys(second), before);
  assert.equal((await createKey(second, "After the reset")).id, stored.id + 1);
  await second.stop("SIGKILL");
  const names = (await listKeys(await serve(t, storage))).map(({ name }) => name);
  assert.deepEqual(names, [...before.map(({ name }) => name), "After the reset"]);
});
