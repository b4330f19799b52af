/** supabase-js calls the function `apikey` of the contract deployed-2026-07 as a signed-in user. */
import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";

import { control } from "./control.mjs";
import { repository, serve } from "./server.mjs";
import { call, clientOf } from "./supabase.mjs";

const user = "00000000-0000-4000-8000-000000000123";
const acme = "0a000000-0000-4000-8000-00000000000a";
const strict = "0b000000-0000-4000-8000-00000000000b";
const app = "5f0c2b7e-4c1d-4f7a-9d35-0c2f6f1f7a10";
const uploader = { role_name: "app_uploader", scope_type: "app", org_id: acme, app_id: app };

/** Starts a server with Supabase's path of functions. */
function serveFunctions(t, ...options) {
  const contract = ["--contract", "deployed-2026-07", "--base-path", "/functions/v1"];
  const fixture = path.join(repository, "fixtures", "keys-deployed.json");
  return serve(t, [...contract, "--fixtures", fixture, ...options]);
}

function signedIn(server, token = server.ready.user_token) {
  return clientOf(server, { accessToken: async () => token });
}

const create = (client, body) => call(client, "apikey", { method: "POST", body });
const list = (client) => call(client, "apikey", { method: "GET" });

test("supabase-js creates, lists, updates, regenerates and deletes a key", async (t) => {
  const server = await serveFunctions(t, "--now", "2026-07-24T19:50:56.5Z", "--freeze");
  const client = signedIn(server);

  const created = await create(client, { name: "Nightly", bindings: [uploader] });
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(created.key, uuid);
  assert.match(created.rbac_id, uuid);
  const { rbac_id } = created;
  const text = "2026-07-24 19:50:56.5+00";
  const row = {
    id: 6,
    created_at: text,
    user_id: user,
    key: created.key,
    updated_at: text,
    name: "Nightly",
    key_hash: null,
    expires_at: null,
    rbac_id,
    global_permissions: [],
  };
  assert.equal(JSON.stringify(created), JSON.stringify(row));

  const time = "2026-07-24T19:50:56.5+00:00";
  const listed = {
    created_at: time,
    expires_at: null,
    id: 6,
    name: "Nightly",
    rbac_id,
    updated_at: time,
    user_id: user,
    is_hashed_key: false,
    global_permissions: [],
  };
  const keys = await list(client);
  assert.deepEqual(
    keys.map(({ id, name }) => `${id} ${name}`),
    ["1 CI", "2 Dashboard", "3 Deploy Bot", "4 Partner", "6 Nightly"],
  );
  assert.equal(JSON.stringify(keys[4]), JSON.stringify(listed));

  const changes = { id: 6, name: "Weekly", expires_at: "2026-12-31" };
  const changed = await call(client, "apikey", { method: "PUT", body: changes });
  const { global_permissions, ...renamed } = listed;
  const expires_at = "2026-12-31T00:00:00+00:00";
  assert.equal(JSON.stringify(changed), JSON.stringify({ ...renamed, name: "Weekly", expires_at }));
  const one = await call(client, "apikey/6", { method: "GET" });
  assert.deepEqual(one, { ...changed, global_permissions });

  const regenerated = await call(client, "apikey/6", { method: "PUT", body: { regenerate: true } });
  assert.match(regenerated.key, uuid);
  assert.notEqual(regenerated.key, created.key);
  const { key, global_permissions: none, ...others } = row;
  assert.deepEqual(regenerated, {
    ...others,
    name: "Weekly",
    key: regenerated.key,
    created_at: time,
    updated_at: time,
    expires_at,
    is_hashed_key: false,
  });
  await assert.rejects(list(clientOf(server, { global: { headers: { Authorization: key } } })), {
    status: 401,
    body: { error: "invalid_apikey", message: "Invalid apikey", moreInfo: {} },
  });

  assert.deepEqual(await call(client, "apikey/6", { method: "DELETE" }), { status: "ok" });
  await assert.rejects(call(client, "apikey/6", { method: "GET" }), {
    message: "FunctionsHttpError",
    status: 404,
    body: {
      error: "failed_to_get_apikey",
      message: "Failed to get API key",
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

test("supabase-js gets the errors of create", async (t) => {
  const server = await serveFunctions(t);
  const client = signedIn(server);
  const rejections = [
    [{ name: "CI", mode: "all" }, 400, "bindings_required", "API key bindings are required"],
    [{ bindings: [uploader] }, 400, "name_is_required", "Name is required"],
    [
      { name: "CI", bindings: [{ ...uploader, role_name: "app_uplaoder" }] },
      ...[404, "binding_failed", "Role not found"],
    ],
    [
      { name: "CI", bindings: [{ ...uploader, org_id: app }] },
      ...[403, "forbidden_binding", `Forbidden - API key management rights required for org ${app}`],
    ],
    [
      { name: "CI", bindings: [{ role_name: "org_member", scope_type: "org", org_id: strict }] },
      ...[400, "expiration_required", "This organization requires API keys to have an expiration date"],
    ],
  ];
  for (const [body, status, error, message] of rejections) {
    await assert.rejects(create(client, body), { status, body: { error, message, moreInfo: {} } });
  }
  assert.equal((await list(client)).length, 4);
});

test("a token signs in its user until it expires, and others are rejected", async (t) => {
  const server = await serveFunctions(t);
  const other = { user_id: "00000000-0000-4000-8000-000000000456", expires_in: "1h" };
  const { token } = await control(server, "POST /__admin/tokens", other);
  const idsOf = async (client) => (await list(client)).map(({ id }) => id);
  assert.deepEqual(await idsOf(signedIn(server, token)), [5]);
  assert.deepEqual(await idsOf(signedIn(server)), [1, 2, 3, 4]);

  const rejection = { error: "invalid_jwt", message: "Invalid JWT", moreInfo: {} };
  const [header, claims, signature] = token.split(".");
  const forged = Buffer.from(JSON.stringify({ sub: user })).toString("base64url");
  for (const each of [`${header}.${forged}.${signature}`, `${header}.${claims}.`, "any-anon-key"]) {
    await assert.rejects(list(signedIn(server, each)), { status: 401, body: rejection });
  }
  await control(server, "POST /__admin/clock/advance", { by: "1h" });
  await assert.rejects(list(signedIn(server, token)), { status: 401, body: rejection });
});

test("a key cannot create keys, and lists those of its orgs only if its role allows that", async (t) => {
  const server = await serveFunctions(t);
  const as = (key) => clientOf(server, { global: { headers: { Authorization: key } } });
  const manager = { role_name: "apikey_manager", scope_type: "org", org_id: acme };
  const { key } = await create(signedIn(server), { name: "Manager", bindings: [manager] });
  await assert.rejects(create(as(key), { name: "CI", bindings: [uploader] }), {
    status: 400,
    body: {
      error: "cannot_create_apikey",
      message: "API keys cannot create other API keys",
      moreInfo: {},
    },
  });
  // Keys 1 and 2 have roles in another org too.
  const names = (await list(as(key))).map(({ name }) => name);
  assert.deepEqual(names, ["Deploy Bot", "Partner", "Manager"]);
  const { id, key: weak } = await create(signedIn(server), { name: "CI", bindings: [uploader] });
  await assert.rejects(list(as(weak)), {
    status: 401,
    body: {
      error: "cannot_list_apikeys",
      message: "API key management requires RBAC org role management permission",
      moreInfo: { apikeyId: id },
    },
  });
});
