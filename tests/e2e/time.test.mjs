/** Expiry, clean-up and rate limits. The control API moves the clock. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { errorBody, listKeys, send } from "./client.mjs";
import { control } from "./control.mjs";
import { keysFile, newFolder, serve } from "./server.mjs";

const start = ["--fixtures", keysFile, "--now", "2024-02-12T00:00:00Z", "--freeze"];

const advance = (server, by) => control(server, "POST /__admin/clock/advance", { by });

async function createKeyUntil(server, expires_at) {
  const body = { name: "Short-lived", mode: "all", expires_at };
  const { status, text } = await send(server, "POST /apikey/", { key: "ak_123", body });
  assert.equal(status, 200, text);
  return JSON.parse(text).apikey;
}

async function listResult(server, key) {
  const { status, text } = await send(server, "GET /apikey/", { key });
  return status === 200 ? "works" : `${status} ${text}`;
}

for (const storage of ["memory", "sqlite"]) {
  test(`a key expires, and is removed 30 days later (${storage})`, async (t) => {
    const folder = newFolder(t);
    const exported = path.join(folder, "export.json");
    const location = storage === "memory" ? "memory" : `sqlite:${path.join(folder, "keys.db")}`;
    const options = ["--storage", location, "--export-on-exit", exported];
    const server = await serve(t, [...start, ...options]);
    const created = await createKeyUntil(server, "2024-03-01T00:00:00Z");
    assert.equal(created.expires_at, "2024-03-01T00:00:00Z");

    await control(server, "PUT /__admin/clock", { now: "2024-03-01T00:00:00Z" });
    assert.equal(await listResult(server, created.key), "works");
    await advance(server, "1s");
    assert.equal(await listResult(server, created.key), `401 ${errorBody("API key has expired")}`);
    assert.equal((await listKeys(server)).at(-1).id, created.id);

    const clock = await control(server, "PUT /__admin/clock", { now: "2024-03-31T00:00:00Z" });
    assert.deepEqual(clock, { now: "2024-03-31T00:00:00Z", frozen: true });
    assert.equal((await listKeys(server)).at(-1).id, created.id);
    await advance(server, "PT0.001S");
    assert.equal(await listResult(server, created.key), `401 ${errorBody("Invalid API key")}`);
    assert.equal((await listKeys(server)).some(({ id }) => id === created.id), false);
    const gone = await send(server, `DELETE /apikey/${created.id}/`, { key: "ak_123" });
    assert.deepEqual([gone.status, gone.text], [404, errorBody("API key not found")]);
    await server.stop();
    assert.equal(readFileSync(exported, "utf8").includes("Short-lived"), false);
  });
}

test("--rate-limit limits the requests of each key in a minute", async (t) => {
  const server = await serve(t, [...start, "--rate-limit", "3"]);
  for (let i = 0; i < 3; ++i) assert.equal(await listResult(server, "ak_123"), "works");
  await advance(server, "45s");
  const rejected = await send(server, "GET /apikey/", { key: "ak_123" });
  assert.deepEqual([rejected.status, rejected.text], [429, errorBody("Too many requests")]);
  assert.equal(rejected.headers.get("retry-after"), "15");
  assert.equal(
    rejected.headers.get("x-ratelimit-reset"),
    String(Date.UTC(2024, 1, 12, 0, 1) / 1000),
  );
  assert.equal(await listResult(server, "ak_other"), "works");
  await advance(server, "15s");
  assert.equal(await listResult(server, "ak_123"), "works");
});
