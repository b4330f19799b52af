/** Faults: broken responses and connections. */
import assert from "node:assert/strict";
import test from "node:test";

import {
  send,
  assertInRange,
  connect,
  listKeys,
  waitForKeys,
  medianListTime,
  requestBytes,
  expectList,
} from "./client.mjs";
import { waitForLines, logLines } from "./log_lines.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const newKey = { name: "New", mode: "read" };
const calls = ["GET /apikey/", "POST /apikey/", "DELETE /apikey/2/"];
/** The numbers of the rules for these calls in each built-in scenario. */
const rules = [1, 3, 6];
const faults = [
  "CONNECTION_RESET_BY_PEER",
  "EMPTY_RESPONSE",
  "MALFORMED_RESPONSE_CHUNK",
  "RANDOM_DATA_THEN_CLOSE",
  "HANG",
];
/** Faults that end the connection. */
const closingFaults = faults.filter((fault) => fault !== "HANG");
const preflight = requestBytes("OPTIONS /apikey/", { headers: { Origin: "https://app.example" } });

/** The bytes of one of the three calls, with a fixed X-Request-Id. */
function call(line) {
  const body = line.startsWith("POST") ? newKey : undefined;
  return requestBytes(line, { body, headers: { "X-Request-Id": "compare" } });
}

/** A request that gets a fault from a server of `serveFaults`. */
function faulty(fault, line = "GET /apikey/", options = {}) {
  return requestBytes(line, { ...options, headers: { "X-Fault": fault } });
}

/** Starts a server with this rule for each fault. The header X-Fault selects one. */
function serveFaults(t, rule) {
  return serveRules(
    t,
    faults.map((fault) => {
      return { on: "* *", match: { header: { "X-Fault": fault } }, fault, ...rule };
    }),
  );
}

/** Sends bytes over a new connection, and returns it. */
async function sendBytes(t, server, bytes) {
  const wire = await connect(t, server);
  wire.send(bytes);
  return wire;
}

/** Sends bytes over a new connection. Returns everything received, and how it ended. */
async function outcome(t, server, bytes) {
  const wire = await sendBytes(t, server, bytes);
  return { end: await wire.end(), text: wire.text };
}

/** So that Date is the same in all responses. */
const frozen = ["--fixtures", keysFile, "--now", "2024-02-12T00:00:00Z", "--freeze"];

function serveBuiltIn(t, name) {
  return serve(t, [...frozen, "--scenario", name]);
}

for (const [name, end] of [
  ["connection-reset-by-peer", "ECONNRESET"],
  ["empty-response", "FIN"],
]) {
  test(`${name} ends every call with ${end}, without a byte`, async (t) => {
    const server = await serveBuiltIn(t, name);
    const fault = name.replaceAll("-", "_").toUpperCase();
    for (const line of calls) {
      const { end: how, text } = await outcome(t, server, call(line));
      assert.deepEqual({ how, text }, { how: end, text: "" }, line);
    }
    await waitForLines(server, calls.length);
    const lines = calls.map(
      (line, i) => `- ${line} 200 ${name}, rule ${rules[i]} (fault ${fault})`,
    );
    assert.deepEqual(logLines(server), lines);
  });
}

/** Status and headers of a response, without the framing headers, sorted by name. */
function headWithoutFraming({ status, headers }) {
  const framing = ["connection", "content-length", "keep-alive", "transfer-encoding"];
  return [status, ...[...headers].filter(([name]) => !framing.includes(name))];
}

