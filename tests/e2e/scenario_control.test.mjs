/** Changing scenarios while the server runs, and unused rules. */
import assert from "node:assert/strict";
import test from "node:test";

import { listBody, send } from "./client.mjs";
import { control, sandboxOf } from "./control.mjs";
import { logLines, logObjects, waitForLines } from "./log_lines.mjs";
import { keysFile, mockCapgo, serve, serveRules } from "./server.mjs";

test("scenarios are activated, replaced, listed with their counts, and removed", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const status = async (line) => (await send(server, line, { key: "ak_123" })).status;
  const rule = (number, on, effect, matched = 0, fired = 0) => {
    return { rule: number, on, effect, matched, fired };
  };
  const rules = [
    { on: "GET /apikey/", times: 1, error: "server_error" },
    { on: "DELETE /apikey/:id/", match: { id: 2 }, error: "key_not_found" },
  ];
  const put = await control(server, "PUT /__admin/scenarios/mine", { description: "Two", rules });
  const mine = { name: "mine", description: "Two" };
  const fresh = [
    rule(1, "GET /apikey/", "error server_error"),
    rule(2, "DELETE /apikey/:id/", "error key_not_found"),
  ];
  assert.deepEqual(put, { ...mine, rules: fresh });
  await control(server, "PUT /__admin/scenarios/hang");
  await control(server, "PUT /__admin/scenarios/permission-denied");
  await control(server, "DELETE /__admin/scenarios/hang");
  assert.deepEqual([await status("GET /apikey/"), await status("DELETE /apikey/3/")], [500, 403]);

  const { scenarios, unused_rules, built_in } = await control(server, "GET /__admin/scenarios");
  assert.deepEqual(
    scenarios.map(({ name }) => name),
    ["mine", "permission-denied"],
  );
  assert.deepEqual(scenarios[0], {
    ...mine,
    rules: [rule(1, "GET /apikey/", "error server_error", 1, 1), fresh[1]],
  });
  assert.ok(unused_rules.includes("mine, rule 2: DELETE /apikey/:id/, error key_not_found"));
  assert.ok(!unused_rules.some((unused) => unused.startsWith("mine, rule 1")));
  assert.ok(built_in.includes("flaky-create") && !built_in.includes("mine"));

  // A replaced scenario keeps its position, and its counts start at 0.
  await control(server, "PUT /__admin/scenarios/mine", { rules: [rules[0]] });
  const again = (await control(server, "GET /__admin/scenarios")).scenarios;
  assert.deepEqual(again[0], { name: "mine", description: "", rules: [fresh[0]] });
  const removed = await control(server, "DELETE /__admin/scenarios");
  assert.deepEqual(removed, { removed: ["mine", "permission-denied"] });
  assert.equal((await send(server, "GET /apikey/", { key: "ak_123" })).text, listBody);
});

/** Stops a server, and returns the unused rules that it reports. */
async function unusedRulesAtStop(server) {
  const { code, stderr } = await server.stop();
  assert.equal(code, 0);
  const notice = "this rule of a scenario never fired: ";
  const lines = logLines({ stderr }).filter((line) => line.startsWith(`mock-capgo: ${notice}`));
  return lines.map((line) => line.slice(`mock-capgo: ${notice}`.length));
}

const error = "server_error";
const used = { on: "GET /apikey/", error, times: 1 };
const notReached = { on: "POST /apikey/", match: { body: { mode: "write" } }, error };
const otherId = { on: "DELETE /apikey/:id/", match: { id: 77 }, delay: { milliseconds: 1 } };

test("unused rules are reported at a clean stop", async (t) => {
  const server = await serveRules(t, [used, notReached, otherId]);
  await send(server, "GET /apikey/", { key: "ak_123" });
  await send(server, "POST /apikey/", { key: "ak_123", body: { name: "x", mode: "read" } });
  assert.deepEqual(await unusedRulesAtStop(server), [
    "own, rule 2: POST /apikey/, error server_error",
    "own, rule 3: DELETE /apikey/:id/, delay 1 ms",
  ]);
});

test("a rule that fired in any sandbox is used, even if the sandbox was reset or deleted", async (t) => {
  const rules = ["a", "b", "c", "d", "e"].map((word) => ({
    ...used,
    match: { header: { "X-Word": word } },
  }));
  const server = await serveRules(t, rules);
  const fire = async (sandbox, word) => {
    const options = { key: "ak_123", headers: { "X-Word": word } };
    assert.equal((await send(sandbox, "GET /apikey/", options)).status, 500);
  };
  const named = (name) => sandboxOf(server, name);
  await fire(server, "a");
  await control(server, "POST /__admin/reset");
  await fire(named("deleted"), "b");
  await control(server, "DELETE /__admin/sandboxes/deleted");
  await fire(named("removed"), "c");
  await control(named("removed"), "DELETE /__admin/scenarios");
  await fire(named("own"), "d");
  // In one sandbox, a rule fires and is replaced; another one is unused.
  await control(named("own"), "PUT /__admin/scenarios/mine", { rules: [used] });
  assert.equal((await send(named("own"), "GET /apikey/", { key: "ak_123" })).status, 500);
  await control(named("own"), "PUT /__admin/scenarios/mine", { rules: [used, otherId] });
  await control(named("own"), "DELETE /__admin/sandboxes/own");
  assert.deepEqual(await unusedRulesAtStop(server), [
    "mine, rule 2: DELETE /apikey/:id/, delay 1 ms",
    "own, rule 5: GET /apikey/, error server_error",
  ]);
});

test("unused rules are reported in JSON too, by exec as well, and not with --log none", async (t) => {
  const format = ["--log-format", "json"];
  const server = await serveRules(t, [otherId], ...format);
  assert.equal((await server.stop()).code, 0);
  const notice =
    "this rule of a scenario never fired: own, rule 1: DELETE /apikey/:id/, delay 1 ms";
  const objects = logObjects(server).map(({ time, ...line }) => {
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    return line;
  });
  assert.deepEqual(objects, [{ notice }]);

  const scenario = ["exec", "--scenario", "flaky-create"];
  const { stderr } = await mockCapgo([...scenario, "--", "true"]);
  assert.deepEqual(logLines({ stderr }), [
    "mock-capgo: this rule of a scenario never fired: flaky-create, any rule",
  ]);
  const silent = await mockCapgo([...scenario, "--log", "none", "--", "true"]);
  assert.equal(silent.stderr, "");
});

test("a server that is killed, or stops without a scenario, reports no rule", async (t) => {
  const idle = await serve(t);
  await send(idle, "GET /apikey/", { key: "ak_demo" });
  await waitForLines(idle, 1);
  assert.deepEqual(await unusedRulesAtStop(idle), []);
  const killed = await serveRules(t, [otherId]);
  assert.equal((await killed.stop("SIGKILL")).stderr, "");
});
