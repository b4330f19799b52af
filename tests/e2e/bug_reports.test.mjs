/** What a person with a red test sees must be enough to mend it: each test here is such a case. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { ask, curl } from "./client.mjs";
import { toldLines } from "./log_lines.mjs";
import { folderFor, keysFile, mockCapgo, serve } from "./server.mjs";

/**
 * Makes a request that is refused, and checks what the client's terminal (X-Mock-Reason) and the
 * server's (stderr) show: the line, the status, and a step with a reason that matches.
 */
async function reasonIs(t, line, request, status, reason) {
  const server = await serve(t, ["--fixtures", keysFile]);
  const answer = await request(server);
  assert.equal(answer.status, status);
  const told = answer.headers.get("x-mock-reason");
  assert.match(told, reason);
  await server.sees("stderr", /\n/);
  assert.deepEqual(toldLines(server), [`- ${line} ${status} ${told.replace(": ", " ")}`]);
}

test("'my test gets 401': the key is not one of the fixture's", (t) => {
  const key = ["-H", "authorization: ak_124_from_staging"];
  const request = (server) => curl(...key, `${server.url}/apikey/`);
  const reason =
    /^authenticate: no key has the secret "ak_124\.\.\.".* never existed, was deleted/;
  return reasonIs(t, "GET /apikey/", request, 401, reason);
});

test("'my test gets 401 with the right key': the key has Bearer before it", (t) => {
  const request = (server) => ask(server, "GET /apikey/", { key: "Bearer ak_123" });
  return reasonIs(t, "GET /apikey/", request, 401, /^authenticate: .*"Bearer"; send the key alone/);
});

test("'my test gets 401 though I set a key': it was not sent where keys are looked for", (t) => {
  const request = (server) => ask(server, "GET /apikey/", { headers: { "api-key": "ak_123" } });
  const reason = /^authenticate: no key was sent; .*\bauthorization\b.*\bx-api-key\b/;
  return reasonIs(t, "GET /apikey/", request, 401, reason);
});

test("'my test gets 403': the key's mode is too low", (t) => {
  const request = (server) => ask(server, "DELETE /apikey/3", { key: "ak_456" });
  const reason = /^require_mode_all: key 2 has mode "read", and this needs "all"$/;
  return reasonIs(t, "DELETE /apikey/3", request, 403, reason);
});

test("'my test gets 403 with mode all': the key is limited", (t) => {
  const request = (server) => ask(server, "GET /apikey/", { key: "ak_partner" });
  const reason = /^require_unlimited_caller: key 4 is limited to the orgs org_globex/;
  return reasonIs(t, "GET /apikey/", request, 403, reason);
});

test("'my create gets 400': the mode is unknown", (t) => {
  const body = { name: "CI", mode: "reed" };
  const request = (server) => ask(server, "POST /apikey/", { key: "ak_123", body });
  return reasonIs(t, "POST /apikey/", request, 400, /^read_mode: mode is "reed"/);
});

test("'my delete gets 404': the key belongs to another user", (t) => {
  const request = (server) => ask(server, "DELETE /apikey/5/", { key: "ak_123" });
  const reason = /^find_own_key: key 5 belongs to user "user_456", and the caller is "user_123"$/;
  return reasonIs(t, "DELETE /apikey/5/", request, 404, reason);
});

test("'the server does not start': a field of the fixture is misspelt", async (t) => {
  const cwd = folderFor(t);
  const keys = '{\n  "keys": [\n    {"key": "ak_1", "mod": "all", "name": "CI"}\n  ]\n}\n';
  writeFileSync(path.join(cwd, "keys.json"), keys);
  const { code, stderr } = await mockCapgo(["--fixtures", "keys.json"], { cwd });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^keys\.json:3:21: \/keys\/0\/mod: unknown field; did you mean "mode"\?$/m,
  );
  assert.match(stderr, /^keys\.json:3:5: \/keys\/0: "mode" is missing/m);
});