test("malformed-response-chunk sends the usual head and an invalid chunk", async (t) => {
  const usual = await serve(t, frozen);
  const server = await serveBuiltIn(t, "malformed-response-chunk");
  for (const line of calls) {
    const expected = await (await sendBytes(t, usual, call(line))).response();
    const wire = await sendBytes(t, server, call(line));
    assert.equal(await wire.end(), "FIN");
    const head = await wire.response({ hasBody: false });
    assert.deepEqual(headWithoutFraming(head), headWithoutFraming(expected));
    assert.equal(head.headers.get("transfer-encoding"), "chunked");
    assert.equal(head.headers.get("connection"), "close");
    for (const name of ["content-length", "keep-alive"]) assert.equal(head.headers.get(name), null);
    assert.match(wire.rest, /^[^]+$/);
    assert.doesNotMatch(wire.rest, /^[0-9a-f]+[ \t]*(;.*)?\r\n/i);
  }
});

test("malformed-response-chunk lets fetch fail only when it reads the body", async (t) => {
  const server = await serveBuiltIn(t, "malformed-response-chunk");
  const response = await fetch(`${server.url}/apikey/`, { headers: { authorization: "ak_123" } });
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), (failure) => failure.cause.code === "HPE_INVALID_CHUNK_SIZE");
});

