/** The control API: its calls, reset, and copying a state. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { connect, curl, requestBytes, send } from "./client.mjs";
import { assertControlError, control, sandboxOf } from "./control.mjs";
import { contracts, fixtureFile } from "./golden_files.mjs";
import { keysFile, mockCapgo, newFolder, serve } from "./server.mjs";

const startsAt = "2024-02-12T00:00:00Z";
const frozen = ["--fixtures", keysFile, "--seed", "7", "--now", startsAt, "--freeze"];
const newKey = { key: "ak_123", body: { name: "New", mode: "read" } };

test("every call exists, and an unknown one is rejected with a list of calls", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const all = assertControlError(await send(server, "POST /__admin"), 404).details.join();
  const calls = all.match(/\b(GET|PUT|POST|DELETE) \/__admin\/[\w./:]+/g);
  assert.equal(calls.length, 23, all);
  for (const call of calls) {
    const { status, text } = await send(server, call.replace(/:(name|id)/, "unknown"));
    assert.ok([200, 201, 400, 404, 409].includes(status), `${call}: ${text}`);
    assert.doesNotMatch(text, /there is no control call/);
  }
  const clockCalls = "the calls of this path are GET /__admin/clock, PUT /__admin/clock";
  for (const [line, known] of [
    ["POST /__admin/", all],
    ["GET /__admin/helth", all],
    ["GET /__admin/clock/x", all],
    ["PATCH /__admin/clock", clockCalls],
    ["OPTIONS /__admin/clock/", clockCalls],
  ]) {
    const { error, details } = assertControlError(await send(server, line), 404);
    assert.equal(error, `there is no control call ${line}`);
    assert.equal(details.join(), known);
  }
});

test("health works with GET and HEAD, in the default sandbox and a named one", async (t) => {
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
  const useSandbox = async () => {
    const wire = await connect(t, server);
    const create = requestBytes("POST /apikey/", { body: newKey.body });
    const list = requestBytes("GET /apikey/");
    for (const bytes of [create, create, list, list, list]) {
      wire.send(bytes);
      await wire.response();
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
  const first = await useSandbox();
  assert.deepEqual(
    first.journal.map(({ status }) => status),
    [403, 200, 200, 200, 429],
  );
  const reset = () => control(server, "POST /__admin/reset");
  assert.deepEqual(await reset(), { status: "reset" });
  assert.deepEqual(await useSandbox(), first);

  await control(server, "POST /__admin/clock/advance", { by: "40d" });
  await control(server, "PUT /__admin/clock", { frozen: false });
  await control(server, "PUT /__admin/scenarios/server-error");
  await control(server, "DELETE /__admin/scenarios/flaky-create");
  await send(server, "DELETE /apikey/2/", newKey);
  await control(server, "PUT /__admin/state", { keys: [] });
  await reset();
  assert.deepEqual(await useSandbox(), first);
});

for (const contract of contracts) {
  test(`a state can be copied to another sandbox, byte for byte (${contract})`, async (t) => {
    const server = await serve(t, ["--contract", contract, "--fixtures", fixtureFile(contract)]);
    const { key, user_token: token } = server.ready;
    const [{ id: org_id }] = JSON.parse((await send(server, "GET /__admin/state")).text).orgs;
    // With roles, only a signed-in user creates keys.
    const creator = token === undefined ? key : `Bearer ${token}`;
    const bindings = [{ role_name: "org_member", scope_type: "org", org_id }];
    for (const fields of [
      { name: 'Quotes " and \u00e9 \u{1f600}', mode: "all", expires_at: "2099-01-01T00:00:00.5Z" },
      { name: "Hashed", mode: "read", hashed: true },
      { name: "Limited", mode: "upload", limited_to_apps: ["com.demo.app", "b"] },
    ]) {
      const body = { ...fields, bindings };
      const created = await send(server, "POST /apikey/", { key: creator, body });
      assert.equal(created.status, 200, created.text);
    }
    assert.equal((await send(server, "DELETE /apikey/2", { key })).status, 200);
    const { text } = await send(server, "GET /__admin/state");
    const exported = path.join(newFolder(t), "state.json");
    writeFileSync(exported, text);
    assert.equal(
      (await mockCapgo(["check", "--contract", contract, "--fixtures", exported])).code,
      0,
    );

    const sandbox = sandboxOf(server, "copy");
    assert.notEqual((await send(sandbox, "GET /__admin/state")).text, text);
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
    assert.equal((await send(sandbox, "GET /__admin/state")).text, text);
    const list = async (each) => (await send(each, "GET /apikey", { key })).text;
    assert.equal(await list(sandbox), await list(server));
  });
}
