/** supabase-js calls the function `apikey` of the deployed contract. */
import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";

import { control } from "./control.mjs";
import { repository, serve } from "./server.mjs";
import { call, clientOf } from "./supabase.mjs";

const fixture = path.join(repository, "fixtures", "keys-deployed.json");
const user = "00000000-0000-4000-8000-000000000123";
const managing = "11111111-1111-4111-8111-111111111111";

/** Starts a server of the deployed contract with Supabase's path of functions. */
function serveFunctions(t, ...options) {
  const contract = ["--contract", "deployed-2026-02", "--base-path", "/functions/v1"];
  return serve(t, [...contract, "--fixtures", fixture, ...options]);
}

test("supabase-js lists, creates, updates and deletes keys with an API key", async (t) => {
  const server = await serveFunctions(t, "--now", "2026-02-19T12:00:00.25Z", "--freeze");
  const client = clientOf(server, { global: { headers: { Authorization: managing } } });

  const listed = await call(client, "apikey", { method: "GET" });
  assert.deepEqual(
    listed.map(({ id, name, created_at }) => ({ id, name, created_at })),
    [
      { id: 1, name: "CI", created_at: "2024-01-01T00:00:00.123456+00:00" },
      { id: 2, name: "Dashboard", created_at: "2024-01-02T00:00:00+00:00" },
      { id: 3, name: "Deploy Bot", created_at: "2024-01-03T00:00:00+00:00" },
      { id: 4, name: "Partner", created_at: "2024-01-04T00:00:00+00:00" },
    ],
  );

  const created = await call(client, "apikey", {
    method: "POST",
    body: { name: "Nightly", mode: "upload", limited_to_apps: ["com.demo.app"] },
  });
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(created.key, uuid);
  assert.match(created.rbac_id, uuid);
  const row = {
    id: 6,
    created_at: "2026-02-19T12:00:00.25+00:00",
    user_id: user,
    key: created.key,
    mode: "upload",
    updated_at: "2026-02-19T12:00:00.25+00:00",
    name: "Nightly",
    limited_to_orgs: [],
    limited_to_apps: ["com.demo.app"],
    key_hash: null,
    expires_at: null,
    rbac_id: created.rbac_id,
  };
  assert.equal(JSON.stringify(created), JSON.stringify(row));

  const changed = await call(client, "apikey", { method: "PUT", body: { id: 6, mode: "all" } });
  assert.deepEqual(changed, { ...row, mode: "all" });
  const one = await call(client, "apikey/6", { method: "GET" });
  assert.deepEqual(one, changed);

  assert.deepEqual(await call(client, "apikey/6", { method: "DELETE" }), { status: "ok" });
  await assert.rejects(call(client, "apikey/6", { method: "DELETE" }), {
    message: "FunctionsHttpError",
    status: 404,
    body: {
      error: "api_key_not_found",
      message: "API key not found",
      moreInfo: {
        supabaseError: {
          code: "PGRST116",
          details: "The result contains 0 rows",
          hint: null,
          message: "Cannot coerce the result to a single JSON object",
        },
      },
    },
  });
});

test("supabase-js manages keys of a logged-in user, with a JWT", async (t) => {
  const server = await serveFunctions(t);
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = (claims) => `${encode({ alg: "HS256" })}.${encode(claims)}.unchecked`;
  const as = (claims) => clientOf(server, { accessToken: async () => token(claims) });

  const inAnHour = Math.floor(Date.now() / 1000) + 3600;
  const keys = await call(as({ sub: user, exp: inAnHour }), "apikey", { method: "GET" });
  assert.deepEqual(
    keys.map(({ id }) => id),
    [1, 2, 3, 4],
  );
  const unknownUser = { sub: "99999999-9999-4999-8999-999999999999" };
  assert.deepEqual(await call(as(unknownUser), "apikey", { method: "GET" }), []);
  const rejection = { error: "invalid_jwt", message: "Invalid JWT", moreInfo: {} };
  for (const claims of [{ sub: user, exp: inAnHour - 7200 }, { sub: "" }, {}]) {
    const rejected = call(as(claims), "apikey", { method: "GET" });
    await assert.rejects(rejected, { status: 401, body: rejection });
  }
});

test("supabase-js without a user sends its anon key, which is rejected", async (t) => {
  const server = await serveFunctions(t);
  await assert.rejects(call(clientOf(server), "apikey", { method: "GET" }), {
    status: 401,
    body: { error: "invalid_jwt", message: "Invalid JWT", moreInfo: {} },
  });
});

test("supabase-js works with the URL of a sandbox", async (t) => {
  const server = await serveFunctions(t);
  const idsIn = async (url) => {
    const client = clientOf({ url }, { global: { headers: { Authorization: managing } } });
    const listed = await call(client, "apikey", { method: "GET" });
    await call(client, "apikey", { method: "POST", body: { name: "New", mode: "read" } });
    return listed.map(({ id }) => id);
  };
  const body = { name: "worker-1" };
  const { url } = await control(server, "POST /__admin/sandboxes", body, { wanted: 201 });
  assert.deepEqual(await idsIn(url), [1, 2, 3, 4]);
  assert.deepEqual(await idsIn(url), [1, 2, 3, 4, 6]);
  assert.deepEqual(await idsIn(server.url), [1, 2, 3, 4]);
});
