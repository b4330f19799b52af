import assert from "node:assert/strict";
import http from "node:http";
import test from "node:test";

import { ask, createKey, curl, listKeys, refusal } from "./client.mjs";
import { keysFile, patience, serve } from "./server.mjs";

const caller = ["-H", "authorization: ak_123"];

test("a CORS preflight needs no key", async (t) => {
  const server = await serve(t);
  const asks = ["Origin: https://app.example", "Access-Control-Request-Method: DELETE"];
  for (const path of ["/apikey", "/apikey/", "/apikey/1/"]) {
    const answer = await curl(
      "-X",
      "OPTIONS",
      ...asks.flatMap((line) => ["-H", line]),
      server.url + path,
    );
    assert.equal(answer.status, 204);
    assert.equal(answer.text, "");
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.equal(answer.headers.get("access-control-allow-methods"), "POST,GET,PUT,DELETE,OPTIONS");
    assert.match(
      answer.headers.get("access-control-allow-headers"),
      /\bAuthorization\b.*\bx-api-key\b/,
    );
    assert.equal(answer.headers.get("vary"), "Access-Control-Request-Headers");
  }
});

test("every answer below /apikey may be read by any web page", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  for (const line of ["GET /apikey/", "GET /apikey/nothing/here", "DELETE /apikey/999/"]) {
    for (const key of ["ak_123", "ak_unknown"]) {
      const answer = await ask(server, line, { key });
      assert.equal(answer.headers.get("access-control-allow-origin"), "*", line);
    }
  }
  const elsewhere = await ask(server, "GET /elsewhere", { key: "ak_123" });
  assert.equal(elsewhere.headers.get("access-control-allow-origin"), null);
});

test("HEAD answers as GET does, without a body", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const get = await curl(...caller, `${server.url}/apikey/`);
  const head = await curl("-I", ...caller, `${server.url}/apikey/`);
  assert.equal(head.status, 200);
  assert.equal(head.text, "");
  const lines = (answer) => [...answer.headers].filter(([name]) => name !== "x-request-id");
  assert.deepEqual(lines(head), lines(get));
  assert.equal((await curl("-I", `${server.url}/apikey/`)).status, 401);
});

test("an unknown method or path is not found, and the reason lists the endpoints", async (t) => {
  const server = await serve(t);
  for (const [method, path] of [
    ["PROPFIND", "/apikey/"],
    ["PATCH", "/apikey/1/"],
    ["GET", "/"],
  ]) {
    const answer = await curl("-X", method, ...caller, server.url + path);
    assert.equal(answer.status, 404);
    assert.equal(answer.text, refusal("Not found"));
    const reason = answer.headers.get("x-mock-reason");
    assert.ok(
      reason.startsWith(`find_endpoint: contract documented has no endpoint ${method} ${path}; `),
      reason,
    );
    assert.match(reason, /GET \/apikey\/, POST \/apikey\/, DELETE \/apikey\/:id\//);
  }
});

test("a slash at the end is optional, and a doubled one is not found", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const key = "ak_123";
  const both = ["/apikey", "/apikey/"];
  for (const path of both) {
    assert.equal((await ask(server, `GET ${path}`, { key })).status, 200);
    const made = await ask(server, `POST ${path}`, { key, body: { name: path, mode: "read" } });
    assert.equal(made.status, 200);
    const { id } = JSON.parse(made.text).apikey;
    const end = path.endsWith("/") ? "/" : "";
    assert.equal((await ask(server, `DELETE /apikey/${id}${end}`, { key })).status, 200);
  }
  for (const line of [
    "GET //apikey/",
    "GET /apikey//",
    "DELETE /apikey//2",
    "DELETE /apikey/2//",
  ]) {
    assert.equal((await ask(server, line, { key })).status, 404, line);
  }
});

test("50 requests travel over one connection", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const sockets = new Set();
  const get = () =>
    new Promise((resolve, reject) => {
      const headers = { authorization: "ak_123" };
      http
        .get(`${server.url}/apikey/`, { agent, headers, timeout: patience }, (answer) => {
          answer.resume().once("end", () => resolve(answer.statusCode));
        })
        .on("socket", (socket) => sockets.add(socket))
        .on("error", reject);
    });
  const statuses = await Promise.all(Array.from({ length: 50 }, get));
  assert.deepEqual(statuses, Array(50).fill(200));
  assert.equal(sockets.size, 1);
});

test("the key may come in any of three headers, and only the first that counts is tried", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const status = async (headers) => (await ask(server, "GET /apikey/", { headers })).status;
  assert.equal(await status({ authorization: "ak_123" }), 200);
  assert.equal(await status({ capgkey: "ak_123" }), 200);
  assert.equal(await status({ "x-api-key": "ak_123" }), 200);
  assert.equal(await status({ authorization: "", "x-api-key": "ak_123" }), 200);
  assert.equal(await status({ authorization: "ak_bad", "x-api-key": "ak_123" }), 401);
  assert.equal(await status({ capgkey: "ak_bad", "x-api-key": "ak_123" }), 401);
});

test("X-Request-Id is copied, or generated if it is invalid", async (t) => {
  const server = await serve(t);
  const id = async (headers) => {
    const answer = await ask(server, "GET /apikey/", { key: "ak_demo", headers });
    return answer.headers.get("x-request-id");
  };
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.equal(await id({ "x-request-id": "run-7_a=b" }), "run-7_a=b");
  assert.match(await id({ "x-request-id": "no id" }), uuid);
  assert.match(await id({}), uuid);
});

test("requests below --base-path are answered as if it were not there", async (t) => {
  const server = await serve(t, ["--base-path", "/functions/v1/", "--fixtures", keysFile]);
  const below = { url: `${server.url}/functions/v1` };
  const made = await createKey(below, "Below");
  assert.deepEqual(await listKeys(below), await listKeys(server));
  assert.equal((await ask(below, `DELETE /apikey/${made.id}/`, { key: "ak_123" })).status, 200);
  assert.equal((await ask(server, "GET /functions/v2/apikey/", { key: "ak_123" })).status, 404);
});

test("the same seed makes the same bytes, another seed others", async (t) => {
  const answers = async (seed) => {
    const clock = ["--freeze", "--now", "2024-02-12T00:00:00Z"];
    const server = await serve(t, ["--fixtures", keysFile, "--seed", seed, ...clock]);
    const create = (name) =>
      ask(server, "POST /apikey/", { key: "ak_123", body: { name, mode: "read" } });
    const all = [
      await create("a"),
      await create("b"),
      await ask(server, "GET /apikey/", { key: "ak_123" }),
    ];
    return all.map(({ status, headers, text }) => [status, [...headers], text]);
  };
  const first = await answers("7");
  assert.deepEqual(await answers("7"), first);
  assert.notDeepEqual(await answers("8"), first);
});

test("health says which contract is spoken", async (t) => {
  const server = await serve(t);
  const health = await ask(server, "GET /__admin/health");
  assert.equal(health.status, 200);
  const { version } = server.ready;
  assert.equal(health.text, `{"status":"ok","version":"${version}","contract":"documented"}`);
  const unknown = await ask(server, "GET /__admin/nothing");
  assert.equal(unknown.status, 404);
  const { error, details } = JSON.parse(unknown.text);
  assert.equal(error, "there is no control call GET /__admin/nothing");
  assert.match(details.join(), /\bGET \/__admin\/health\b/);
});
