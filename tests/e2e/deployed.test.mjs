/** The deployed-2026-02 contract: demo data, storage, lockouts, and the comparison of contracts. */
import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";

import { curl, send } from "./client.mjs";
import { mockCapgo, newFolder, program, repository, run, serve } from "./server.mjs";

const contract = ["--contract", "deployed-2026-02"];
const fixture = ["--fixtures", path.join(repository, "fixtures", "keys-deployed.json")];
const managing = "11111111-1111-4111-8111-111111111111";

test("the demo key of the ready line and of exec works", async (t) => {
  const server = await serve(t, contract);
  assert.equal(server.ready.contract, "deployed-2026-02");
  const { status, headers, text } = await curl(
    ...["-H", `authorization: ${server.ready.key}`, `${server.url}/apikey`],
  );
  assert.equal(status, 200);
  assert.equal(headers.get("x-worker-source"), "capgo_api-prod-12.113.2");
  const [row, ...others] = JSON.parse(text);
  assert.deepEqual(others, []);
  assert.deepEqual(Object.keys(row), [
    ...["id", "created_at", "user_id", "key", "mode", "updated_at", "name", "limited_to_orgs"],
    ...["limited_to_apps", "key_hash", "expires_at", "rbac_id"],
  ]);
  assert.equal(row.key, server.ready.key);

  const command = 'curl -s -H "authorization: $CAPGO_TOKEN" "$CAPGO_API_URL/apikey/1"';
  const { code, stdout } = await run(program, ["exec", ...contract, "--", "sh", "-c", command]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), row);
});

test("changes and new secrets survive a killed server", async (t) => {
  const storage = ["--storage", `sqlite:${path.join(newFolder(t), "keys.db")}`];
  const server = await serve(t, [...contract, ...fixture, ...storage]);
  const body = { name: "", mode: "all", expires_at: "Jan 1 2099", regenerate: true };
  const { status, text } = await send(server, "PUT /apikey/3", { key: managing, body });
  assert.equal(status, 200, text);
  const row = JSON.parse(text);
  assert.equal(row.name, "Apikey 3");
  assert.equal(row.expires_at, "2099-01-01T00:00:00+00:00");
  await server.stop("SIGKILL");

  const again = await serve(t, [...contract, ...storage]);
  const own = await send(again, "GET /apikey/3", { key: row.key });
  assert.deepEqual(JSON.parse(own.text), { ...row, key: null });
  const old = { key: "33333333-3333-4333-8333-333333333333" };
  assert.equal((await send(again, "GET /apikey/3", old)).status, 401);
});

test("an address with 20 failed logins is blocked for 15 minutes", async (t) => {
  const options = ["--rate-limit", "standard", "--now", "2026-02-19T00:00:00Z", "--freeze"];
  const server = await serve(t, [...contract, ...fixture, ...options]);
  const from = (address) => ({ "x-forwarded-for": `${address}, 10.0.0.1` });
  const tries = async (key, address) => {
    const { status, headers } = await send(server, "GET /apikey", { key, headers: from(address) });
    return `${status} ${headers.get("retry-after") ?? ""}`;
  };
  for (let i = 0; i < 20; ++i) assert.equal(await tries("wrong", "192.0.2.1"), "401 ");
  assert.equal(await tries(managing, "192.0.2.1"), "429 900");
  assert.equal(await tries(managing, "192.0.2.2"), "200 ");
  await send(server, "POST /__admin/clock/advance", { body: { by: "899s" } });
  assert.equal(await tries(managing, "192.0.2.1"), "429 1");
  await send(server, "POST /__admin/clock/advance", { body: { by: "1s" } });
  assert.equal(await tries(managing, "192.0.2.1"), "200 ");
});

test("contracts compares endpoints, steps, rejections and examples", async () => {
  const compare = async () => {
    const { code, stdout, stderr } = await mockCapgo(["contracts", "documented", contract[1]]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    return stdout;
  };
  const text = await compare();
  for (const part of [
    "  GET /apikey/          both\n",
    "  GET /apikey/:id/      only deployed-2026-02\n",
    // Steps: the same, different but with the same name, and in one contract only.
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
  assert.equal(text, await compare());
});
