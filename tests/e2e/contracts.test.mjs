/** `mock-capgo contracts`: which there are, and where two of them differ. */
import assert from "node:assert/strict";
import test from "node:test";

import { mockCapgo } from "./server.mjs";

async function told(...args) {
  const { code, stdout, stderr } = await mockCapgo(["contracts", ...args]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

test("contracts lists each contract with its date and source", async () => {
  const lines = (await told()).trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => line.split(/\s+/).slice(0, 2)),
    [
      ["documented", "2026-04-23"],
      ["deployed-2026-02", "2026-02-19"],
    ],
  );
});

test("two contracts are compared by endpoints, steps, refusals and examples", async () => {
  const text = await told("documented", "deployed-2026-02");
  for (const part of [
    "  GET /apikey/          both\n",
    "  GET /apikey/:id/      only deployed-2026-02\n",
    // Steps: the same, of the same name, and of one alone.
    "    require_id_form                 =  require_id_form\n",
    "    authenticate                    ~  authenticate\n",
    "    require_mode_all\n",
    "                                       read_subkey\n",
    "  permission_denied: POST /apikey/\n" +
      "    documented        403 " +
      '{"error":"Insufficient permissions to manage API keys","status":"KO"}\n' +
      '    deployed-2026-02  400 {"error":"cannot_create_apikey",',
    "  rate_limited: GET /apikey/, POST /apikey/, DELETE /apikey/:id/\n" +
      '    documented        429 {"error":"Too many requests","status":"KO"}\n',
    "  key_not_found: PUT /apikey/, PUT /apikey/:id/\n" +
      "    documented        -\n" +
      '    deployed-2026-02  404 {"error":"api_key_not_found_or_access_denied",',
    "  invalid_api_key: GET /apikey/, POST /apikey/, DELETE /apikey/:id/\n" +
      '    documented        401 {"error":"Invalid API key","status":"KO"}\n' +
      "    deployed-2026-02  401 " +
      '{"error":"invalid_apikey","message":"Invalid apikey","moreInfo":{}}\n',
    "  DELETE /apikey/1/\n" +
      '    documented        200 {"success":true}\n' +
      '    deployed-2026-02  200 {"status":"ok"}\n',
  ]) {
    assert.ok(text.includes(part), `no ${JSON.stringify(part)} in ${text}`);
  }
  assert.equal(text, await told("documented", "deployed-2026-02"));
});

test("a contract compared with itself differs in nothing", async () => {
  const text = await told("deployed-2026-02", "deployed-2026-02");
  assert.doesNotMatch(text, / ~  \w|only |^ {4}deployed-2026-02 {2}\d/m);
});

test("a contract that is not there is refused by name", async () => {
  const { code, stdout, stderr } = await mockCapgo(["contracts", "documented", "deployed-2026-03"]);
  assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
  assert.match(stderr, /no contract "deployed-2026-03"; did you mean "deployed-2026-02"\?/);
  const one = await mockCapgo(["contracts", "documented"]);
  assert.equal(one.code, 2);
  assert.match(one.stderr, /name two of them/);
});
