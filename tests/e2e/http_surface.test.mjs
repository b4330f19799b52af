/** HEAD, keep-alive, base path and seed, over real connections. */
import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";

import { createKey, curl, listKeys, send } from "./client.mjs";
import { keysFile, maxWait, serve } from "./server.mjs";

const caller = ["-H", "authorization: ak_123"];

test("a response to HEAD is that of GET without the body", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile, "--freeze"]);
  const get = await curl(...caller, `${server.url}/apikey/`);
  const head = await curl("-I", ...caller, `${server.url}/apikey/`);
  assert.equal(head.status, 200);
  assert.equal(head.text, "");
  const lines = (response) => [...response.headers].filter(([name]) => name !== "x-request-id");
  assert.deepEqual(lines(head), lines(get));
  assert.equal((await curl("-I", `${server.url}/apikey/`)).status, 401);
});

test("50 requests use one connection", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const sockets = new Set();
  const get = () =>
    new Promise((resolve, reject) => {
      const headers = { authorization: "ak_123" };
      http
        .get(`${server.url}/apikey/`, { agent, headers, timeout: maxWait }, (response) => {
          response.resume().once("end", () => resolve(response.statusCode));
        })
        .on("socket", (socket) => sockets.add(socket))
        .on("error", reject);
    });
  const statuses = await Promise.all(Array.from({ length: 50 }, get));
  assert.deepEqual(statuses, Array(50).fill(200));
  assert.equal(sockets.size, 1);
});

test("requests below --base-path get the same responses as without it", async (t) => {
  const server = await serve(t, ["--base-path", "/functions/v1/", "--fixtures", keysFile]);
  const below = { url: `${server.url}/functions/v1` };
  const created = await createKey(below, "Below");
  assert.deepEqual(await listKeys(below), await listKeys(server));
  assert.equal((await send(below, `DELETE /apikey/${created.id}/`, { key: "ak_123" })).status, 200);
  assert.equal((await send(server, "GET /functions/v2/apikey/", { key: "ak_123" })).status, 404);
});

test("the same seed gives the same bytes, another seed different ones", async (t) => {
  const responses = async (seed) => {
    const clock = ["--freeze", "--now", "2024-02-12T00:00:00Z"];
    const server = await serve(t, ["--fixtures", keysFile, "--seed", seed, ...clock]);
    const create = (name) =>
      send(server, "POST /apikey/", { key: "ak_123", body: { name, mode: "read" } });
    const all = [
      await create("a"),
      await create("b"),
      await send(server, "GET /apikey/", { key: "ak_123" }),
    ];
    return all.map(({ status, headers, text }) => [status, [...headers], text]);
  };
  const first = await responses("7");
  assert.deepEqual(await responses("7"), first);
  assert.notDeepEqual(await responses("8"), first);
});
