/** Slow clients: when they are disconnected, and that they do not affect others. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test, { describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import {
  assertInRange,
  connect,
  connectMany,
  medianListTime,
  requestBytes,
  expectList,
  expectRejection,
} from "./client.mjs";
import { logLines } from "./log_lines.mjs";
import { keysFile, program, serve, serveRules, start } from "./server.mjs";

const list = requestBytes("GET /apikey/");
const create = requestBytes("POST /apikey/", { body: { name: "New", mode: "read" } });
/** A request must be complete this long after its first byte. */
const timeLimit = 10_000;
const maxTime = 20_000;

/** Requests a response of 128 KiB. So many of them are far more than sockets buffer. */
const big = requestBytes("GET /apikey/?big=1");
const bigBody = "0123456789abcdef".repeat(8192);
const bigCount = 200;

function serveBigResponses(t) {
  const respond = { status: 200, body: bigBody };
  return serveRules(t, [{ on: "GET /apikey/", match: { query: { big: "1" } }, respond }]);
}

/** Sends a text at one byte per second, until the connection ends. */
async function trickle(wire, text) {
  for (const byte of text) {
    if (wire.ending !== null) return;
    wire.socket.write(byte);
    await Promise.race([pause(1000), wire.closed]);
  }
}

// At the same time, because each takes more than ten seconds.
describe("a request that is incomplete 10 s after its first byte", { concurrency: true }, () => {
  const incomplete = {
    "the request line": ["GET /apikey/ HT", "- -"],
    "the head": ["GET /apikey/ HTTP/1.1\r\nHost: x\r\n", "GET /apikey/"],
    "the body": [create.slice(0, -1), "POST /apikey/"],
    "the last chunk": [
      `${requestBytes("DELETE /apikey/2/", { headers: { "Transfer-Encoding": "chunked" } })}1\r\nx\r\n`,
      "DELETE /apikey/2/",
    ],
  };
  for (const [what, [bytes, call]] of Object.entries(incomplete)) {
    test(`gets 408, and is logged: ${what} is incomplete`, async (t) => {
      const server = await serve(t, ["--fixtures", keysFile]);
      const wire = await connect(t, server);
      wire.send(bytes);
      const reason = await expectRejection(wire, "408 Request Timeout");
      assertInRange(wire.chunks[0].at - wire.sentAt, timeLimit, maxTime, "ms until the 408");
      await server.waitForOutput("stderr", /\n/);
      assert.deepEqual(logLines(server), [`- ${call} 408 transport ${reason}`]);
    });
  }

  test("gets 408 even if it sends a byte every second", async (t) => {
    const wire = await connect(t, await serve(t));
    const firstAt = performance.now();
    const sending = trickle(wire, list);
    await expectRejection(wire, "408 Request Timeout");
    assertInRange(wire.chunks[0].at - firstAt, timeLimit, maxTime, "ms until the 408");
    await sending;
  });

  test("has its own 10 s after an earlier request", async (t) => {
    const wire = await connect(t, await serve(t, ["--fixtures", keysFile]));
    wire.send(list);
    await expectList(wire);
    await pause(2000);
    wire.send(list.slice(0, 20));
    await expectRejection(wire, "408 Request Timeout");
    assertInRange(wire.chunks.at(-1).at - wire.sentAt, timeLimit, maxTime, "ms until the 408");
  });

  test("gets 408 after an earlier, delayed response", async (t) => {
    const delay = { milliseconds: timeLimit + 2000 };
    const wire = await connect(t, await serveRules(t, [{ on: "GET /apikey/", delay }]));
    wire.send(list + create.slice(0, -1));
    assertInRange((await expectList(wire)) - wire.sentAt, delay.milliseconds, maxTime, "ms");
    await expectRejection(wire, "408 Request Timeout");
  });

  test("is not the same as an idle connection, which stays open", async (t) => {
    const server = await serve(t, ["--fixtures", keysFile]);
    const [unused, used] = await connectMany(t, server, 2);
    used.send(list);
    await expectList(used);
    await pause(timeLimit + 2000);
    for (const wire of [unused, used]) {
      assert.deepEqual([wire.rest, wire.ending], ["", null]);
      wire.send(list);
      await expectList(wire);
    }
  });

  test("is not the same as a delayed or hanging response", async (t) => {
    const delay = { milliseconds: timeLimit + 2000 };
    const server = await serveRules(t, [
      { on: "GET /apikey/", delay },
      { on: "POST /apikey/", error: "server_error", fault: "HANG" },
    ]);
    const [delayed, hanging] = await connectMany(t, server, 2);
    delayed.send(list);
    hanging.send(create);
    assertInRange((await expectList(delayed)) - delayed.sentAt, delay.milliseconds, maxTime, "ms");
    assert.deepEqual([hanging.text, hanging.ending], ["", null]);
  });

  test("is not the same as a response that is not read yet", async (t) => {
    const wire = await connect(t, await serveBigResponses(t));
    wire.send(big);
    assert.equal((await wire.response()).status, 200);
    const length = wire.text.length; // Only X-Request-Id differs between the responses.
    wire.socket.pause();
    wire.send(big.repeat(bigCount));
    await pause(timeLimit + 2000);
    wire.socket.resume();
    await wire.waitFor(() => wire.text.length >= length * (bigCount + 1), "all responses");
    assert.equal(wire.text.split(`\r\n\r\n${bigBody}`).length, bigCount + 2);
    assert.equal(wire.text.length, length * (bigCount + 1));
  });
});