test("random-data-then-close sends bytes that are not HTTP, and always the same", async (t) => {
  const texts = new Set();
  for (let i = 0; i < 2; ++i) {
    const server = await serveBuiltIn(t, "random-data-then-close");
    for (const line of calls) {
      const { end, text } = await outcome(t, server, call(line));
      assert.equal(end, "FIN", line);
      texts.add(text);
    }
    await assert.rejects(send(server, "GET /apikey/", { key: "ak_123" }), /no response to GET/);
  }
  const [text, ...others] = texts;
  assert.deepEqual(others, []);
  assert.match(text, /^[^]+$/);
  assert.doesNotMatch(text, /^\s*HTTP\//i);
});

test("hang never responds, and keeps the connection open until the client closes it", async (t) => {
  const server = await serveBuiltIn(t, "hang");
  const wires = [];
  for (const line of calls) wires.push(await sendBytes(t, server, call(line) + preflight));
  await waitForLines(server, calls.length);
  const lines = calls.map((line, i) => `- ${line} 200 hang, rule ${rules[i]} (fault HANG)`);
  assert.deepEqual(logLines(server).sort(), lines.sort());
  for (let i = 0; i < 20; ++i) {
    assert.equal((await (await sendBytes(t, server, preflight)).response()).status, 204);
  }
  for (const wire of wires) {
    assert.deepEqual([wire.text, wire.ending], ["", null]);
    wire.socket.end();
    assert.equal(await wire.end(), "FIN");
    assert.equal(wire.text, "");
  }
});

test("a hanging request does not affect earlier responses, but blocks later ones", async (t) => {
  const server = await serveBuiltIn(t, "hang");
  const wire = await sendBytes(t, server, preflight + call("GET /apikey/") + preflight);
  assert.equal((await wire.response()).status, 204);
  await server.waitForOutput("stderr", /\(fault HANG\)\n/);
  const next = await sendBytes(t, server, preflight);
  assert.equal((await next.response()).status, 204);
  wire.socket.end();
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
});

test("100 hanging requests do not slow others", async (t) => {
  const server = await serveFaults(t, {});
  const wires = [];
  for (let i = 0; i < 100; ++i) wires.push(await sendBytes(t, server, faulty("HANG")));
  assertInRange(await medianListTime(t, server), 0, 100, "ms until the median response");
  for (const wire of wires) assert.deepEqual([wire.text, wire.ending], ["", null]);
});

for (const fault of faults) {
  test(`${fault}: a create and a delete change the keys`, async (t) => {
    const server = await serveFaults(t, {});
    const create = await sendBytes(t, server, faulty(fault, "POST /apikey/", { body: newKey }));
    const { name, id } = (await waitForKeys(server, 5)).at(-1);
    assert.deepEqual({ name, id }, { name: "New", id: 6 });
    const remove = await sendBytes(t, server, faulty(fault, "DELETE /apikey/2/"));
    const left = await waitForKeys(server, 4);
    assert.deepEqual(
      left.map((key) => key.id),
      [1, 3, 4, 6],
    );
    for (const wire of [create, remove]) {
      if (fault !== "HANG") await wire.end();
      assert.doesNotMatch(wire.text, /"apikey"|"success"/);
    }
  });
}

test("a fault with an injected error changes no keys", async (t) => {
  const server = await serveFaults(t, { error: "server_error" });
  for (const fault of faults) {
    await sendBytes(t, server, faulty(fault, "POST /apikey/", { body: newKey }));
    await server.waitForOutput("stderr", new RegExp(` POST .*fault ${fault}\\)\\n`));
  }
  assert.deepEqual(
    (await listKeys(server)).map(({ id }) => id),
    [1, 2, 3, 4],
  );
});

test("a malformed chunk follows the head of an injected error or a literal response", async (t) => {
  const respond = { status: 503, headers: { "Retry-After": "1" }, body: "down" };
  const fault = "MALFORMED_RESPONSE_CHUNK";
  const server = await serveRules(t, [
    { on: "GET /apikey/", respond, fault },
    { on: "POST /apikey/", error: "permission_denied", fault },
  ]);
  for (const [line, status, name, value] of [
    ["GET /apikey/", 503, "retry-after", "1"],
    ["POST /apikey/", 403, "x-mock-reason", "scenario own, rule 2: error permission_denied"],
  ]) {
    const wire = await sendBytes(t, server, call(line));
    const head = await wire.response({ hasBody: false });
    assert.deepEqual([head.status, head.headers.get(name)], [status, value]);
    assert.equal(head.headers.get("transfer-encoding"), "chunked");
    assert.equal(await wire.end(), "FIN");
  }
});

for (const fault of closingFaults) {
  test(`${fault} follows earlier responses, even delayed ones`, async (t) => {
    const list = { on: "GET /apikey/", delay: { milliseconds: 400 } };
    const server = await serveRules(t, [{ on: "POST /apikey/", fault }, list]);
    const alone = await outcome(t, server, call("POST /apikey/"));
    const earlier = preflight + call("GET /apikey/");
    const wire = await sendBytes(t, server, earlier + call("POST /apikey/") + preflight);
    assert.equal((await wire.response()).status, 204);
    const { text, at } = await wire.response();
    assertInRange(at - wire.sentAt, 400, 5000, "ms until the delayed response");
    assert.equal(JSON.parse(text).data[0].key, "ak_123");
    // Node.js may report a reset that arrives together with bytes as a FIN.
    const end = await wire.end();
    assert.ok(end === alone.end || (end === "FIN" && alone.end === "ECONNRESET"), end);
    assert.equal(wire.rest, alone.text);
  });
}

for (const fault of closingFaults) {
  test(`${fault} can be delayed, and the log shows both`, async (t) => {
    const server = await serveFaults(t, { delay: { milliseconds: 500 } });
    const wire = await sendBytes(t, server, preflight + faulty(fault));
    assert.equal((await wire.response()).status, 204);
    const end = fault === "CONNECTION_RESET_BY_PEER" ? "ECONNRESET" : "FIN";
    assert.equal(await wire.end(), end);
    assertInRange(performance.now() - wire.sentAt, 500, 5000, "ms until the end");
    assert.equal(wire.chunks.length, wire.rest === "" ? 1 : 2);
    if (wire.rest !== "") assert.ok(wire.chunks[1].at - wire.sentAt >= 500);
    await waitForLines(server, 2);
    const rule = `own, rule ${faults.indexOf(fault) + 1}`;
    assert.deepEqual(logLines(server), [
      "- OPTIONS /apikey/ 204 -",
      `- GET /apikey/ 200 ${rule} (delay 500 ms, fault ${fault})`,
    ]);
  });
}

test("after a fault, new connections work as usual", async (t) => {
  const server = await serveFaults(t, {});
  for (const fault of faults) await sendBytes(t, server, faulty(fault));
  await expectList(await sendBytes(t, server, requestBytes("GET /apikey/")));
});
