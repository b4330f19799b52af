/** Hashed keys: they work, and their plain secret is nowhere once its answer has been sent. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { ask, listKeys } from "./client.mjs";
import { folderFor, keysFile, mockCapgo, serve } from "./server.mjs";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");

async function makeHashed(server, key = "ak_123") {
  const body = { name: "Hashed", mode: "all", hashed: true };
  const { status, text } = await ask(server, "POST /apikey/", { key, body });
  assert.equal(status, 200, text);
  return JSON.parse(text).apikey;
}

test("a hashed key works, is listed without its secret, and dies with its row", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const made = await makeHashed(server);
  assert.match(made.key, /^ak_[0-9a-f]{32}$/);
  const listed = (await listKeys(server, made.key)).find(({ id }) => id === made.id);
  assert.deepEqual(Object.keys(listed).sort(), [
    ...["created_at", "id", "key", "mode", "name", "updated_at", "user_id"],
  ]);
  assert.equal(listed.key, null);
  assert.equal((await ask(server, "GET /apikey/", { key: sha256(made.key) })).status, 401);
  await ask(server, `DELETE /apikey/${made.id}/`, { key: made.key });
  assert.equal((await ask(server, "GET /apikey/", { key: made.key })).status, 401);
});

test("the secret of a hashed key is in no file, and the key works after a restart", async (t) => {
  const folder = folderFor(t);
  const options = ["--storage", `sqlite:${path.join(folder, "keys.db")}`];
  const exported = path.join(folder, "export.json");
  const first = await serve(t, ["--fixtures", keysFile, "--export-on-exit", exported, ...options]);
  const made = await makeHashed(first);
  await first.stop("SIGTERM");
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(path.join(folder, name));
    assert.equal(bytes.includes(made.key), false, `${name} has the plain secret`);
    assert.equal(bytes.includes(sha256(made.key)), true, `${name} has not the hash`);
  }
  const kept = JSON.parse(readFileSync(exported, "utf8")).keys.find(({ id }) => id === made.id);
  assert.equal(kept.key, null);
  assert.equal(kept.key_hash, sha256(made.key));

  const reopened = await serve(t, options);
  assert.equal((await listKeys(reopened, made.key)).length, 5);
  const reloaded = await serve(t, ["--fixtures", exported]);
  assert.deepEqual(await listKeys(reloaded, made.key), await listKeys(reopened, made.key));
});

test("one secret given plain and as its hash is a doubled key", async (t) => {
  const file = path.join(folderFor(t), "doubled.json");
  const key = { mode: "all", name: "CI" };
  const keys = [
    { key: "ak_1", ...key },
    { key_hash: sha256("ak_1"), ...key },
  ];
  writeFileSync(file, JSON.stringify(keys));
  const { code, stderr } = await mockCapgo(["check", "--fixtures", file]);
  assert.equal(code, 2);
  assert.equal(
    stderr,
    `${file}:1:${JSON.stringify(keys).indexOf('"' + sha256("ak_1")) + 1}: /1/key_hash: another ` +
      `key has the same secret, one plain and one hashed (${file} /0/key); ` +
      "change one of them\n",
  );
});
