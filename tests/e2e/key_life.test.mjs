import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { ask, createKey, curl, listKeys, refusal } from "./client.mjs";
import { folderFor, keysFile, serve } from "./server.mjs";

const noon = ["--freeze", "--now", "2024-02-12T00:00:00Z"];

/** A server whose keys are these, on the day of the documented examples. */
async function serveKeys(t, keys) {
  const file = path.join(folderFor(t), "keys.json");
  writeFileSync(file, JSON.stringify(keys));
  return serve(t, ["--fixtures", file, ...noon]);
}

test("a key is made, listed, used, deleted, and refused from then on", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const made = await createKey(server, "Nightly", { mode: "all" });
  assert.match(made.key, /^ak_[0-9a-f]{32}$/);

  const listed = (await listKeys(server)).find(({ id }) => id === made.id);
  assert.deepEqual(listed, { ...made, updated_at: made.created_at });
  assert.deepEqual(await listKeys(server, made.key), await listKeys(server));

  const deleted = await ask(server, `DELETE /apikey/${made.id}/`, { key: "ak_123" });
  assert.equal(deleted.status, 200);
  assert.equal(deleted.text, '{"success":true}');

  const used = await ask(server, "GET /apikey/", { key: made.key });
  assert.equal(used.status, 401);
  assert.equal(used.text, refusal("Invalid API key"));
  const again = await ask(server, `DELETE /apikey/${made.id}/`, { key: "ak_123" });
  assert.equal(again.status, 404);
  assert.equal(
    (await listKeys(server)).some(({ id }) => id === made.id),
    false,
  );
});

test("the life of a key with curl", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const as = (key) => ["-H", `authorization: ${key}`];
  const made = await curl(
    ...as("ak_123"),
    "-d",
    '{"name":"Curl","mode":"all"}',
    `${server.url}/apikey/`,
  );
  assert.equal(made.status, 200);
  assert.equal(made.headers.get("content-type"), "application/json");
  const { id, key } = JSON.parse(made.text).apikey;

  const list = await curl(...as(key), `${server.url}/apikey/`);
  assert.equal(list.status, 200);
  assert.deepEqual(JSON.parse(list.text).data, await listKeys(server));
  const gone = await curl(...as(key), "-X", "DELETE", `${server.url}/apikey/${id}/`);
  assert.equal(gone.text, '{"success":true}');
  assert.equal((await curl(...as(key), `${server.url}/apikey/`)).status, 401);
});

test("a key may delete itself, and ids are never used again", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const made = await createKey(server, "Short-lived", { mode: "all" });
  const deleted = await ask(server, `DELETE /apikey/${made.id}/`, { key: made.key });
  assert.equal(deleted.status, 200);
  assert.equal((await ask(server, "GET /apikey/", { key: made.key })).status, 401);
  assert.equal((await createKey(server, "Next")).id, made.id + 1);
});

test("the documented list has its documented bytes", async (t) => {
  const first = { created_at: "2024-01-01T00:00:00Z", updated_at: "2024-01-01T00:00:00Z" };
  const second = { created_at: "2024-01-02T00:00:00Z", updated_at: "2024-01-02T00:00:00Z" };
  const server = await serveKeys(t, [
    { key: "ak_123", mode: "read", name: "CI/CD Read Key", ...first },
    {
      key: "ak_456",
      mode: "upload",
      name: "Deploy Bot",
      limited_to_apps: ["com.demo.app"],
      ...second,
    },
    { key: "ak_caller", mode: "all", name: "Caller" },
  ]);
  const list = await ask(server, "GET /apikey/", { key: "ak_caller" });
  assert.equal(
    list.text,
    '{"data":[' +
      '{"id":1,"key":"ak_123","mode":"read","name":"CI/CD Read Key",' +
      '"created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-01T00:00:00Z",' +
      '"user_id":"user_123"},' +
      '{"id":2,"key":"ak_456","mode":"upload","name":"Deploy Bot",' +
      '"created_at":"2024-01-02T00:00:00Z","updated_at":"2024-01-02T00:00:00Z",' +
      '"user_id":"user_123","limited_to_apps":["com.demo.app"]},' +
      '{"id":3,"key":"ak_caller","mode":"all","name":"Caller",' +
      '"created_at":"2024-02-12T00:00:00Z","updated_at":"2024-02-12T00:00:00Z",' +
      '"user_id":"user_123"}]}',
  );
  assert.equal(list.headers.get("content-type"), "application/json");
  assert.equal(list.headers.get("content-length"), String(list.text.length));
});

