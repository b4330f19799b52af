/** Hashed keys work, and their secret is not stored. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { listKeys, send } from "./client.mjs";
import { keysFile, newFolder, serve } from "./server.mjs";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

async function createHashed(server, key = "ak_123") {
  const body = { name: "Hashed", mode: "all", hashed: true };
  const { status, text } = await send(server, "POST /apikey/", { key, body });
  assert.equal(status, 200, text);
  return JSON.parse(text).apikey;
}

test("a hashed key works, is listed without its secret, and can be deleted", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const created = await createHashed(server);
  assert.match(created.key, /^ak_[0-9a-f]{32}$/);
  const listed = (await listKeys(server, created.key)).find(({ id }) => id === created.id);
  assert.deepEqual(Object.keys(listed).sort(), [
    ...["created_at", "id", "key", "mode", "name", "updated_at", "user_id"],
  ]);
  assert.equal(listed.key, null);
  assert.equal((await send(server, "GET /apikey/", { key: sha256(created.key) })).status, 401);
  await send(server, `DELETE /apikey/${created.id}/`, { key: created.key });
  assert.equal((await send(server, "GET /apikey/", { key: created.key })).status, 401);
});

test("the secret of a hashed key is in no file, and the key works after a restart", async (t) => {
  const folder = newFolder(t);
  const options = ["--storage", `sqlite:${path.join(folder, "keys.db")}`];
  const exported = path.join(folder, "export.json");
  const first = await serve(t, ["--fixtures", keysFile, "--export-on-exit", exported, ...options]);
  const created = await createHashed(first);
  await first.stop("SIGTERM");
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(path.join(folder, name));
    assert.equal(bytes.includes(created.key), false, `${name} contains the secret`);
    assert.ok(bytes.includes(sha256(created.key)), `${name} lacks the hash`);
  }
  const stored = JSON.parse(readFileSync(exported, "utf8")).keys.find(({ id }) => id === created.id);
  assert.equal(stored.key, null);
  assert.equal(stored.key_hash, sha256(created.key));

  const reopened = await serve(t, options);
  assert.equal((await listKeys(reopened, created.key)).length, 5);
  const reloaded = await serve(t, ["--fixtures", exported]);
  assert.deepEqual(await listKeys(reloaded, created.key), await listKeys(reopened, created.key));
});
