import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { ask, createKey, listKeys, refusal } from "./client.mjs";
import { toldLines } from "./log_lines.mjs";
import { keysFile, mockCapgo, repository, serve, serveRules } from "./server.mjs";

const permissionDenied = refusal("Insufficient permissions to manage API keys");
const newKey = { key: "ak_123", body: { name: "New", mode: "read" } };

test("a built-in scenario acts by its name", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--scenario", "flaky-create"]);
  const first = await ask(server, "POST /apikey/", newKey);
  assert.equal(first.status, 403);
  assert.equal(first.text, permissionDenied);
  assert.match(
    first.headers.get("x-mock-reason"),
    /^scenario flaky-create, rule \d: error permission_denied$/,
  );
  assert.equal((await ask(server, "POST /apikey/", newKey)).status, 200);
  assert.equal((await ask(server, "POST /apikey/", newKey)).status, 200);
});

test("every scenario of the repository is inside the executable", async () => {
  const names = readdirSync(path.join(repository, "scenarios"))
    .filter((file) => !file.endsWith(".schema.json"))
    .map((file) => path.basename(file, ".json"));
  assert.ok(names.length >= 17);
  const folder = { cwd: "/" }; // Where no scenarios are.
  const { code, stderr } = await mockCapgo(
    ["check", ...names.flatMap((name) => ["--scenario", name])],
    folder,
  );
  assert.equal(code, 0, stderr);
});

test("down-and-back answers 503 three times, and then as ever", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--scenario", "down-and-back"]);
  for (let i = 0; i < 3; ++i) {
    const answer = await ask(server, "GET /apikey/", { key: "ak_123" });
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("retry-after"), "1");
    assert.equal(answer.text, refusal("Service unavailable"));
  }
  assert.equal((await listKeys(server)).length, 4);
});

test("a file of one's own gives a literal answer", async (t) => {
  const respond = {
    status: 418,
    headers: { "X-Tea": "Earl Grey" },
    body: { pot: ["short", "stout"] },
  };
  const server = await serveRules(t, [{ on: "GET /apikey/", respond }]);
  const answer = await ask(server, "GET /apikey/", { key: "ak_123" });
  assert.equal(answer.status, 418);
  assert.equal(answer.headers.get("x-tea"), "Earl Grey");
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.text, '{"pot":["short","stout"]}');
  assert.equal(answer.headers.get("x-mock-reason"), "scenario own, rule 1: respond");
  assert.equal((await ask(server, "POST /apikey/", newKey)).status, 200);
});

test("rules are narrowed by id, mode, header, query and body", async (t) => {
  const server = await serveRules(t, [
    { on: "DELETE /apikey/:id/", match: { id: 2 }, error: "key_not_found" },
    { on: "* *", match: { mode: "read" }, error: "expired_key" },
    { on: "* *", match: { header: { "X-Run": "7" } }, error: "server_error" },
    { on: "* *", match: { query: { page: "2" } }, error: "not_found" },
    { on: "POST /apikey/", match: { body: { mode: "write" } }, error: "invalid_mode" },
  ]);
  const status = async (line, request) =>
    (await ask(server, line, { key: "ak_123", ...request })).status;
  assert.equal(await status("DELETE /apikey/2"), 404);
  assert.equal(await status("DELETE /apikey/3"), 200);
  assert.equal(await status("GET /apikey/", { key: "ak_456" }), 401);
  assert.equal(await status("GET /apikey/", { headers: { "x-run": "7" } }), 500);
  assert.equal(await status("GET /apikey/?page=2"), 404);
  assert.equal(await status("GET /apikey/?page=3"), 200);
  assert.equal(await status("POST /apikey/", { body: { name: "x", mode: "write" } }), 400);
  assert.equal(await status("POST /apikey/", { body: { name: "x", mode: "read" } }), 200);
});

test("skip, every and times choose which requests are hit", async (t) => {
  const server = await serveRules(t, [
    { on: "GET /apikey/", skip: 1, every: 2, times: 2, error: "server_error" },
  ]);
  const statuses = [];
  for (let i = 0; i < 8; ++i) {
    statuses.push((await ask(server, "GET /apikey/", { key: "ak_123" })).status);
  }
  assert.deepEqual(statuses, [200, 200, 500, 200, 500, 200, 200, 200]);
});