test("the documented creates and the delete have their documented bytes", async (t) => {
  const server = await serveKeys(t, [
    { key: "ak_read", mode: "read", name: "Reader" },
    { key: "ak_caller", mode: "all", name: "Caller" },
  ]);
  const create = (body) => ask(server, "POST /apikey/", { key: "ak_caller", body });
  const secret = ({ text }) => /"key":"(ak_[0-9a-f]{32})"/.exec(text)?.[1];

  const limited = await create({
    name: "Limited Read Key",
    mode: "read",
    limited_to_apps: ["com.demo.app"],
  });
  assert.equal(
    limited.text,
    `{"apikey":{"id":3,"key":"${secret(limited)}","mode":"read","name":"Limited Read Key",` +
      '"created_at":"2024-02-12T00:00:00Z","user_id":"user_123","limited_to_apps":["com.demo.app"]}}',
  );
  const plain = await create({ name: "Secure CI Key", mode: "upload" });
  assert.equal(
    plain.text,
    `{"apikey":{"id":4,"key":"${secret(plain)}","mode":"upload","name":"Secure CI Key",` +
      '"created_at":"2024-02-12T00:00:00Z","user_id":"user_123"}}',
  );
  const deleted = await ask(server, "DELETE /apikey/1/", { key: "ak_caller" });
  assert.equal(deleted.text, '{"success":true}');
});

test("every rule refuses with its status and text, and changes nothing", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const before = await listKeys(server);
  const permission = "Insufficient permissions to manage API keys";
  const mode = "Invalid mode specified. Must be one of: read, write, upload, all";
  const apps = "limited_to_apps must be an array of app ids";
  const orgs = "limited_to_orgs must be an array of org ids";
  const id = "API key ID must be a valid UUID or number";
  const create = "POST /apikey/";
  const key = { name: "x", mode: "read" };
  const cases = [
    [401, "Invalid API key", "GET /apikey/", {}],
    [401, "Invalid API key", "GET /apikey/", { key: "ak_unknown" }],
    [401, "Invalid API key", "GET /apikey/", { key: "AK_123" }],
    [401, "Invalid API key", create, { key: "Bearer ak_123", body: key }],
    [401, "Invalid API key", "DELETE /apikey/2/", { key: "ak_unknown" }],
    [403, permission, "GET /apikey/", { key: "ak_456" }],
    [403, permission, create, { key: "ak_789", body: key }],
    [403, permission, "DELETE /apikey/2/", { key: "ak_partner" }],
    [400, "Invalid JSON body", create, { key: "ak_123" }],
    [400, "Invalid JSON body", create, { key: "ak_123", body: '{"name":' }],
    [400, "Invalid JSON body", create, { key: "ak_123", body: "[]" }],
    [400, apps, create, { key: "ak_123", body: { ...key, limited_to_apps: null } }],
    [400, apps, create, { key: "ak_123", body: { ...key, limited_to_apps: [5] } }],
    [400, orgs, create, { key: "ak_123", body: { ...key, limited_to_orgs: "org_acme" } }],
    [400, "Name is required", create, { key: "ak_123", body: { mode: "read" } }],
    [400, "Name is required", create, { key: "ak_123", body: { name: "", mode: "read" } }],
    [400, "Name must be a string", create, { key: "ak_123", body: { name: 5, mode: "read" } }],
    [400, mode, create, { key: "ak_123", body: { name: "x" } }],
    [400, mode, create, { key: "ak_123", body: { name: "x", mode: "READ" } }],
    [400, id, "DELETE /apikey/ak_456/", { key: "ak_123" }],
    [400, id, "DELETE /apikey/-1/", { key: "ak_123" }],
    [404, "API key not found", "DELETE /apikey/999/", { key: "ak_123" }],
    [404, "API key not found", "DELETE /apikey/5/", { key: "ak_123" }], // Another user's.
    [404, "API key not found", "DELETE /apikey/99999999999999999999/", { key: "ak_123" }],
    [404, "Not found", "GET /apikey/1/", { key: "ak_123" }],
    [404, "Not found", "PUT /apikey/1/", { key: "ak_123", body: key }],
    [404, "Not found", "DELETE /apikey/", { key: "ak_123" }],
  ];
  for (const [status, error, line, request] of cases) {
    const answer = await ask(server, line, request);
    const asked = `${line} ${JSON.stringify(request)}`;
    assert.deepEqual([answer.status, answer.text], [status, refusal(error)], asked);
    assert.match(answer.headers.get("x-mock-reason"), /^[a-z_]+: ./, asked);
  }
  assert.deepEqual(await listKeys(server), before);
});
