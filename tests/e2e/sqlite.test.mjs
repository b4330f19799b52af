/** Storage in SQLite. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { createKey, listKeys, send } from "./client.mjs";
import { control } from "./control.mjs";
import { keysFile, mockCapgo, newFolder, repository, run, serve } from "./server.mjs";

/** The storage option for a new file, and the file. */
function newStorage(t) {
  const file = path.join(newFolder(t), "keys.db");
  return { file, storage: ["--storage", `sqlite:${file}`] };
}

test("created and deleted keys survive a restart, and ids continue", async (t) => {
  const { storage } = newStorage(t);
  const first = await serve(t, [...storage, "--fixtures", keysFile]);
  const body = { name: "Kept", mode: "all", limited_to_apps: ["com.demo.app", "b,c"] };
  assert.equal((await send(first, "POST /apikey/", { key: "ak_123", body })).status, 200);
  const last = await createKey(first, "Last");
  for (const id of [2, last.id]) {
    assert.equal((await send(first, `DELETE /apikey/${id}/`, { key: "ak_123" })).status, 200);
  }
  const keys = await listKeys(first);
  assert.equal((await first.stop()).code, 0);

  const second = await serve(t, storage);
  assert.equal(second.ready.key, "ak_123");
  assert.deepEqual(await listKeys(second), keys);
  assert.equal((await createKey(second, "Next")).id, last.id + 1);
});

test("keys that control calls added and deleted survive a restart", async (t) => {
  const { storage } = newStorage(t);
  const first = await serve(t, [...storage, "--fixtures", keysFile]);
  const added = { id: 50, key: "ak_added", mode: "all", name: "Added" };
  await control(first, "POST /__admin/keys", added, { wanted: 201 });
  const { key } = await control(first, "POST /__admin/keys", { mode: "all", name: "Generated" }, { wanted: 201 });
  assert.deepEqual(await control(first, "DELETE /__admin/keys/2"), { deleted: 2 });
  const state = await control(first, "GET /__admin/state");
  assert.equal((await first.stop()).code, 0);

  const second = await serve(t, storage);
  assert.deepEqual(await control(second, "GET /__admin/state"), state);
  for (const secret of ["ak_added", key]) await listKeys(second, secret);
  assert.equal((await createKey(second, "Next")).id, 52);
});

test("after a kill -9 during creates, every acknowledged key exists exactly once", async (t) => {
  const { storage } = newStorage(t);
  const server = await serve(t, [...storage, "--fixtures", keysFile, "--log", "none"]);
  const clients = 8;
  const acknowledged = [];
  const create = async (name) => {
    const { status, text } = await send(server, "POST /apikey/", {
      key: "ak_123",
      body: { name, mode: "read" },
    });
    assert.equal(status, 200, text);
    acknowledged.push(JSON.parse(text).apikey);
    if (acknowledged.length === 200) server.child.kill("SIGKILL");
  };
  const burst = async (_, client) => {
    for (let i = 0; ; ++i) await create(`client ${client}, key ${i}`);
  };
  const failures = await Promise.allSettled(Array.from({ length: clients }, burst));
  for (const { reason } of failures) assert.match(reason.message, /^no response to POST/);
  assert.equal((await server.end()).signal, "SIGKILL");
  assert.ok(acknowledged.length >= 200);

  const restarted = await serve(t, storage);
  const listed = await listKeys(restarted);
  assert.equal(new Set(listed.map(({ id }) => id)).size, listed.length);
  const inFixtures = 4;
  assert.ok(listed.length <= inFixtures + acknowledged.length + clients, `${listed.length} keys`);
  for (const key of acknowledged) {
    const found = listed.filter(({ id, key: secret }) => id === key.id || secret === key.key);
    assert.deepEqual(found, [{ ...key, updated_at: key.created_at }]);
  }
  const next = await createKey(restarted, "Next");
  assert.ok(listed.every(({ id }) => id < next.id));
});

