/** POST /__admin/tokens under every contract, --jwt-secret, and their secrets in output. */
import assert from "node:assert/strict";
import test from "node:test";

import { send } from "./client.mjs";
import { assertControlError, control, sandboxOf } from "./control.mjs";
import { keysFile, mockCapgo, program, run, serve } from "./server.mjs";
import { localSecret, readToken } from "./tokens.mjs";

const frozen = ["--now", "2024-01-31T12:00:00.75Z", "--freeze"];
const now = 1706702400; // 2024-01-31T12:00:00Z

const getToken = (server, body) => control(server, "POST /__admin/tokens", body);

test("a token has the claims of Supabase and is signed with the secret of local stacks", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, ...frozen]);
  const { token, ...rest } = await getToken(server);
  assert.deepEqual(rest, { user_id: "user_123", expires_at: "2024-01-31T13:00:00Z" });
  assert.deepEqual(readToken(token), [
    { alg: "HS256", typ: "JWT" },
    { aud: "authenticated", exp: now + 3600, iat: now, sub: "user_123", role: "authenticated" },
  ]);

  const other = await getToken(server, { user_id: "Zo\u00eb", expires_in: "31d" });
  const [, { sub, iat, exp }] = readToken(other.token);
  assert.deepEqual([sub, iat, exp], ["Zo\u00eb", now, now + 31 * 86400]);
  assert.equal(other.expires_at, "2024-03-02T12:00:00Z");
});

test("the same clock, user and secret give the same token", async (t) => {
  const servers = await Promise.all([1, 2].map(() => serve(t, frozen)));
  const [first, second] = await Promise.all(servers.map((server) => getToken(server)));
  assert.deepEqual(first, second);
});

test("--jwt-secret and MOCK_CAPGO_JWT_SECRET sign tokens", async (t) => {
  const own = "s p\u00e4ce";
  const env = { ...process.env, MOCK_CAPGO_JWT_SECRET: own };
  for (const server of [await serve(t, ["--jwt-secret", own]), await serve(t, [], { env })]) {
    const { token } = await getToken(server);
    readToken(token, own);
    assert.throws(() => readToken(token, localSecret));
  }
});

test("each sandbox makes tokens for its own time", async (t) => {
  const server = await serve(t, frozen);
  const worker = sandboxOf(server, "worker");
  await control(worker, "PUT /__admin/clock", { now: "2030-01-01" });
  const year = Date.parse("2030-01-01") / 1000;
  for (const [sandbox, start] of [
    [server, now],
    [worker, year],
    [sandboxOf(server, "other"), now],
  ]) {
    const [, { iat, exp }] = readToken((await getToken(sandbox)).token);
    assert.deepEqual([iat, exp], [start, start + 3600]);
  }
});

test("the deployed contract of February accepts a token until its time", async (t) => {
  const server = await serve(t, ["--contract", "deployed-2026-02", ...frozen]);
  const { token, user_id } = await getToken(server, { expires_in: "10m" });
  const list = () => send(server, "GET /apikey", { key: `Bearer ${token}` });
  const [row] = JSON.parse((await list()).text);
  assert.equal(row.user_id, user_id);
  await control(server, "POST /__admin/clock/advance", { by: "601s" });
  assert.equal((await list()).status, 401);
});

test("invalid calls for a token are rejected", async (t) => {
  const server = await serve(t);
  for (const [body, detail] of [
    [{ user_id: 7 }, /\/user_id: 7 must be a string/],
    [{ user_id: "" }, /\/user_id: .*empty/],
    [{ expires_in: 60 }, /\/expires_in: 60 is not a valid duration; write "60s"/],
    [{ expires_in: "-1h" }, /\/expires_in: "-1h" is not a valid duration; write one such as/],
    [{ expires_at: "1h" }, /did you mean "expires_in"/],
    ["[]", /body:1:1/],
    ["{", /body:1:2/],
  ]) {
    const response = await send(server, "POST /__admin/tokens", { body });
    const { details } = assertControlError(response, 400);
    assert.match(details.join("\n"), detail);
  }
});

test("the secret and tokens are not printed", async (t) => {
  const server = await serve(t, ["--jwt-secret", "hush-hush", "--log", "debug"]);
  const { token } = await getToken(server);
  await send(server, "GET /apikey/", { key: `Bearer ${token}` });
  const { stdout, stderr } = await server.stop();
  assert.match(stderr, /POST +\/__admin\/tokens/);
  for (const secret of ["hush-hush", token, token.split(".")[2]]) {
    assert.equal((stdout + stderr).includes(secret), false, stderr);
  }
  for (const args of [["hush-hush"], ["--port", "x"], ["--sed", "1"], ["--jwt-secret", "hush-hush"]]) {
    const { code, stderr } = await mockCapgo(["--jwt-secret", "hush-hush", ...args]);
    assert.equal(code, 2);
    assert.equal(stderr.includes("hush-hush"), false, stderr);
  }
});

test("an empty --jwt-secret is rejected", async () => {
  const { code, stderr } = await mockCapgo(["--port", "0", "--jwt-secret", ""]);
  assert.equal(code, 2);
  assert.match(stderr, /^mock-capgo: --jwt-secret: must not be empty; leave it out for /);
});

test("without roles there is no user token in the ready line, and exec sets an empty one", async (t) => {
  for (const contract of ["documented", "deployed-2026-02"]) {
    const server = await serve(t, ["--contract", contract]);
    assert.equal("user_token" in server.ready, false);
    const env = { ...process.env, CAPGO_USER_TOKEN: "real" };
    const command = ["sh", "-c", 'printf "<%s>" "$CAPGO_USER_TOKEN"'];
    const { stdout } = await run(program, ["exec", "--contract", contract, "--", ...command], { env });
    assert.equal(stdout, "<>");
  }
});
