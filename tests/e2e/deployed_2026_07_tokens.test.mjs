/** Signing in with the deployed-2026-07 contract: tokens, their secret and their time. */
import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";

import { send } from "./client.mjs";
import { control, sandboxOf } from "./control.mjs";
import { program, repository, run, serve } from "./server.mjs";
import { localSecret, readToken, signToken, user } from "./tokens.mjs";

const fixture = path.join(repository, "fixtures", "keys-deployed.json");
const options = ["--contract", "deployed-2026-07", "--fixtures", fixture];

const list = (server, authorization) =>
  send(server, "GET /apikey", { headers: { authorization } });
const idsOf = ({ status, text }) => {
  assert.equal(status, 200, text);
  return JSON.parse(text).map(({ id }) => id).sort();
};

/** Checks that a token is rejected, and returns the reason. */
async function rejectionOf(server, authorization) {
  const { status, headers, text } = await list(server, authorization);
  assert.equal(status, 401, text);
  assert.equal(text, '{"error":"invalid_jwt","message":"Invalid JWT","moreInfo":{}}');
  return headers.get("x-mock-reason");
}

test("the ready line has a token of the key's owner that lasts ten years of the clock", async (t) => {
  const server = await serve(t, [...options, "--now", "2026-07-24T00:00:00Z", "--freeze"]);
  const members = ["event", "url", "admin", "key", "user_token", "contract", "version", "pid"];
  assert.deepEqual(Object.keys(server.ready), members);
  const [, { sub, iat, exp }] = readToken(server.ready.user_token);
  const times = ["2026-07-24", "2036-07-24"].map((time) => Date.parse(time) / 1000);
  assert.deepEqual([sub, iat, exp], [user, ...times]);
  for (const sandbox of [server, sandboxOf(server, "worker")]) {
    const own = idsOf(await list(sandbox, `Bearer ${server.ready.user_token}`));
    assert.deepEqual(own, [1, 2, 3, 4]);
    await control(sandbox, "POST /__admin/clock/advance", { by: "P9Y" });
    assert.deepEqual(idsOf(await list(sandbox, `Bearer ${server.ready.user_token}`)), own);
  }
});

test("the ready line and the token of a frozen clock are the same in each run", async (t) => {
  const frozen = [...options, "--now", "2026-07-24", "--freeze", "--seed", "7"];
  const [first, second] = await Promise.all([1, 2].map(() => serve(t, frozen)));
  assert.equal(first.ready.user_token, second.ready.user_token);
});

test("exec passes a token to its command, which lists keys with it", async () => {
  const script = `
    const { CAPGO_API_URL: url, CAPGO_USER_TOKEN: token } = process.env;
    const response = await fetch(url + "/apikey", { headers: { authorization: "Bearer " + token } });
    console.log(response.status, (await response.json()).length);`;
  const child = [process.execPath, "--input-type=module", "-e", script];
  const env = { ...process.env, CAPGO_USER_TOKEN: "real" };
  const { code, stdout, stderr } = await run(program, ["exec", ...options, "--", ...child], { env });
  assert.deepEqual([code, stdout], [0, "200 4\n"], stderr);
});

test("tokens that are signed with the secret of the server are accepted", async (t) => {
  for (const secret of [localSecret, "own"]) {
    const server = await serve(t, secret === localSecret ? options : [...options, "--jwt-secret", secret]);
    const made = await control(server, "POST /__admin/tokens");
    for (const token of [signToken(secret), made.token, server.ready.user_token]) {
      assert.deepEqual(idsOf(await list(server, `Bearer ${token}`)), [1, 2, 3, 4]);
      assert.deepEqual(idsOf(await list(server, token)), [1, 2, 3, 4]);
    }
    const stranger = signToken(secret, { sub: "99999999-9999-4999-8999-999999999999" });
    assert.deepEqual(idsOf(await list(server, `Bearer ${stranger}`)), []);

    const other = signToken(secret === "own" ? localSecret : "own");
    const reason = await rejectionOf(server, `Bearer ${other}`);
    assert.match(reason, /signed with another secret; .*--jwt-secret.*POST \/__admin\/tokens/);
    assert.equal(reason.includes(other), false);
  }
});

test("unsigned tokens, other algorithms and malformed headers are rejected", async (t) => {
  const server = await serve(t, options);
  const token = signToken();
  const [header, claims] = token.split(".");
  const none = signToken(localSecret, {}, { alg: "none" }).split(".");
  for (const [authorization, reason] of [
    [`Bearer ${none[0]}.${none[1]}.`, /alg is not HS256/],
    [`Bearer ${signToken(localSecret, {}, { alg: "HS512" })}`, /alg is not HS256/],
    [`Bearer ${header}.${claims}.`, /signed with another secret/],
    [`bearer ${token}`, /^authenticate: authorization does not begin with exactly one "Bearer "/],
    [`Bearer  ${token}`, /exactly one "Bearer "/],
    [`Bearer Bearer ${token}`, /exactly one "Bearer "/],
    [`Bearer ${signToken(localSecret, { sub: "" })}`, /without a sub/],
    [`Bearer ${signToken(localSecret, { exp: "never" })}`, /exp is not a number/],
  ]) {
    assert.match(await rejectionOf(server, authorization), reason);
  }
});

test("a token expires by the clock of its sandbox", async (t) => {
  const server = await serve(t, [...options, "--now", "2026-07-24T00:00:00Z", "--freeze"]);
  const worker = sandboxOf(server, "worker");
  const { token, expires_at } = await control(server, "POST /__admin/tokens", { expires_in: "1m" });
  assert.equal(expires_at, "2026-07-24T00:01:00Z");
  await control(worker, "POST /__admin/clock/advance", { by: "59s" });
  assert.equal((await list(worker, `Bearer ${token}`)).status, 200);
  await control(worker, "POST /__admin/clock/advance", { by: "1s" });
  assert.match(
    await rejectionOf(worker, `Bearer ${token}`),
    /exp has passed, as the time is 2026-07-24T00:01:00Z; get a new one from POST \/__admin\/tokens/,
  );
  assert.equal((await list(server, `Bearer ${token}`)).status, 200);
  const renewed = await control(worker, "POST /__admin/tokens");
  assert.equal((await list(worker, `Bearer ${renewed.token}`)).status, 200);
});