test("a database of the previous release opens with the same state, also after kill -9", async (t) => {
  const previous = path.join(repository, "tests/store/version-3");
  const { file, storage } = newStorage(t);
  copyFileSync(`${previous}.sqlite`, file);
  const options = [...storage, "--freeze", "--now", "2024-01-31T12:00:00Z"];
  for (const signal of ["SIGKILL", "SIGKILL", "SIGTERM"]) {
    const server = await serve(t, options);
    const { text } = await send(server, "GET /__admin/state");
    assert.equal(text, readFileSync(`${previous}.json`, "utf8"));
    server.child.kill(signal);
    await server.end();
  }
});

test("a second server on the same file is rejected, and the first one continues", async (t) => {
  const { file, storage } = newStorage(t);
  const first = await serve(t, [...storage, "--fixtures", keysFile]);
  const created = await createKey(first, "Before");
  const { code, stdout, stderr } = await mockCapgo(["--port", "0", ...storage]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.ok(stderr.startsWith(`mock-capgo: ${file}: `), stderr);
  assert.match(stderr, /in use by another process; stop it or choose another file\n$/);

  assert.equal((await createKey(first, "After")).id, created.id + 1);
  assert.equal((await listKeys(first)).length, 4 + 2);
});

test("an existing database ignores --fixtures, with a warning", async (t) => {
  const { file, storage } = newStorage(t);
  await (await serve(t, storage)).stop();
  const server = await serve(t, [...storage, "--fixtures", keysFile]);
  assert.equal(server.ready.key, "ak_demo");
  await server.waitForOutput("stderr", /--fixtures is ignored/);
  assert.ok(
    server.stderr.startsWith(`mock-capgo: ${file} has keys already`),
    server.stderr,
  );
  assert.deepEqual(
    (await listKeys(server, "ak_demo")).map(({ key }) => key),
    ["ak_demo", "ak_demo_read", "ak_demo_upload"],
  );
});

test("an emptied database is not filled again", async (t) => {
  const { storage } = newStorage(t);
  const server = await serve(t, storage);
  for (const id of [3, 2, 1]) {
    assert.equal((await send(server, `DELETE /apikey/${id}/`, { key: "ak_demo" })).status, 200);
  }
  await server.stop();
  const restarted = await serve(t, storage);
  assert.equal(restarted.ready.key, null);
  assert.equal((await send(restarted, "GET /apikey/", { key: "ak_demo" })).status, 401);
});

test("a file that is not a mock-capgo database is rejected by name and not changed", async (t) => {
  const folder = newFolder(t);
  const notes = path.join(folder, "notes.txt");
  writeFileSync(notes, "Dear diary, this is more than a hundred bytes of text.\n".repeat(40));
  const foreign = path.join(folder, "foreign.db");
  const make =
    'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("CREATE TABLE theirs (a)")';
  assert.equal((await run("python3", ["-c", make, foreign])).code, 0);

  for (const file of [notes, foreign]) {
    const before = readFileSync(file);
    const { code, stdout, stderr } = await mockCapgo([
      "--port",
      "0",
      "--storage",
      `sqlite:${file}`,
    ]);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.ok(stderr.startsWith(`mock-capgo: ${file}: `), stderr);
    assert.match(stderr, /choose another file/);
    assert.deepEqual(readFileSync(file), before);
  }
  assert.deepEqual(readdirSync(folder).sort(), ["foreign.db", "notes.txt"]);
});

test("a clean stop leaves only the database file", async (t) => {
  const { file, storage } = newStorage(t);
  const server = await serve(t, storage);
  await createKey(server, "One", { key: "ak_demo" });
  await server.stop();
  assert.deepEqual(readdirSync(path.dirname(file)), ["keys.db"]);
});

test("a missing folder is named", async (t) => {
  const folder = path.join(newFolder(t), "missing");
  const { code, stderr } = await mockCapgo([
    "--port",
    "0",
    "--storage",
    `sqlite:${folder}/keys.db`,
  ]);
  assert.equal(code, 2);
  assert.ok(stderr.includes(folder), stderr);
  assert.equal(existsSync(folder), false);
});
