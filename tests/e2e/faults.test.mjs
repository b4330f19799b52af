/** Broken answers: the bytes of each fault, and what holds for all of them. */
import assert from "node:assert/strict";
import test from "node:test";

import {
  ask,
  assertWithin,
  connect,
  listKeys,
  listKeysOnce,
  medianListTime,
  request,
  seesList,
} from "./client.mjs";
import { seesLines, toldLines } from "./log_lines.mjs";
import { keysFile, serve, serveRules } from "./server.mjs";

const newKey = { name: "New", mode: "read" };
const calls = ["GET /apikey/", "POST /apikey/", "DELETE /apikey/2/"];
/** The rules of each built-in scenario that act on them. */
const rules = [1, 3, 6];
const faults = [
  "CONNECTION_RESET_BY_PEER",
  "EMPTY_RESPONSE",
  "MALFORMED_RESPONSE_CHUNK",
  "RANDOM_DATA_THEN_CLOSE",
  "HANG",
];
/** Those that end the connection by themselves. */
const closingFaults = faults.filter((fault) => fault !== "HANG");
const preflight = request("OPTIONS /apikey/", { headers: { Origin: "https://app.example" } });

/** A call of the three, with an id of its own so that answers to it can be compared. */
function call(line) {
  const body = line.startsWith("POST") ? newKey : undefined;
  return request(line, { body, headers: { "X-Request-Id": "compare" } });
}

/** A request that asks for a fault from a server of `serveFaults`. */
function faulty(fault, line = "GET /apikey/", options = {}) {
  return request(line, { ...options, headers: { "X-Fault": fault } });
}

/** A server whose rules are these for each fault, which a request chooses by its header. */
function serveFaults(t, rule) {
  return serveRules(
    t,
    faults.map((fault) => {
      return { on: "* *", match: { header: { "X-Fault": fault } }, fault, ...rule };
    }),
  );
}

/** Sends bytes over a connection of their own. */
async function sent(t, server, bytes) {
  const wire = await connect(t, server);
  wire.send(bytes);
  return wire;
}

/** Sends bytes and waits for the end of their connection: how it came, and all that came before. */
async function outcome(t, server, bytes) {
  const wire = await sent(t, server, bytes);
  return { end: await wire.end(), text: wire.text };
}

function serveBuiltIn(t, name) {
  return serve(t, ["--fixtures", keysFile, "--scenario", name]);
}

for (const [name, end] of [
  ["connection-reset-by-peer", "ECONNRESET"],
  ["empty-response", "FIN"],
]) {
  test(`${name} ends every call by ${end} without a byte`, async (t) => {
    const server = await serveBuiltIn(t, name);
    const fault = name.replaceAll("-", "_").toUpperCase();
    for (const line of calls) {
      const { end: how, text } = await outcome(t, server, call(line));
      assert.deepEqual({ how, text }, { how: end, text: "" }, line);
    }
    await seesLines(server, calls.length);
    const lines = calls.map(
      (line, i) => `- ${line} 200 ${name}, rule ${rules[i]} (fault ${fault})`,
    );
    assert.deepEqual(toldLines(server), lines);
  });
}

/** The head of an answer without what says how its body is framed, sorted by name. */
function headWithoutFraming({ status, headers }) {
  const framing = ["connection", "content-length", "keep-alive", "transfer-encoding"];
  return [status, ...[...headers].filter(([name]) => !framing.includes(name))];
}

test("malformed-response-chunk has the usual head, then bytes that are no chunk", async (t) => {
  const usual = await serve(t, ["--fixtures", keysFile]);
  const server = await serveBuiltIn(t, "malformed-response-chunk");
  for (const line of calls) {
    const expected = await (await sent(t, usual, call(line))).answer();
    const wire = await sent(t, server, call(line));
    assert.equal(await wire.end(), "FIN");
    const head = await wire.answer({ hasBody: false });
    assert.deepEqual(headWithoutFraming(head), headWithoutFraming(expected));
    assert.equal(head.headers.get("transfer-encoding"), "chunked");
    assert.equal(head.headers.get("connection"), "close");
    for (const name of ["content-length", "keep-alive"]) assert.equal(head.headers.get(name), null);
    assert.match(wire.rest, /^[^]+$/);
    assert.doesNotMatch(wire.rest, /^[0-9a-f]+[ \t]*(;.*)?\r\n/i);
  }
});

test("malformed-response-chunk makes fetch fail on reading the body, and not before", async (t) => {
  const server = await serveBuiltIn(t, "malformed-response-chunk");
  const answer = await fetch(`${server.url}/apikey/`, { headers: { authorization: "ak_123" } });
  assert.equal(answer.status, 200);
  await assert.rejects(answer.text(), (failure) => failure.cause.code === "HPE_INVALID_CHUNK_SIZE");
});

