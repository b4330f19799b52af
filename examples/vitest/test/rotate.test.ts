import { test } from "mock-capgo/vitest";
import { expect } from "vitest";

import { Capgo } from "../src/capgo.js";
import { rotateKey, works } from "../src/rotate.js";

// The demo data has the key "Deploy Bot", with mode upload and limited to one app.

test("a key is replaced by one with the same rights", async ({ mock }) => {
  const admin = new Capgo(mock.url, mock.key);
  const [old] = (await admin.list()).filter(({ name }) => name === "Deploy Bot");

  const created = await rotateKey(mock.url, admin, "Deploy Bot");

  expect(created).toMatchObject({ mode: "upload", limited_to_apps: ["com.demo.app"] });
  expect(await works(mock.url, created)).toBe(true);
  expect(await works(mock.url, old)).toBe(false);
  await mock.verify({ on: "DELETE /apikey/:id/", match: { id: old.id }, count: 1 });
});

test("an unknown key cannot rotate keys", async ({ mock }) => {
  const rotation = rotateKey(mock.url, new Capgo(mock.url, "ak_unknown"), "Deploy Bot");
  await expect(rotation).rejects.toMatchObject({ status: 401, message: "Invalid API key" });
});

test("a key without mode all cannot rotate keys", async ({ mock }) => {
  const uploader = await mock.keys.add({ name: "Uploader", mode: "upload" });
  const rotation = rotateKey(mock.url, new Capgo(mock.url, uploader.key ?? ""), "Deploy Bot");
  await expect(rotation).rejects.toMatchObject({ status: 403 });
  await mock.verify({ on: "POST /apikey/", count: 0 });
});

test("a request that was rate limited is repeated after the time in Retry-After", async ({ mock }) => {
  await mock.scenarios.put("limited", {
    rules: [{ on: "POST /apikey/", times: 1, error: "rate_limited" }],
  });
  const waits: number[] = [];
  const admin = new Capgo(mock.url, mock.key, async (milliseconds) => void waits.push(milliseconds));

  await rotateKey(mock.url, admin, "Deploy Bot");

  expect(waits).toEqual([60_000]);
  await mock.verify({ on: "POST /apikey/", status: 429, count: 1 });
  await mock.verify({ on: "POST /apikey/", status: 200, count: 1 });
});

test("a deletion that is cut off is repeated", async ({ mock }) => {
  await mock.scenarios.put("cut-off", {
    rules: [{ on: "DELETE /apikey/:id/", times: 1, fault: "CONNECTION_RESET_BY_PEER" }],
  });
  const admin = new Capgo(mock.url, mock.key);
  const created = await rotateKey(mock.url, admin, "Deploy Bot");
  await mock.verify({ on: "DELETE /apikey/:id/", count: 2 });
  const bots = (await admin.list()).filter(({ name }) => name === "Deploy Bot");
  expect(bots.map(({ id }) => id)).toEqual([created.id]);
});

test("a creation that is cut off is not repeated, and the old key stays", async ({ mock }) => {
  await mock.scenarios.put("cut-off", {
    rules: [{ on: "POST /apikey/", fault: "CONNECTION_RESET_BY_PEER" }],
  });
  const rotation = rotateKey(mock.url, new Capgo(mock.url, mock.key), "Deploy Bot");
  await expect(rotation).rejects.toThrow("fetch failed");
  await mock.verify({ on: "POST /apikey/", count: 1 });
  await mock.verify({ on: "DELETE /apikey/:id/", count: 0 });
});

test("a rotated key expires when the old one would have", async ({ mock }) => {
  await mock.clock.set("2026-01-01");
  await mock.keys.add({ name: "Contractor", mode: "upload", expires_at: "2026-01-31" });
  const created = await rotateKey(mock.url, new Capgo(mock.url, mock.key), "Contractor");

  await mock.clock.advance("29d");
  expect(await works(mock.url, created)).toBe(true);
  await mock.clock.advance("2d");
  expect(await works(mock.url, created)).toBe(false);
});
