/** Malformed requests are rejected with a reason, which is logged too. */
import assert from "node:assert/strict";
import test from "node:test";

import { connect, expectList, expectRejection, requestBytes } from "./client.mjs";
import { logLines } from "./log_lines.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const list = requestBytes("GET /apikey/");
const tooLong = { "Content-Length": 1024 * 1024 + 1 };
const manyHeaders = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`X-${i}`, "x"]));
const chunked = { "Transfer-Encoding": "chunked" };

/** The bytes sent, the status, and the method and path in the log. */
const malformed = {
  "a TLS handshake": ["\x16\x03\x01\x02\x00\x01\x00", "400 Bad Request", "- -"],
  "a request line of two words": ["GET /apikey/\r\n\r\n", "400 Bad Request", "- -"],
  "a bare line feed": ["GET /apikey/ HTTP/1.1\n\n", "400 Bad Request", "- -"],
  "no Host": ["DELETE /apikey/2/ HTTP/1.1\r\n\r\n", "400 Bad Request", "DELETE /apikey/2/"],
  "two lengths": [
    requestBytes("POST /apikey/", { headers: { ...chunked, "Content-Length": 1 } }),
    "400 Bad Request",
    "POST /apikey/",
  ],
  "a chunk without a size": [
    `${requestBytes("POST /apikey/", { headers: chunked })}x\r\n`,
    "400 Bad Request",
    "POST /apikey/",
  ],
  "a body of more than 1 MiB": [
    requestBytes("POST /apikey/", { headers: tooLong }),
    "413 Payload Too Large",
    "POST /apikey/",
  ],
  "101 headers": [
    requestBytes("GET /apikey/", { headers: manyHeaders }),
    "431 Request Header Fields Too Large",
    "GET /apikey/",
  ],
  "headers of more than 16 KiB": [
    requestBytes("GET /apikey/", { headers: { "X-Long": "x".repeat(16 * 1024) } }),
    "431 Request Header Fields Too Large",
    "GET /apikey/",
  ],
  "a path of more than 16 KiB": [`GET /${"a".repeat(20_000)}`, "414 URI Too Long", "- -"],
};

for (const [what, [bytes, status, call]] of Object.entries(malformed)) {
  test(`${what} gets ${status}, a reason and the end of the connection`, async (t) => {
    const server = await serve(t, ["--fixtures", keysFile]);
    const wire = await connect(t, server);
    wire.send(bytes);
    const reason = await expectRejection(wire, status);
    await server.waitForOutput("stderr", /\n/);
    const code = status.slice(0, 3);
    assert.deepEqual(logLines(server), [`- ${call} ${code} transport ${reason}`]);
  });
}

test("a client that keeps sending an oversized body still receives the rejection", async (t) => {
  const wire = await connect(t, await serve(t));
  const headers = { "Content-Length": 8 * 1024 * 1024 };
  wire.send(requestBytes("POST /apikey/", { headers }) + "x".repeat(8 * 1024 * 1024));
  await expectRejection(wire, "413 Payload Too Large");
});

test("bytes after a request are rejected after its response, even a delayed one", async (t) => {
  const delay = { milliseconds: 400 };
  const server = await serveRules(t, [
    { on: "GET /apikey/", match: { query: { delayed: "1" } }, delay },
  ]);
  const wire = await connect(t, server);
  wire.send(`${list}${requestBytes("GET /apikey/?delayed=1")}${list}nonsense\r\n\r\n`);
  await expectList(wire);
  assert.ok((await expectList(wire)) - wire.sentAt >= 400);
  await expectList(wire);
  await expectRejection(wire, "400 Bad Request");
});