test("random-data-then-close answers with bytes that are no HTTP, always the same", async (t) => {
  const texts = new Set();
  for (let i = 0; i < 2; ++i) {
    const server = await serveBuiltIn(t, "random-data-then-close");
    for (const line of calls) {
      const { end, text } = await outcome(t, server, call(line));
      assert.equal(end, "FIN", line);
      texts.add(text);
    }
    const asked = ask(server, "GET /apikey/", { key: "ak_123" });
    await assert.rejects(asked, /no answer to GET/);
  }
  const [text, ...others] = texts;
  assert.deepEqual(others, []);
  assert.match(text, /^[^]+$/);
  assert.doesNotMatch(text, /^\s*HTTP\//i);
});

test("hang never answers, and keeps the connection until the client closes it", async (t) => {
  const server = await serveBuiltIn(t, "hang");
  const wires = [];
  for (const line of calls) wires.push(await sent(t, server, call(line) + preflight));
  await seesLines(server, calls.length);
  const lines = calls.map((line, i) => `- ${line} 200 hang, rule ${rules[i]} (fault HANG)`);
  assert.deepEqual(toldLines(server).sort(), lines.sort());
  for (let i = 0; i < 20; ++i) {
    assert.equal((await (await sent(t, server, preflight)).answer()).status, 204);
  }
  for (const wire of wires) {
    assert.deepEqual([wire.text, wire.ending], ["", null]);
    wire.socket.end();
    assert.equal(await wire.end(), "FIN");
    assert.equal(wire.text, "");
  }
});

test("a hanging request lets earlier answers through, and no later ones", async (t) => {
  const server = await serveBuiltIn(t, "hang");
  const wire = await sent(t, server, preflight + call("GET /apikey/") + preflight);
  assert.equal((await wire.answer()).status, 204);
  await server.sees("stderr", /\(fault HANG\)\n/);
  const next = await sent(t, server, preflight);
  assert.equal((await next.answer()).status, 204);
  wire.socket.end();
  assert.equal(await wire.end(), "FIN");
  assert.equal(wire.rest, "");
});

test("100 hanging requests do not slow others", async (t) => {
  const server = await serveFaults(t, {});
  const wires = [];
  for (let i = 0; i < 100; ++i) wires.push(await sent(t, server, faulty("HANG")));
  assertWithin(await medianListTime(t, server), 0, 100, "ms until the median answer");
  for (const wire of wires) assert.deepEqual([wire.text, wire.ending], ["", null]);
});

for (const fault of faults) {
  test(`${fault}: a create and a delete are carried out, though nobody hears of it`, async (t) => {
    const server = await serveFaults(t, {});
    const create = await sent(t, server, faulty(fault, "POST /apikey/", { body: newKey }));
    const { name, id } = (await listKeysOnce(server, 5)).at(-1);
    assert.deepEqual({ name, id }, { name: "New", id: 6 });
    const remove = await sent(t, server, faulty(fault, "DELETE /apikey/2/"));
    const left = await listKeysOnce(server, 4);
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

test("with an injected error a fault changes no state", async (t) => {
  const server = await serveFaults(t, { error: "server_error" });
  for (const fault of faults) {
    await sent(t, server, faulty(fault, "POST /apikey/", { body: newKey }));
    await server.sees("stderr", new RegExp(` POST .*fault ${fault}\\)\\n`));
  }
  assert.deepEqual(
    (await listKeys(server)).map(({ id }) => id),
    [1, 2, 3, 4],
  );
});

test("a malformed chunk follows the head of an injected error or a literal answer", async (t) => {
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
    const wire = await sent(t, server, call(line));
    const head = await wire.answer({ hasBody: false });
    assert.deepEqual([head.status, head.headers.get(name)], [status, value]);
    assert.equal(head.headers.get("transfer-encoding"), "chunked");
    assert.equal(await wire.end(), "FIN");
  }
});

for (const fault of closingFaults) {
  test(`${fault} comes after the answers before it, late ones too`, async (t) => {
    const list = { on: "GET /apikey/", delay: { milliseconds: 400 } };
    const server = await serveRules(t, [{ on: "POST /apikey/", fault }, list]);
    const alone = await outcome(t, server, call("POST /apikey/"));
    const earlier = preflight + call("GET /apikey/");
    const wire = await sent(t, server, earlier + call("POST /apikey/") + preflight);
    assert.equal((await wire.answer()).status, 204);
    const { text, at } = await wire.answer();
    assertWithin(at - wire.sentAt, 400, 5000, "ms until the late answer");
    assert.equal(JSON.parse(text).data[0].key, "ak_123");
    // libuv, and so Node, may tell of a reset that comes together with bytes as of a FIN.
    const end = await wire.end();
    assert.ok(end === alone.end || (end === "FIN" && alone.end === "ECONNRESET"), end);
    assert.equal(wire.rest, alone.text);
  });
}

for (const fault of closingFaults) {
  test(`${fault} waits for its delay, and the log tells of both`, async (t) => {
    const server = await serveFaults(t, { delay: { milliseconds: 500 } });
    const wire = await sent(t, server, preflight + faulty(fault));
    assert.equal((await wire.answer()).status, 204);
    const end = fault === "CONNECTION_RESET_BY_PEER" ? "ECONNRESET" : "FIN";
    assert.equal(await wire.end(), end);
    assertWithin(performance.now() - wire.sentAt, 500, 5000, "ms until the end");
    assert.equal(wire.pieces.length, wire.rest === "" ? 1 : 2);
    if (wire.rest !== "") assert.ok(wire.pieces[1].at - wire.sentAt >= 500);
    await seesLines(server, 2);
    const rule = `own, rule ${faults.indexOf(fault) + 1}`;
    assert.deepEqual(toldLines(server), [
      "- OPTIONS /apikey/ 204 -",
      `- GET /apikey/ 200 ${rule} (delay 500 ms, fault ${fault})`,
    ]);
  });
}

test("after a fault a new connection is served as ever", async (t) => {
  const server = await serveFaults(t, {});
  for (const fault of faults) await sent(t, server, faulty(fault));
  await seesList(await sent(t, server, request("GET /apikey/")));
});
