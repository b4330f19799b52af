/** A key from its creation to its deletion. */
import assert from "node:assert/strict";
import test from "node:test";

import { createKey, errorBody, listKeys, send } from "./client.mjs";
import { keysFile, serve } from "./server.mjs";

test("a key is created, listed, used, deleted, and then rejected", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const created = await createKey(server, "Nightly", { mode: "all" });
  assert.match(created.key, /^ak_[0-9a-f]{32}$/);

  const listed = (await listKeys(server)).find(({ id }) => id === created.id);
  assert.deepEqual(listed, { ...created, updated_at: created.created_at });
  assert.deepEqual(await listKeys(server, created.key), await listKeys(server));

  const deleted = await send(server, `DELETE /apikey/${created.id}/`, { key: "ak_123" });
  assert.equal(deleted.status, 200);
  assert.equal(deleted.text, '{"success":true}');

  const used = await send(server, "GET /apikey/", { key: created.key });
  assert.equal(used.status, 401);
  assert.equal(used.text, errorBody("Invalid API key"));
  const again = await send(server, `DELETE /apikey/${created.id}/`, { key: "ak_123" });
  assert.equal(again.status, 404);
  assert.equal(
    (await listKeys(server)).some(({ id }) => id === created.id),
    false,
  );
});

test("a key can delete itself, and ids are never reused", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const created = await createKey(server, "Short-lived", { mode: "all" });
  const deleted = await send(server, `DELETE /apikey/${created.id}/`, { key: created.key });
  assert.equal(deleted.status, 200);
  assert.equal((await send(server, "GET /apikey/", { key: created.key })).status, 401);
  assert.equal((await createKey(server, "Next")).id, created.id + 1);
});
