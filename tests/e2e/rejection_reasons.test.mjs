/** X-Mock-Reason and the log explain common rejections well enough to fix the cause. */
import assert from "node:assert/strict";
import test from "node:test";

import { send, curl } from "./client.mjs";
import { logLines } from "./log_lines.mjs";
import { page } from "./pages.mjs";
import { keysFile, serve } from "./server.mjs";

/** Sends a request that is rejected, and checks the status, X-Mock-Reason and the log. */
async function assertReason(t, line, request, status, reason) {
  const server = await serve(t, ["--fixtures", keysFile]);
  const response = await request(server);
  assert.equal(response.status, status);
  const header = response.headers.get("x-mock-reason");
  assert.match(header, reason);
  await server.waitForOutput("stderr", /\n/);
  assert.deepEqual(logLines(server), [`- ${line} ${status} ${header.replace(": ", " ")}`]);
}

test("401: the key is not in the fixtures", (t) => {
  const key = ["-H", "authorization: ak_124_from_staging"];
  const request = (server) => curl(...key, `${server.url}/apikey/`);
  const reason =
    /^authenticate: no key has the secret "ak_124\.\.\.".* never existed, was deleted/;
  return assertReason(t, "GET /apikey/", request, 401, reason);
});

test("401: the header begins with Bearer", (t) => {
  const request = (server) => send(server, "GET /apikey/", { key: "Bearer ak_123" });
  return assertReason(t, "GET /apikey/", request, 401, /^authenticate: .*"Bearer"; send the key alone/);
});

test("401: the key is in the wrong header", (t) => {
  const request = (server) => send(server, "GET /apikey/", { headers: { "api-key": "ak_123" } });
  const reason = /^authenticate: no key was sent; .*\bauthorization\b.*\bx-api-key\b/;
  return assertReason(t, "GET /apikey/", request, 401, reason);
});

test("403: the mode of the key is too low", (t) => {
  const request = (server) => send(server, "DELETE /apikey/3", { key: "ak_456" });
  const reason = /^require_mode_all: key 2 has mode "read", and this needs "all"$/;
  return assertReason(t, "DELETE /apikey/3", request, 403, reason);
});

test("403: the key is limited", (t) => {
  const request = (server) => send(server, "GET /apikey/", { key: "ak_partner" });
  const reason = /^require_unlimited_caller: key 4 is limited to the orgs org_globex/;
  return assertReason(t, "GET /apikey/", request, 403, reason);
});

test("400: the mode is unknown", (t) => {
  const body = { name: "CI", mode: "reed" };
  const request = (server) => send(server, "POST /apikey/", { key: "ak_123", body });
  return assertReason(t, "POST /apikey/", request, 400, /^read_mode: mode is "reed"/);
});

test("404: the key belongs to another user", (t) => {
  const request = (server) => send(server, "DELETE /apikey/5/", { key: "ak_123" });
  const reason = /^find_own_key: key 5 belongs to user "user_456", and the caller is "user_123"$/;
  return assertReason(t, "DELETE /apikey/5/", request, 404, reason);
});

test("docs/troubleshooting.md has the reasons of common mistakes", async (t) => {
  const server = await serve(t);
  const [key, json] = ["ak_demo", '{"name":"CI","mode":"read"}'];
  const gzip = { "Content-Encoding": "gzip" };
  const text = page("docs/troubleshooting.md");
  for (const [line, request] of [
    ["GET /apikey/", {}],
    ["GET /apikey/", { key: "undefined" }],
    ["GET /apikey/", { key: `"${key}"` }],
    ["GET /apikey/", { key: `Bearer ${key}` }],
    ["GET /apikey/", { key: "ak_dmeo" }],
    ["GET /apikey/", { key: "ak_other_server" }],
    ["POST /apikey/", { key, body: "name=CI&mode=read" }],
    ["POST /apikey/", { key, body: "\x1f\x8b", headers: gzip }],
    ["POST /apikey/", { key, body: Buffer.from(json, "utf16le").toString("latin1") }],
    ["POST /apikey/", { key, body: `\ufeff${json}` }],
    ["POST /apikey/", { key, body: "" }],
    ["POST /apikey/", { key, body: '{"name":"CI",}' }],
    ["POST /apikey/", { key, body: { name: "CI", mode: "reed" } }],
  ]) {
    const { headers, text: body } = await send(server, line, request);
    const reason = headers.get("x-mock-reason");
    assert.ok(reason, `${JSON.stringify(request)} succeeded: ${body}`);
    // The page omits the step, and the end of one reason.
    const [, start] = /^\w+: (?:in authorization, )?(.*?)(?:; put .*)?$/.exec(reason);
    assert.ok(text.includes(`\`${start}\``), reason);
  }
});
