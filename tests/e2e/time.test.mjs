/** Expiry, clean-up and rate limits, without waiting: the control API moves the clock. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

import { ask, listKeys, refusal } from "./client.mjs";
import { control } from "./control.mjs";
import { folderFor, keysFile, serve } from "./server.mjs";

const start = ["--fixtures", keysFile, "--now", "2024-02-12T00:00:00Z", "--freeze"];

const advance = (server, by) => control(server, "POST /__admin/clock/advance", { by });

async function makeKeyUntil(server, expires_at) {
  const body = { name: "Short-lived", mode: "all", expires_at };
  const { status, text } = await ask(server, "POST /apikey/", { key: "ak_123", body });
  assert.equal(status, 200, text);
  return JSON.parse(text).apikey;
}

async function answerTo(server, key) {
  const { status, text } = await ask(server, "GET /apikey/", { key });
  return status === 200 ? "works" : `${status} ${text}`;
}

for (const storage of ["memory", "sqlite"]) {
  test(`a key expires, and is cleaned up 30 days later (${storage})`, async (t) => {
    const folder = folderFor(t);
    const exported = path.join(folder, "export.json");
    const place = storage === "memory" ? "memory" : `sqlite:${path.join(folder, "keys.db")}`;
    const options = ["--storage", place, "--export-on-exit", exported];
    const server = await serve(t, [...start, ...options]);
    const made = await makeKeyUntil(server, "2024-03-01T00:00:00Z");
    assert.equal(made.expires_at, "2024-03-01T00:00:00Z");

    await control(server, "PUT /__admin/clock", { now: "2024-03-01T00:00:00Z" });
    assert.equal(await answerTo(server, made.key), "works");
    await advance(server, "1s");
    assert.equal(await answerTo(server, made.key), `401 ${refusal("API key has expired")}`);
    assert.equal((await listKeys(server)).at(-1).id, made.id);

    const clock = await control(server, "PUT /__admin/clock", { now: "2024-03-31T00:00:00Z" });
    assert.deepEqual(clock, { now: "2024-03-31T00:00:00Z", frozen: true });
    assert.equal((await listKeys(server)).at(-1).id, made.id);
    await advance(server, "PT0.001S");
    assert.equal(await answerTo(server, made.key), `401 ${refusal("Invalid API key")}`);
    assert.equal((await listKeys(server)).some(({ id }) => id === made.id), false);
    const gone = await ask(server, `DELETE /apikey/${made.id}/`, { key: "ak_123" });
    assert.deepEqual([gone.status, gone.text], [404, refusal("API key not found")]);
    await server.stop();
    assert.equal(readFileSync(exported, "utf8").includes("Short-lived"), false);
  });
}

test("a key may make as many requests a minute as --rate-limit says", async (t) => {
  const server = await serve(t, [...start, "--rate-limit", "3"]);
  for (let i = 0; i < 3; ++i) assert.equal(await answerTo(server, "ak_123"), "works");
  await advance(server, "45s");
  const refused = await ask(server, "GET /apikey/", { key: "ak_123" });
  assert.deepEqual([refused.status, refused.text], [429, refusal("Too many requests")]);
  assert.equal(refused.headers.get("retry-after"), "15");
  assert.equal(
    refused.headers.get("x-ratelimit-reset"),
    String(Date.UTC(2024, 1, 12, 0, 1) / 1000),
  );
  assert.equal(await answerTo(server, "ak_other"), "works");
  await advance(server, "15s");
  assert.equal(await answerTo(server, "ak_123"), "works");
});

test("rate limiting is off by default", async (t) => {
  const server = await serve(t, start);
  for (let i = 0; i < 120; ++i) assert.equal(await answerTo(server, "ak_123"), "works");
});

test("--rate-limit standard and enterprise are the documented numbers", async (t) => {
  for (const [name, number] of [
    ["standard", 100],
    ["enterprise", 1000],
  ]) {
    const server = await serve(t, [...start, "--rate-limit", name]);
    const answers = [];
    for (let i = 0; i <= number; ++i) answers.push(await answerTo(server, "ak_123"));
    assert.equal(answers.indexOf(`429 ${refusal("Too many requests")}`), number, name);
  }
});

test("a running clock continues from the time it was set to", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const { frozen } = await control(server, "GET /__admin/clock");
  assert.equal(frozen, false);
  const { now } = await control(server, "PUT /__admin/clock", { now: "2030-01-01T00:00:00Z" });
  assert.ok(now.startsWith("2030-01-01T00:00:0"), now);
  const stopped = await control(server, "PUT /__admin/clock", { frozen: true });
  assert.deepEqual(await control(server, "GET /__admin/clock"), stopped);
  const bad = await ask(server, "POST /__admin/clock/advance", { body: { by: "a while" } });
  assert.equal(bad.status, 400);
  assert.match(bad.text, /\/by: \\"a while\\" is not a valid duration/);
  assert.deepEqual(await control(server, "GET /__admin/clock"), stopped);
});
