/** The control API: what each call does, and what it says to a call that is wrong. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { ask, connect, createKey, curl, listKeys, request } from "./client.mjs";
import { assertControlRefusal, assertRefused, control, sandboxOf } from "./control.mjs";
import { contracts, worldFile } from "./golden_files.mjs";
import { folderFor, keysFile, mockCapgo, repository, serve } from "./server.mjs";

const startsAt = "2024-02-12T00:00:00Z";
const frozen = ["--fixtures", keysFile, "--seed", "7", "--now", startsAt, "--freeze"];
const newKey = { key: "ak_123", body: { name: "New", mode: "read" } };

test("every call has its path and method, and other calls are rejected with a list", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const all = assertControlRefusal(await ask(server, "GET /__admin"), 404).details.join();
  const calls = all.match(/\b(GET|PUT|POST|DELETE) \/__admin\/[\w./:]+/g);
  assert.equal(calls.length, 19, all);
  for (const call of calls) {
    // An unknown name is told as such; each call that needs a body says so.
    const { status, text } = await ask(server, call.replace(":name", "unknown"));
    assert.ok([200, 201, 400, 404, 409].includes(status), `${call}: ${text}`);
    assert.doesNotMatch(text, /there is no control call/);
  }
  const takes = "the calls of this path are GET /__admin/clock, PUT /__admin/clock";
  for (const [line, known] of [
    ["GET /__admin/", all],
    ["GET /__admin/helth", all],
    ["GET /__admin/clock/x", all],
    ["PATCH /__admin/clock", takes],
    ["OPTIONS /__admin/clock/", takes],
  ]) {
    const { error, details } = assertControlRefusal(await ask(server, line), 404);
    assert.equal(error, `there is no control call ${line}`);
    assert.equal(details.join(), known);
  }
});

test("health, with GET and HEAD, in the default sandbox and a named one", async (t) => {
  const server = await serve(t);
  const { version, admin } = server.ready;
  const health = `{"status":"ok","version":"${version}","contract":"documented"}`;
  for (const url of [admin, `${server.url}/sandbox/a/__admin`]) {
    const got = await curl(`${url}/health`);
    assert.deepEqual([got.status, got.text], [200, health]);
    const head = await curl("--head", `${url}/health`);
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal(head.headers.get("content-length"), String(health.length));
  }
});

test("a reset restores keys, ids, secrets, clock, scenarios and their counts", async (t) => {
  const scenario = ["--scenario", "flaky-create"];
  const server = await serve(t, [...frozen, ...scenario, "--rate-limit", "3"]);
  const live = async () => {
    const wire = await connect(t, server);
    const create = request("POST /apikey/", { body: newKey.body });
    const list = request("GET /apikey/");
    for (const bytes of [create, create, list, list, list]) {
      wire.send(bytes);
      await wire.answer();
    }
    const { requests } = await control(server, "GET /__admin/requests");
    const { scenarios } = await control(server, "GET /__admin/scenarios");
    const journal = requests.map(({ microseconds, ...entry }) => entry);
    return {
      bytes: wire.text,
      journal,
      scenarios,
      clock: await control(server, "GET /__admin/clock"),
    };
  };
  const first = await live();
  assert.deepEqual(
    first.journal.map(({ status }) => status),
    [403, 200, 200, 200, 429],
  );
  const reset = () => control(server, "POST /__admin/reset");
  assert.deepEqual(await reset(), { status: "reset" });
  assert.deepEqual(await live(), first);

  await control(server, "POST /__admin/clock/advance", { by: "40d" });
  await control(server, "PUT /__admin/clock", { frozen: false });
  await control(server, "PUT /__admin/scenarios/server-error");
  await control(server, "DELETE /__admin/scenarios/flaky-create");
  await ask(server, "DELETE /apikey/2/", newKey);
  await control(server, "PUT /__admin/state", { keys: [] });
  await reset();
  assert.deepEqual(await live(), first);
});

for (const contract of contracts) {
  test(`a state goes to another world byte for byte (${contract})`, async (t) => {
    const server = await serve(t, ["--contract", contract, "--fixtures", worldFile(contract)]);
    const { key } = server.ready;
    for (const body of [
      { name: 'Quotes " and \u00e9 \u{1f600}', mode: "all", expires_at: "2099-01-01T00:00:00.5Z" },
      { name: "Hashed", mode: "read", hashed: true },
      { name: "Limited", mode: "upload", limited_to_apps: ["com.demo.app", "b"] },
    ]) {
      const made = await ask(server, "POST /apikey/", { key, body });
      assert.equal(made.status, 200, made.text);
    }
    assert.equal((await ask(server, "DELETE /apikey/2", { key })).status, 200);
    const { text } = await ask(server, "GET /__admin/state");
    const exported = path.join(folderFor(t), "state.json");
    writeFileSync(exported, text);
    assert.equal(
      (await mockCapgo(["check", "--contract", contract, "--fixtures", exported])).code,
      0,
    );

    const sandbox = sandboxOf(server, "copy");
    assert.notEqual((await ask(sandbox, "GET /__admin/state")).text, text);
    const put = await curl(
      "-X",
      "PUT",
      "--data-binary",
      `@${exported}`,
      `${sandbox.url}/__admin/state`,
    );
    const { keys, orgs, apps } = JSON.parse(text);
    const counts = { orgs: orgs.length, apps: apps.length, keys: keys.length };
    assert.deepEqual([put.status, JSON.parse(put.text)], [200, counts]);
    assert.equal((await ask(sandbox, "GET /__admin/state")).text, text);
    const list = async (world) => (await ask(world, "GET /apikey", { key })).text;
    assert.equal(await list(sandbox), await list(server));
  });
}

test("any fixture is a valid state, and replaces the current one", async (t) => {
  const server = await serve(t, frozen);
  await createKey(server, "Replaced");
  const saved = readFileSync(path.join(repository, "fixtures", "saved-answer.json"), "utf8");
  const key = { key: "ak_only", mode: "all", name: "Only" };
  for (const [body, secret, count] of [
    [saved, "ak_live", 2],
    [[key], "ak_only", 1],
    [{ data: [key] }, "ak_only", 1],
    [{ keys: [{ ...key, key: "s3cr!t" }] }, "s3cr!t", 1],
  ]) {
    const imported = await control(server, "PUT /__admin/state", body);
    assert.deepEqual(imported, { orgs: 0, apps: 0, keys: count });
    assert.equal((await listKeys(server, secret)).length, count);
  }
  const filledIn = { id: 1, user_id: "user_123", created_at: startsAt, updated_at: startsAt };
  const [only, ...others] = (await control(server, "GET /__admin/state")).keys;
  assert.deepEqual([only, others], [{ ...only, ...key, key: "s3cr!t", ...filledIn }, []]);
  assert.equal((await ask(server, "GET /apikey/", { key: "ak_123" })).status, 401);
  assert.equal((await control(server, "GET /__admin/requests")).requests.length, 6);
  await control(server, "PUT /__admin/state", {});
  assert.deepEqual(await control(server, "GET /__admin/state"), { orgs: [], apps: [], keys: [] });
});

test("an invalid state changes nothing, and every problem is reported with its place", async (t) => {
  const server = await serve(t, frozen);
  await createKey(server, "Kept");
  await assertRefused(server, "PUT /__admin/state", [
    ["", ["body:1:1: ", /is not JSON/]],
    ['{"keys":[{"key":"ak_1"', ["body:1:23: ", /is not JSON: .*unexpected end/]],
    [7, ["body:1:1: ", /7 must be /]],
    [
      '{\n  "keys": [\n    {"key": "ak_1", "mod": "reed"},\n' +
        '    {"key": "ak_1", "mode": "reed", "name": "x"}\n  ],\n  "orgz": []\n}',
      ["body:3:5: /keys/0: ", /"mode" is missing/],
      ["body:3:5: /keys/0: ", /"name" is missing/],
      ["body:3:21: /keys/0/mod: ", /unknown field; did you mean "mode"\?$/],
      ["body:4:13: /keys/1/key: ", /another key has the same/],
      ["body:4:29: /keys/1/mode: ", /"reed" is not one of .*; did you mean "read"\?$/],
      ["body:6:3: /orgz: ", /unknown field; did you mean "orgs"\?$/],
    ],
  ]);
  const tooLong = await ask(server, "PUT /__admin/state", { body: " ".repeat(1024 * 1024 + 1) });
  assert.equal(tooLong.status, 413);
});
