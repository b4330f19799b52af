/** Scenarios given at the start. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { errorBody, listKeys, send } from "./client.mjs";
import { logLines } from "./log_lines.mjs";
import { keysFile, mockCapgo, repository, serve, serveRules } from "./server.mjs";

const permissionDenied = errorBody("Insufficient permissions to manage API keys");
const newKey = { key: "ak_123", body: { name: "New", mode: "read" } };

test("a built-in scenario is activated by its name", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--scenario", "flaky-create"]);
  const first = await send(server, "POST /apikey/", newKey);
  assert.equal(first.status, 403);
  assert.equal(first.text, permissionDenied);
  assert.match(
    first.headers.get("x-mock-reason"),
    /^scenario flaky-create, rule \d: error permission_denied$/,
  );
  assert.equal((await send(server, "POST /apikey/", newKey)).status, 200);
  assert.equal((await send(server, "POST /apikey/", newKey)).status, 200);
});

test("every scenario of the repository is inside the executable", async () => {
  const names = readdirSync(path.join(repository, "scenarios"))
    .filter((file) => !file.endsWith(".schema.json"))
    .map((file) => path.basename(file, ".json"));
  assert.ok(names.length >= 17);
  const folder = { cwd: "/" }; // It has no scenario files.
  const { code, stderr } = await mockCapgo(
    ["check", ...names.flatMap((name) => ["--scenario", name])],
    folder,
  );
  assert.equal(code, 0, stderr);
});

test("down-and-back responds with 503 three times, then normally", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--scenario", "down-and-back"]);
  for (let i = 0; i < 3; ++i) {
    const response = await send(server, "GET /apikey/", { key: "ak_123" });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal(response.text, errorBody("Service unavailable"));
  }
  assert.equal((await listKeys(server)).length, 4);
});

test("a rule with times: 1 fires once for 50 simultaneous requests", async (t) => {
  const server = await serveRules(t, [
    { on: "POST /apikey/", times: 1, error: "permission_denied" },
  ]);
  const responses = await Promise.all(
    Array.from({ length: 50 }, () => send(server, "POST /apikey/", newKey)),
  );
  const rejected = responses.filter(({ status }) => status !== 200);
  assert.deepEqual(
    rejected.map(({ text }) => text),
    [permissionDenied],
  );
  const created = responses
    .filter(({ status }) => status === 200)
    .map(({ text }) => JSON.parse(text).apikey);
  assert.equal(new Set(created.map(({ id }) => id)).size, 49);
  assert.equal(new Set(created.map(({ key }) => key)).size, 49);
  assert.equal((await listKeys(server)).length, 4 + 49);
});

test("an injected error changes no keys", async (t) => {
  const rules = [
    { on: "POST /apikey/", error: "server_error" },
    { on: "DELETE /apikey/:id/", error: "server_error" },
  ];
  const server = await serveRules(t, rules);
  const before = await listKeys(server);
  assert.equal((await send(server, "POST /apikey/", newKey)).status, 500);
  assert.equal((await send(server, "DELETE /apikey/2/", { key: "ak_123" })).status, 500);
  assert.deepEqual(await listKeys(server), before);
});

for (const name of [
  "delay-fixed",
  "delay-uniform",
  "delay-lognormal",
  "dribble",
  "connection-reset-by-peer",
  "empty-response",
  "malformed-response-chunk",
  "random-data-then-close",
  "hang",
]) {
  test(`${name} does not affect CORS preflights`, async (t) => {
    const server = await serve(t, ["--scenario", name]);
    const headers = { Origin: "https://app.example", "Access-Control-Request-Method": "GET" };
    const preflight = await send(server, "OPTIONS /apikey/", { headers });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.text, "");
    await server.waitForOutput("stderr", /\n/);
    assert.deepEqual(logLines(server), ["- OPTIONS /apikey/ 204 -"]);
  });
}
