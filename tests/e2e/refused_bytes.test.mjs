/** Bytes that are no request: each is refused with the reason, here and in the log. */
import assert from "node:assert/strict";
import test from "node:test";

import { connect, request, seesList } from "./client.mjs";
import { toldLines } from "./log_lines.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const list = request("GET /apikey/");
const tooLong = { "Content-Length": 1024 * 1024 + 1 };
const manyHeaders = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`X-${i}`, "x"]));
const chunked = { "Transfer-Encoding": "chunked" };

/** What is sent, the status it gets, and the method and path in the log. */
const refusals = {
  "a TLS greeting": ["\x16\x03\x01\x02\x00\x01\x00", "400 Bad Request", "- -"],
  "a line of two words": ["GET /apikey/\r\n\r\n", "400 Bad Request", "- -"],
  "a bare line feed": ["GET /apikey/ HTTP/1.1\n\n", "400 Bad Request", "- -"],
  "no Host": ["DELETE /apikey/2/ HTTP/1.1\r\n\r\n", "400 Bad Request", "DELETE /apikey/2/"],
  "two lengths": [
    request("POST /apikey/", { headers: { ...chunked, "Content-Length": 1 } }),
    "400 Bad Request",
    "POST /apikey/",
  ],
  "a chunk without a size": [
    `${request("POST /apikey/", { headers: chunked })}x\r\n`,
    "400 Bad Request",
    "POST /apikey/",
  ],
  "a body of more than 1 MiB": [
    request("POST /apikey/", { headers: tooLong }),
    "413 Payload Too Large",
    "POST /apikey/",
  ],
  "101 headers": [
    request("GET /apikey/", { headers: manyHeaders }),
    "431 Request Header Fields Too Large",
    "GET /apikey/",
  ],
  "headers of more than 16 KiB": [
    request("GET /apikey/", { headers: { "X-Long": "x".repeat(16 * 1024) } }),
    "431 Request Header Fields Too Large",
    "GET /apikey/",
  ],
  "a path of more than 16 KiB": [`GET /${"a".repeat(20_000)}`, "414 URI Too Long", "- -"],
};

/** Checks that the next answer is a whole refusal, and the last. Gives its reason. */
async function seesRefusal(wire, status, { hasBody = true } = {}) {
  const answer = await wire.answer({ hasBody });
  const reason = answer.headers.get("x-mock-reason");
  assert.ok(wire.text.includes(`HTTP/1.1 ${status}\r\n`), wire.text);
  assert.match(reason, /^[A-Z].*\.$/);
  const body = JSON.stringify({ error: reason });
  const { "x-mock-reason": _, ...headers } = Object.fromEntries(answer.headers);
  assert.deepEqual(headers, {
    connection: "close",
    "content-length": String(body.length),
    "content-type": "application/json",
  });
  assert.equal(answer.text, hasBody ? body : "");
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
  return reason;
}

for (const [what, [bytes, status, who]] of Object.entries(refusals)) {
  test(`${what}: ${status}, the reason and the end of the connection`, async (t) => {
    const server = await serve(t, ["--fixtures", keysFile]);
    const wire = await connect(t, server);
    wire.send(bytes);
    const reason = await seesRefusal(wire, status);
    await server.sees("stderr", /\n/);
    const code = status.slice(0, 3);
    assert.deepEqual(toldLines(server), [`- ${who} ${code} transport ${reason}`]);
  });
}

test("a HEAD is rejected without a body", async (t) => {
  const server = await serve(t);
  for (const [bytes, status] of [
    ["HEAD /apikey/ HTTP/1.1\r\n\r\n", "400 Bad Request"],
    [request("HEAD /apikey/", { headers: tooLong }), "413 Payload Too Large"],
  ]) {
    const wire = await connect(t, server);
    wire.send(bytes);
    await seesRefusal(wire, status, { hasBody: false });
  }
});

test("a client that keeps sending a body that is too long still reads why it is rejected", async (t) => {
  const wire = await connect(t, await serve(t));
  const headers = { "Content-Length": 8 * 1024 * 1024 };
  wire.send(request("POST /apikey/", { headers }) + "x".repeat(8 * 1024 * 1024));
  await seesRefusal(wire, "413 Payload Too Large");
});

test("bytes after a request are rejected after its response, even a delayed one", async (t) => {
  const delay = { milliseconds: 400 };
  const server = await serveRules(t, [
    { on: "GET /apikey/", match: { query: { late: "1" } }, delay },
  ]);
  const wire = await connect(t, server);
  wire.send(`${list}${request("GET /apikey/?late=1")}${list}nonsense\r\n\r\n`);
  await seesList(wire);
  assert.ok((await seesList(wire)) - wire.sentAt >= 400);
  await seesList(wire);
  await seesRefusal(wire, "400 Bad Request");
});
