/** Clients that take their time: what is cut off and when, and that others do not notice. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test, { describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import {
  assertWithin,
  connect,
  connectMany,
  listText,
  medianListTime,
  request,
  seesList,
} from "./client.mjs";
import { toldLines } from "./log_lines.mjs";
import { keysFile, program, serve, serveRules, start } from "./server.mjs";

const list = request("GET /apikey/");
const create = request("POST /apikey/", { body: { name: "New", mode: "read" } });
/** A request must be whole this long after its first byte. */
const deadline = 10_000;
const beyond = 20_000;

/** Asks for an answer of 128 KiB; as many as these are far more than the sockets take. */
const big = request("GET /apikey/?big=1");
const bigBody = "0123456789abcdef".repeat(8192);
const bigCount = 200;

function serveBigAnswers(t) {
  const respond = { status: 200, body: bigBody };
  return serveRules(t, [{ on: "GET /apikey/", match: { query: { big: "1" } }, respond }]);
}

/** Sends a text byte by byte, one a second, until it is all sent or the connection ends. */
async function trickle(wire, text) {
  for (const byte of text) {
    if (wire.ending !== null) return;
    wire.socket.write(byte);
    await Promise.race([pause(1000), wire.closed]);
  }
}

/** Checks that the next answer is a whole 408, and the last. Gives its reason. */
async function seesTimeout(wire, { hasBody = true } = {}) {
  const { status, headers, text } = await wire.answer({ hasBody });
  const reason = headers.get("x-mock-reason");
  assert.equal(status, 408);
  assert.ok(wire.text.includes("HTTP/1.1 408 Request Timeout\r\n"), wire.text);
  assert.match(reason, /^[A-Z].*\.$/);
  assert.equal(text, hasBody ? JSON.stringify({ error: reason }) : "");
  assert.equal(headers.get("connection"), "close");
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
  return reason;
}

// All at a time, for each takes more than ten seconds.
describe("a request that is not whole 10 s after its first byte", { concurrency: true }, () => {
  const pieces = {
    "has no whole request line": ["GET /apikey/ HT", "- -"],
    "lacks the end of its head": ["GET /apikey/ HTTP/1.1\r\nHost: x\r\n", "GET /apikey/"],
    "lacks the end of its body": [create.slice(0, -1), "POST /apikey/"],
    "lacks its last chunk": [
      `${request("DELETE /apikey/2/", { headers: { "Transfer-Encoding": "chunked" } })}1\r\nx\r\n`,
      "DELETE /apikey/2/",
    ],
  };
  for (const [what, [bytes, who]] of Object.entries(pieces)) {
    test(`gets 408 and is told in the log: it ${what}`, async (t) => {
      const server = await serve(t, ["--fixtures", keysFile]);
      const wire = await connect(t, server);
      wire.send(bytes);
      const reason = await seesTimeout(wire);
      assertWithin(wire.pieces[0].at - wire.sentAt, deadline, beyond, "ms until the 408");
      await server.sees("stderr", /\n/);
      assert.deepEqual(toldLines(server), [`- ${who} 408 transport ${reason}`]);
    });
  }

  test("gets 408 though it brings a byte every second", async (t) => {
    const wire = await connect(t, await serve(t));
    const firstAt = performance.now();
    const sending = trickle(wire, list);
    await seesTimeout(wire);
    assertWithin(wire.pieces[0].at - firstAt, deadline, beyond, "ms until the 408");
    await sending;
  });

  test("gets a 408 without a body if it is a HEAD", async (t) => {
    const wire = await connect(t, await serve(t));
    wire.send(request("HEAD /apikey/", { headers: { "Content-Length": 5 } }));
    await seesTimeout(wire, { hasBody: false });
    assertWithin(wire.pieces[0].at - wire.sentAt, deadline, beyond, "ms until the 408");
  });

  test("has 10 s of its own after an answered one", async (t) => {
    const wire = await connect(t, await serve(t, ["--fixtures", keysFile]));
    wire.send(list);
    await seesList(wire);
    await pause(2000);
    wire.send(list.slice(0, 20));
    await seesTimeout(wire);
    assertWithin(wire.pieces.at(-1).at - wire.sentAt, deadline, beyond, "ms until the 408");
  });

  test("gets 408 after the late answer before it", async (t) => {
    const delay = { milliseconds: deadline + 2000 };
    const wire = await connect(t, await serveRules(t, [{ on: "GET /apikey/", delay }]));
    wire.send(list + create.slice(0, -1));
    assertWithin((await seesList(wire)) - wire.sentAt, delay.milliseconds, beyond, "ms");
    await seesTimeout(wire);
  });

  test("is no idle connection: those are kept, fresh ones and used ones", async (t) => {
    const server = await serve(t, ["--fixtures", keysFile]);
    const [fresh, used] = await connectMany(t, server, 2);
    used.send(list);
    await seesList(used);
    await pause(deadline + 2000);
    for (const wire of [fresh, used]) {
      assert.deepEqual([wire.rest, wire.ending], ["", null]);
      wire.send(list);
      await seesList(wire);
    }
  });

  test("is no request that waits for its answer: those may be late, or hang", async (t) => {
    const delay = { milliseconds: deadline + 2000 };
    const server = await serveRules(t, [
      { on: "GET /apikey/", delay },
      { on: "POST /apikey/", error: "server_error", fault: "HANG" },
    ]);
    const [late, hanging] = await connectMany(t, server, 2);
    late.send(list);
    hanging.send(create);
    assertWithin((await seesList(late)) - late.sentAt, delay.milliseconds, beyond, "ms");
    assert.deepEqual([hanging.text, hanging.ending], ["", null]);
  });

  test("is no request whose answer is not read: all answers come when it is", async (t) => {
    const wire = await connect(t, await serveBigAnswers(t));
    wire.send(big);
    assert.equal((await wire.answer()).status, 200);
    const length = wire.text.length; // All answers are alike but for X-Request-Id.
    wire.socket.pause();
    wire.send(big.repeat(bigCount));
    await pause(deadline + 2000);
    wire.socket.resume();
    await wire.sees(() => wire.text.length >= length * (bigCount + 1), "all answers");
    assert.equal(wire.text.split(`\r\n\r\n${bigBody}`).length, bigCount + 2);
    assert.equal(wire.text.length, length * (bigCount + 1));
  });
});