test("times: 1 acts once under 50 requests at a time", async (t) => {
  const server = await serveRules(t, [
    { on: "POST /apikey/", times: 1, error: "permission_denied" },
  ]);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => ask(server, "POST /apikey/", newKey)),
  );
  const refused = answers.filter(({ status }) => status !== 200);
  assert.deepEqual(
    refused.map(({ text }) => text),
    [permissionDenied],
  );
  const made = answers
    .filter(({ status }) => status === 200)
    .map(({ text }) => JSON.parse(text).apikey);
  assert.equal(new Set(made.map(({ id }) => id)).size, 49);
  assert.equal(new Set(made.map(({ key }) => key)).size, 49);
  assert.equal((await listKeys(server)).length, 4 + 49);
});

test("a probability draws alike from the same seed", async (t) => {
  const rules = [{ on: "GET /apikey/", probability: 0.5, error: "server_error" }];
  const draw = async () => {
    const server = await serveRules(t, rules, "--seed", "42");
    const statuses = [];
    for (let i = 0; i < 30; ++i) {
      statuses.push((await ask(server, "GET /apikey/", { key: "ak_123" })).status);
    }
    return statuses;
  };
  const first = await draw();
  assert.deepEqual([...new Set(first)].sort(), [200, 500]);
  assert.deepEqual(await draw(), first);
});

test("an injected error changes no state", async (t) => {
  const rules = [
    { on: "POST /apikey/", error: "server_error" },
    { on: "DELETE /apikey/:id/", error: "server_error" },
  ];
  const server = await serveRules(t, rules);
  const before = await listKeys(server);
  assert.equal((await ask(server, "POST /apikey/", newKey)).status, 500);
  assert.equal((await ask(server, "DELETE /apikey/2/", { key: "ak_123" })).status, 500);
  assert.deepEqual(await listKeys(server), before);
});

test("a request asks for an error itself with X-Mock-Scenario", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const headers = { "X-Mock-Scenario": "rate_limited" };
  const limited = await ask(server, "POST /apikey/", { ...newKey, headers });
  assert.equal(limited.status, 429);
  assert.equal(limited.text, refusal("Too many requests"));
  assert.match(limited.headers.get("retry-after"), /^[1-9]\d*$/);
  assert.match(limited.headers.get("x-ratelimit-reset"), /^\d{10}$/);
  assert.equal((await createKey(server, "After")).id, 6, "the refused create made a key");
});

test("the documented texts of errors that no rule gives yet can be asked for", async (t) => {
  const server = await serve(t);
  const texts = {
    expired_key: [401, "API key has expired"],
    expiration_in_past: [400, "Expiration date must be in the future"],
    expiration_required: [400, "Organization policy requires an expiration date for API keys"],
    expiration_exceeds_max: [400, "Expiration date exceeds organization maximum of 90 days"],
  };
  for (const [name, [status, error]] of Object.entries(texts)) {
    const answer = await ask(server, "GET /apikey/", { headers: { "X-Mock-Scenario": name } });
    assert.deepEqual([answer.status, answer.text], [status, refusal(error)], name);
  }
});

test("a misspelt X-Mock-Scenario is refused with the one that was meant, and does nothing", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const headers = { "X-Mock-Scenario": "permision_denied" };
  const answer = await ask(server, "POST /apikey/", { ...newKey, headers });
  assert.equal(answer.status, 400);
  const { error, details } = JSON.parse(answer.text);
  const meant =
    'X-Mock-Scenario: unknown error "permision_denied"; did you mean "permission_denied"?';
  assert.equal(error, meant);
  assert.equal(answer.headers.get("x-mock-reason"), [error, ...details].join("; "));
  assert.match(details.join(), /\bkey_not_found\b/);
  assert.equal((await listKeys(server)).length, 4);
});

test("scenarios leave health alone", async (t) => {
  const server = await serveRules(t, [{ on: "* *", error: "server_error" }]);
  assert.equal((await ask(server, "GET /apikey/", { key: "ak_123" })).status, 500);
  assert.equal((await ask(server, "GET /__admin/health")).status, 200);
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
  test(`${name} leaves CORS preflights alone`, async (t) => {
    const server = await serve(t, ["--scenario", name]);
    const asks = { Origin: "https://app.example", "Access-Control-Request-Method": "GET" };
    const preflight = await ask(server, "OPTIONS /apikey/", { headers: asks });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.text, "");
    await server.sees("stderr", /\n/);
    assert.deepEqual(toldLines(server), ["- OPTIONS /apikey/ 204 -"]);
  });
}