test("a request that takes 6 s to arrive succeeds", async (t) => {
  const wire = await connect(t, await serve(t, ["--fixtures", keysFile]));
  wire.socket.write(list.slice(0, -6));
  await trickle(wire, list.slice(-6));
  await expectList(wire);
});

test("idle clients and incomplete requests do not slow down others", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const idle = await connectMany(t, server, 300);
  const incomplete = await connectMany(t, server, 50);
  for (const wire of incomplete) wire.send(create.slice(0, -1));
  const trickling = await connectMany(t, server, 10);
  const sending = trickling.map((wire) => trickle(wire, list));
  assertInRange(await medianListTime(t, server), 0, 100, "ms until the median response");
  for (const wire of [...idle, ...incomplete, ...trickling]) {
    assert.deepEqual([wire.text, wire.ending], ["", null]);
    wire.socket.destroy();
  }
  await Promise.all(sending);
});

test("clients that never read do not slow down others", async (t) => {
  const server = await serveBigResponses(t);
  const wires = await connectMany(t, server, 20);
  for (const wire of wires) {
    wire.socket.pause();
    wire.send(big.repeat(bigCount));
  }
  assertInRange(await medianListTime(t, server), 0, 100, "ms until the median response");
});

/** Whether this process and its children can open this many files. */
function canOpen(files) {
  const limit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
  return limit === "unlimited" || Number(limit) >= files;
}

const maxConnections = 10_000;
const files = maxConnections + 500;
const skip = !canOpen(files) && `needs ${files} open files`;

test("connection 10,001 is rejected, until another one closes", { skip }, async (t) => {
  const shell = ["-c", `ulimit -n ${files} && exec "$0" "$@"`];
  const options = ["--port", "0", "--exit-on-stdin-close", "--log", "none"];
  const server = start(t, "sh", [...shell, program, ...options]);
  const [line] = await server.waitForOutput("stdout", /^.*\n/);
  server.url = JSON.parse(line).url;
  const healthCheck = requestBytes("GET /__admin/health");
  const wires = [];
  while (wires.length < maxConnections) {
    const some = await connectMany(t, server, 500);
    for (const wire of some) wire.send(healthCheck);
    for (const wire of some) assert.equal((await wire.response()).status, 200);
    wires.push(...some);
  }
  const rejected = await connect(t, server);
  rejected.send(healthCheck);
  const { status, headers, text } = await rejected.response();
  assert.deepEqual([status, headers.get("connection")], [503, "close"]);
  assert.match(text, /^{"error":"[^"]+"}$/);
  assert.equal(await rejected.end(), "FIN");

  wires[0].socket.end();
  await wires[0].end();
  const next = await connect(t, server);
  next.send(healthCheck);
  assert.equal((await next.response()).status, 200);
  assert.equal((await server.stop()).code, 0);
});