test("a request that takes 6 s to arrive is answered", async (t) => {
  const wire = await connect(t, await serve(t, ["--fixtures", keysFile]));
  wire.socket.write(list.slice(0, -6));
  await trickle(wire, list.slice(-6));
  await seesList(wire);
});

test("idle, torn and trickling clients do not slow others", async (t) => {
  const server = await serve(t, ["--fixtures", keysFile]);
  const idle = await connectMany(t, server, 300);
  const torn = await connectMany(t, server, 50);
  for (const wire of torn) wire.send(create.slice(0, -1));
  const trickling = await connectMany(t, server, 10);
  const sending = trickling.map((wire) => trickle(wire, list));
  assertWithin(await medianListTime(t, server), 0, 100, "ms until the median answer");
  for (const wire of [...idle, ...torn, ...trickling]) {
    assert.deepEqual([wire.text, wire.ending], ["", null]);
    wire.socket.destroy();
  }
  await Promise.all(sending);
});

test("clients that never read do not slow others", async (t) => {
  const server = await serveBigAnswers(t);
  const wires = await connectMany(t, server, 20);
  for (const wire of wires) {
    wire.socket.pause();
    wire.send(big.repeat(bigCount));
  }
  assertWithin(await medianListTime(t, server), 0, 100, "ms until the median answer");
});

/** Whether this process and its children may have so many files open. */
function mayOpen(files) {
  const limit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
  return limit === "unlimited" || Number(limit) >= files;
}

const most = 10_000;
const files = most + 500;
const skip = !mayOpen(files) && `takes ${files} open files`;

test("of 10,001 connections the last is refused, until another has gone", { skip }, async (t) => {
  const shell = ["-c", `ulimit -n ${files} && exec "$0" "$@"`];
  const options = ["--port", "0", "--exit-on-stdin-close", "--log", "none"];
  const server = start(t, "sh", [...shell, program, ...options]);
  const [line] = await server.sees("stdout", /^.*\n/);
  server.url = JSON.parse(line).url;
  const ask = request("GET /__admin/health");
  const wires = [];
  while (wires.length < most) {
    const some = await connectMany(t, server, 500);
    for (const wire of some) wire.send(ask);
    for (const wire of some) assert.equal((await wire.answer()).status, 200);
    wires.push(...some);
  }
  const refused = await connect(t, server);
  refused.send(ask);
  const { status, headers, text } = await refused.answer();
  assert.deepEqual([status, headers.get("connection")], [503, "close"]);
  assert.match(text, /^{"error":"[^"]+"}$/);
  assert.equal(await refused.end(), "FIN");

  wires[0].socket.end();
  await wires[0].end();
  const next = await connect(t, server);
  next.send(ask);
  assert.equal((await next.answer()).status, 200);
  assert.equal((await server.stop()).code, 0);
});
