/** The built-in scenario public-api and guarded rules with roles, on a running server. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { send } from "./client.mjs";
import { control } from "./control.mjs";
import { mockCapgo, newFolder, serve } from "./server.mjs";

const contract = ["--contract", "deployed-2026-07"];
const org = "00000000-0000-4000-8000-0000000000a0";
const app = "com.acme.app";
const uuid = "00000000-0000-4000-8000-0000000000a1";
const fixture = {
  orgs: [{ id: org, name: "Acme" }],
  apps: [{ id: uuid, app_id: app, owner_org: org }],
  channels: [
    { id: 41, rbac_id: "00000000-0000-4000-8000-0000000000a2", name: "production", app_id: app },
  ],
  keys: ["read", "upload", "write", "all"].map((mode) => ({ key: `key-${mode}`, name: mode, mode })),
};

/** Writes a JSON file into a new folder, and returns its path. */
function jsonFile(t, name, value) {
  const file = path.join(newFolder(t), name);
  writeFileSync(file, JSON.stringify(value));
  return file;
}

function serveFixture(t, ...options) {
  const fixtures = ["--fixtures", jsonFile(t, "keys.json", fixture)];
  return serve(t, [...contract, ...fixtures, ...options]);
}

test("keys with modes make the calls that the roles of their migration permit", async (t) => {
  const server = await serveFixture(t, "--scenario", "public-api");
  const allowed = async (line, body) => {
    const modes = [];
    for (const { name } of fixture.keys) {
      const headers = { capgkey: `key-${name}` };
      const { status } = await send(server, line, { headers, body });
      if (status === 200) modes.push(name);
    }
    return modes.join(" ");
  };
  const inApp = { app_id: app };
  assert.equal(await allowed(`GET /app/${app}`), "read upload write all");
  assert.equal(await allowed("POST /bundle/", inApp), "upload write all");
  assert.equal(await allowed("POST /channel/", { ...inApp, channel: "beta" }), "write all");
  assert.equal(await allowed(`DELETE /app/${app}`), "all");
  assert.equal(await allowed("POST /organization/", { name: "New" }), "all");
  assert.equal(await allowed("POST /bundle/", { app_id: "com.unknown" }), "");
});

test("a rejection says which permission is missing, and authorize says the same", async (t) => {
  const server = await serveFixture(t, "--scenario", "public-api");
  const headers = { capgkey: "key-read" };
  const { status, text, headers: received } = await send(server, "POST /bundle/", {
    headers,
    body: { app_id: app },
  });
  assert.equal(status, 400);
  const expected = {
    error: "cannot_create_bundle",
    message: "You can't access this app",
    moreInfo: {},
  };
  assert.deepEqual(JSON.parse(text), expected);
  const reason =
    `key 1 has the roles org_member (org ${org}), app_reader (app ${app}), ` +
    `and none of them gives "app.upload_bundle" for the app "${app}"`;
  assert.equal(received.get("x-mock-reason"), `requires: ${reason}`);
  const question = { key: "key-read", permission: "app.upload_bundle", app_id: app };
  assert.deepEqual(await control(server, "POST /__admin/authorize", question), {
    allowed: false,
    reason,
  });
});

test("a key with a role for a channel may use that channel only", async (t) => {
  const server = await serveFixture(t, "--scenario", "public-api");
  const ids = { org_id: org, app_id: uuid, channel_id: 41 };
  const bindings = [{ role_name: "channel_admin", scope_type: "channel", ...ids }];
  const key = { key: "key-channel", name: "Channel", bindings };
  await control(server, "POST /__admin/keys", key, { wanted: 201 });
  const headers = { capgkey: "key-channel" };
  const statusOf = async (line, fields) => {
    const body = { app_id: app, ...fields };
    return (await send(server, line, { headers, body })).status;
  };
  assert.equal(await statusOf("POST /channel/", { channel: "production" }), 200);
  assert.equal(await statusOf("DELETE /channel/", { channel: "production" }), 200);
  assert.equal(await statusOf("PUT /bundle/", { channel_id: 41, version_id: 1 }), 200);
  assert.equal(await statusOf("POST /channel/", { channel: "beta" }), 400);
  assert.equal(await statusOf("PUT /bundle/", { channel_id: 42, version_id: 1 }), 400);
  assert.equal(await statusOf("POST /bundle/", {}), 400);
  const question = { key: "key-channel", permission: "channel.delete", app_id: uuid };
  const { allowed, reason } = await control(server, "POST /__admin/authorize", {
    ...question,
    channel_id: "production",
  });
  assert.equal(allowed, true);
  assert.equal(
    reason,
    `key 5 has the role channel_admin (channel production of ${app}), which gives "channel.delete"`,
  );
});

test("check reports a mode in a rule, and says which permission to write", async (t) => {
  const rule = { on: "POST /bundle/", requires: { mode: "upload" }, respond: {} };
  const file = jsonFile(t, "modes.json", { rules: [rule] });
  const { code, stderr } = await mockCapgo(["check", ...contract, "--scenario", file]);
  assert.equal(code, 2);
  assert.equal(
    stderr.slice(file.length),
    ":1:52: /rules/0/requires/mode: this contract has roles instead of modes; " +
      'write "permission": "app.upload_bundle"\n',
  );
});

test("scenarios prints the table of public-api for the contract", async () => {
  const { code, stdout } = await mockCapgo(["scenarios", ...contract, "public-api"]);
  assert.equal(code, 0);
  const { rules } = JSON.parse(stdout);
  const upload = rules.find(({ on }) => on === "POST /bundle/");
  assert.deepEqual(upload.requires, { permission: "app.upload_bundle", app: "body.app_id" });
});
